from __future__ import annotations

import dataclasses
import io
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from engines import meter
from engines.ledger import (
    NANO,
    Cost,
    Ledger,
    LedgerEntry,
    StageCost,
    StudyLedger,
    money,
    saved,
    spent,
)
from search.console import Console
from search.report.ledger import ledger_notes, ledger_table, so_far
from search.study.ledger import made_by, study_ledger, whole_ledger
from search.study.records import State, TrialRecord
from stores.stages import StageStore

WHOLE = [one.name for one in dataclasses.fields(Cost) if one.type == "int"]
NUMBERS = TypeAdapter(list[int])

COSTS = st.builds(
    Cost,
    seconds=st.integers(0, 10**6).map(lambda thousandths: thousandths / 1000),
    cpu_seconds=st.integers(0, 10**6).map(lambda thousandths: thousandths / 1000),
    **{name: st.integers(0, 10**12) for name in WHOLE},
)
LINES = st.builds(
    StageCost,
    stage=st.sampled_from(["generate", "check", "train", "evaluate"]),
    key=st.sampled_from("abcdef"),
    cached=st.booleans(),
    cost=COSTS,
    own=st.booleans(),
)
ENTRIES = st.lists(st.builds(LedgerEntry, who=st.sampled_from(["trial 0", "trial 1"]), line=LINES))


@given(ENTRIES)
def test_the_sum_by_stage_is_the_sum_by_trial_is_the_sum_of_the_study(
    entries: list[LedgerEntry],
) -> None:
    ledger = StudyLedger.of(entries)

    for sums in (ledger.by_stage(), ledger.by_trial()):
        total = sum(sums.values(), Cost())
        for name in WHOLE:
            assert getattr(total, name) == getattr(ledger.spent, name)
        assert total.seconds == pytest.approx(ledger.spent.seconds)
        assert total.cpu_seconds == pytest.approx(ledger.spent.cpu_seconds)


@given(ENTRIES)
def test_a_stage_is_paid_for_once_whoever_names_it(entries: list[LedgerEntry]) -> None:
    ledger = StudyLedger.of([*entries, *entries])

    assert ledger.spent == StudyLedger.of(entries).spent
    paid = [(one.line.stage, one.line.key) for one in ledger.entries if one.line.paid]
    assert len(paid) == len(set(paid))


def count_to(stages: StageStore, stage: str, most: int) -> None:
    def compute(_: Path) -> list[int]:
        meter.current().add(Cost(nanodollars=7, cached_tokens=2))
        return list(range(most))

    stages.run(
        stage,
        inputs={"most": most},
        compute=compute,
        codec=NUMBERS,
        cost=lambda numbers: Cost(checks=len(numbers)),
    )


def store_of(root: Path, trial: int) -> StageStore:
    return StageStore(root, ledger=Ledger(), maker=f"study/trial {trial}")


def test_a_resumed_trial_pays_for_what_its_killed_attempt_finished_and_only_once(
    tmp_path: Path,
) -> None:
    killed = store_of(tmp_path, 0)
    count_to(killed, "generate", 3)
    resumed = store_of(tmp_path, 0)
    count_to(resumed, "generate", 3)
    count_to(resumed, "check", 2)
    again = store_of(tmp_path, 0)
    for stage, most in (("generate", 3), ("check", 2)):
        count_to(again, stage, most)

    assert spent(killed.ledger.lines).checks == 3
    for attempt in (resumed, again):
        assert spent(attempt.ledger.lines).checks == 5
        assert spent(attempt.ledger.lines).nanodollars == 14
        assert saved(attempt.ledger.lines) == Cost()


def test_a_stage_that_another_trial_ran_is_read_and_not_paid_for(tmp_path: Path) -> None:
    first, second = store_of(tmp_path, 0), store_of(tmp_path, 1)
    count_to(first, "generate", 3)
    count_to(second, "generate", 3)

    assert spent(second.ledger.lines) == Cost()
    assert saved(second.ledger.lines).checks == 3


def test_what_is_metered_is_in_the_manifest_beside_what_the_value_says(tmp_path: Path) -> None:
    store = store_of(tmp_path, 0)
    count_to(store, "generate", 3)
    cost = store.ledger.lines[0].cost

    assert (cost.nanodollars, cost.cached_tokens, cost.checks) == (7, 2, 3)
    again = store_of(tmp_path, 9)
    count_to(again, "generate", 3)
    assert again.ledger.lines[0].cost == cost


