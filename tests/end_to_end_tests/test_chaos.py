"""Whatever is killed, whenever: no finished stage twice, no failure as a number, a whole study."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.end_to_end_tests.chaos import KINDS, Chaos, faults

KILLS = 30


@pytest.mark.lean
@pytest.mark.slow
@pytest.mark.timeout(5400)
def test_thirty_kills_of_every_part_cost_no_finished_stage_and_no_truth(tmp_path: Path) -> None:
    chaos = Chaos(tmp_path, seed=0)
    try:
        while len(chaos.killed) < KILLS:
            chaos.kill_something()
            assert len(chaos.ended_by_itself) < KILLS, chaos.ended_by_itself
        status = chaos.finish(seconds=1200)
    finally:
        chaos.close()

    assert status == 0, chaos.printed()
    assert faults(chaos) == []
    assert set(Counter(chaos.killed)) == set(KINDS)
    print(Counter(chaos.killed), Counter(one.state.value for one in chaos.records()))  # noqa: T201
    print("\n".join(chaos.ended_by_itself))  # noqa: T201
