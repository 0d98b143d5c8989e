from __future__ import annotations

import itertools
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from trainers.batches import arrange

lengths = st.lists(st.integers(1, 500), min_size=1, max_size=60)


@given(lengths, st.integers(1, 20), st.integers(1, 9), st.integers(0, 2**32))
def test_every_batch_is_full_and_every_row_is_read_equally_often(lengths, steps, size, seed):
    order = arrange(lengths, steps=steps, batch_size=size, seed=seed)
    assert len(order) == steps * size
    reads = Counter(order)
    times = [reads[row] for row in range(len(lengths))]
    assert max(times) - min(times) <= 1


@given(lengths, st.integers(0, 2**32))
def test_the_order_follows_from_the_seed(lengths, seed):
    first = arrange(lengths, steps=5, batch_size=4, seed=seed)
    assert first == arrange(lengths, steps=5, batch_size=4, seed=seed)


def test_another_seed_gives_another_order():
    orders = {tuple(arrange([5] * 40, steps=5, batch_size=4, seed=seed)) for seed in range(10)}
    assert len(orders) == 10


def test_padding_is_less_than_when_batches_are_drawn_blindly():
    lengths = list(range(40, 88)) * 10

    def padded(order):
        batches = [order[at : at + 16] for at in range(0, len(order), 16)]
        return sum(16 * max(lengths[row] for row in batch) for batch in batches)

    sorted_pools = arrange(lengths, steps=30, batch_size=16, seed=0)
    blind = [row for start in range(16) for row in range(start, 480, 16)][:480]
    assert padded(sorted_pools) < 1.15 * sum(lengths)
    assert padded(blind) > 1.25 * sum(lengths)


def test_short_batches_do_not_all_come_first():
    lengths = list(range(100))
    order = arrange(lengths, steps=100, batch_size=4, seed=0)
    means = [sum(order[at : at + 4]) / 4 for at in range(0, 400, 4)]
    rises = sum(a < b for a, b in itertools.pairwise(means))
    assert 30 < rises < 70