def test_a_meter_counts_processor_seconds_and_held_gpus() -> None:
    with meter.metered(gpus=0.5) as used:
        for _ in itertools.repeat(None, 300_000):
            pass

    assert used.used.cpu_seconds > 0
    assert used.used.gpu_seconds == pytest.approx(used.used.seconds / 2, abs=0.001)
    meter.current().add(Cost(checks=1))  # nobody reads it
    assert used.used.checks == 0


def test_the_ledger_can_be_summed_again_from_the_manifests(tmp_path: Path) -> None:
    records = []
    for trial in range(3):
        store = store_of(tmp_path, trial)
        count_to(store, "generate", 3)  # run by trial 0, read by the others
        count_to(store, "train", trial + 1)
        lines = tuple(store.ledger.lines)
        records.append(TrialRecord(trial, State.COMPLETE, {}, None, "", lines))
    other = StageStore(tmp_path, ledger=Ledger(), maker="another study/trial 0")
    count_to(other, "train", 99)

    told, summed = study_ledger(records), made_by(tmp_path, "study")

    assert summed.spent == told.spent
    assert summed.spent.checks == 3 + 1 + 2 + 3
    assert summed.by_trial() == told.by_trial()


def test_a_stopped_trial_is_in_the_whole_ledger_though_its_record_is_empty(
    tmp_path: Path,
) -> None:
    count_to(store_of(tmp_path, 0), "generate", 3)
    stopped = TrialRecord(0, State.RUNNING, {}, None, "", ())

    whole = whole_ledger([stopped], store=tmp_path, identity="study")

    assert whole.by_trial()["trial 0"].checks == 3
    assert whole_ledger([stopped], store=tmp_path, identity="other").entries == ()


def printed(records: list[TrialRecord]) -> str:
    written = io.StringIO()
    Console(width=140, file=written).print(ledger_table(study_ledger(records)))
    return written.getvalue()


def record(*lines: StageCost) -> TrialRecord:
    return TrialRecord(0, State.COMPLETE, {}, None, "", lines)


def test_the_table_shows_money_and_what_was_read_instead() -> None:
    lines = (
        StageCost("generate", "a", False, Cost(input_tokens=1200, nanodollars=NANO // 4)),
        StageCost("train", "b", True, Cost(seconds=50)),
    )
    text = printed([record(*lines)])

    assert "1,200" in text
    assert "$0.2500" in text
    assert "50" in next(line for line in text.splitlines() if line.startswith("read instead"))


def test_tokens_without_a_price_are_never_shown_as_free() -> None:
    line = StageCost("generate", "a", False, Cost(input_tokens=9, unpriced_tokens=9))

    assert "no price known" in printed([record(line)])
    assert ledger_notes(study_ledger([record(line)])) == [
        "No price is known for 9 of the tokens; state `generator.price` to have their money "
        "counted."
    ]


@pytest.mark.parametrize(
    ("cost", "shown"),
    [
        (Cost(input_tokens=9), "–"),  # a model on this machine
        (Cost(input_tokens=9, unpriced_tokens=9), "no price known"),
        (Cost(nanodollars=1), "<$0.0001"),
        (Cost(nanodollars=NANO // 10_000), "$0.0001"),
        (Cost(nanodollars=NANO, unpriced_tokens=9), "$1.0000 +"),
    ],
)
def test_nothing_is_ever_said_to_cost_nothing(cost: Cost, shown: str) -> None:
    assert money(cost) == shown


def test_what_was_spent_so_far_is_one_figure_that_says_what_was_done_ahead() -> None:
    trial = LedgerEntry(
        "trial 0", StageCost("generate", "a", False, Cost(2.0, input_tokens=10, checks=1))
    )
    read = LedgerEntry("trial 0", StageCost("train", "b", True, Cost(seconds=50)))
    ahead = LedgerEntry("final: baseline 7", StageCost("train", "c", False, Cost(seconds=3.0)))

    assert so_far(StudyLedger.of([trial, read])) == (
        "so far      2 s of stage time, 0 CPU s, 10 generator tokens in and 0 out, "
        "0 training tokens, 1 check; 50 s more were read instead of run"
    )
    assert so_far(StudyLedger.of([trial, read, ahead])).startswith(
        "so far      5 s of stage time (3 s of it ahead, for the final comparison), 0 CPU s"
    )
