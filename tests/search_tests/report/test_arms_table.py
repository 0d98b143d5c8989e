from __future__ import annotations

import io

from evaluators.task import Demo
from search.console import Console
from search.recipes.pool import PoolArm
from search.report.recipes import arm_lines, arms_table
from search.study.records import State, TrialRecord
from tests.search_tests.outcomes import outcome_of

DEMO = Demo(("def f(x): return x", "in"), ("out", "def f (x : Int) : Int := x"))
ARMS = {
    "addition": (
        PoolArm(1, "[bold]Be brief.", None, "written", (), 0),
        PoolArm(2, "Never tried.", None, "crossed", ("addition 1", "addition 1"), 3),
    ),
    "demo_set": (PoolArm(1, "rows 1", (DEMO,), "rows", ("trial 2",), 2),),
}


def record(number: int, addition: str, demo_set: str, passed: int | None) -> TrialRecord:
    return TrialRecord(
        number=number,
        state=State.FAILED if passed is None else State.COMPLETE,
        parameters={"addition": addition, "demo_set": demo_set},
        outcome=None if passed is None else outcome_of(passed),
        error="",
        costs=(),
    )


RECORDS = (
    record(0, "", "none", 1),
    record(1, "[bold]Be brief.", "none", 2),
    record(2, "[bold]Be brief.", "rows 1", 4),
    record(3, "[bold]Be brief.", "none", None),
)


def test_each_arm_stands_once_with_its_origin_and_its_scores() -> None:
    lines = arm_lines(RECORDS, ARMS)

    assert [one.name for one in lines] == ["addition 1", "demo set 1", "addition 2"]
    assert [(one.trials, one.scored, one.mean, one.best) for one in lines] == [
        (3, 2, "30.0%", "40.0%"),
        (1, 1, "40.0%", "40.0%"),
        (0, 0, "", ""),
    ]
    assert lines[2].origin == "crossed, addition 1, addition 1"
    assert lines[1].says == "1 demo: def f (x : Int) : Int := x"


def test_what_a_model_wrote_is_shown_as_it_stands() -> None:
    written = io.StringIO()
    console = Console(file=written, width=150)

    for part in arms_table(RECORDS, ARMS):
        console.print(part)

    assert "[bold]Be brief." in written.getvalue()


def test_a_study_that_did_not_grow_has_no_such_table() -> None:
    assert arms_table(RECORDS, {}) == []
