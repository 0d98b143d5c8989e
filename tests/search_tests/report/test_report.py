from __future__ import annotations

import dataclasses
import io

from evaluators.statistics.deltaone import delta_one
from evaluators.statistics.runs import Replicate
from search.comparisons.sealed import Arm, FinalComparison, compare
from search.console import Console
from search.report.terminal import (
    Progress,
    best_line,
    final_lines,
    refusal_lines,
    trials_table,
)
from search.study.records import State, TrialRecord
from tests.search_tests.eng2lean import TASK
from tests.search_tests.outcomes import COSTS, outcome_of

PARAMETERS = {
    "clause.a": "Be careful.",
    "clause.b": "",
    "demo_set": "none",
    "temperature": 0.5,
    "attempts": 2,
    "filter": "faithful",
    "keep_docstring": True,
}


def record(number: int, passed: int | None, error: str = "") -> TrialRecord:
    state = State.FAILED if passed is None else State.COMPLETE
    outcome = None if passed is None else outcome_of(passed)
    return TrialRecord(number, state, PARAMETERS, outcome, error, COSTS)


def arm(name: str, trial: int | None, passes: list[bool]) -> Arm:
    from evaluators.statistics.intervals import score_from_passes

    return Arm(name, trial, score_from_passes(passes), (Replicate.of(passes, seed=7),), {}, ())


def final_of(best: list[bool], baseline: list[bool], opened: int = 1) -> FinalComparison:
    nothing = [False] * len(best)
    arms = [arm("untuned", None, nothing), arm("baseline", 0, baseline), arm("best", 3, best)]
    return compare(arms, seeds=(7,), problems_sha256="abc", times_opened=opened)


def printed(what: object) -> str:
    written = io.StringIO()
    Console(file=written, width=160).print(what)
    return written.getvalue()


def test_the_table_has_the_best_trial_first_and_failures_last() -> None:
    table = printed(trials_table([record(0, 1), record(1, None, "train: x"), record(2, 3)]))

    lines = [line.split() for line in table.splitlines()[2:5]]
    assert [line[0] for line in lines] == ["2", "0", "1"]
    assert "baseline (trial 0): " in table
    assert lines[0][:3] == ["2", "30.0%", "±"]
    assert lines[2][1] == "failed"


def test_refusals_are_counted_over_all_trials_with_their_meaning() -> None:
    few = dataclasses.replace(record(0, None), candidates=4, refused={"unfaithful": 3})
    more = dataclasses.replace(record(1, 2), candidates=6, refused={"unfaithful": 1, "empty": 2})

    assert refusal_lines([few, more], TASK) == [
        "Candidates refused, all trials: 6 of 10",
        "  unfaithful               4  Lean refutes it: it disagrees with Python on a known call.",
        "  empty                    2  The generator wrote nothing.",
    ]


def test_a_gain_that_stands_up_is_called_shown() -> None:
    final = final_of([True] * 10, [False] * 10)

    ten = [Replicate.of([True] * 10, seed=7)], [Replicate.of([False] * 10, seed=7)]
    assert final.judgement == delta_one(*ten, problems_sha256="abc")
    assert final.verdict == "shown"
    assert "DeltaOne (whole interval at least +1.0 points) → improvement SHOWN" in printed(
        "\n".join(final_lines(final))
    )


def test_a_gain_within_the_noise_is_not_shown_though_the_plain_rule_is_met() -> None:
    final = final_of([True, False, True, False], [False, True, False, False])

    assert final.verdict == "not shown"
    difference, verdict, plain = final_lines(final)[4:7]
    assert "+25.0 points" in difference
    assert verdict.endswith("→ improvement NOT SHOWN")
    assert plain.startswith("  plain rule (point estimate at least +1.0 points")
    assert plain.endswith("→ met")


def test_a_loss_that_stands_up_is_called_worse() -> None:
    lines = final_lines(final_of([False] * 10, [True] * 10))

    assert lines[5].endswith("→ WORSE than the baseline")
    assert lines[6].endswith("→ not met")


def test_one_fine_tune_each_is_confessed() -> None:
    assert (
        "how much fine-tunes vary by seed is UNKNOWN"
        in final_lines(final_of([True] * 10, [False] * 10))[-1]
    )


def test_the_best_of_the_trials_is_corrected_for_having_been_picked() -> None:
    # trial 3 has the best score; ten problems pass or fail together in these outcomes
    line = best_line([record(5, 3), record(3, 4), record(0, 2), record(1, None)], seed=0)

    assert line.startswith("best        trial 3: 40.0 %, and ")
    assert line.endswith("once corrected for being the best of 3 (n = 10)")
    assert best_line([record(1, None)], seed=0) == ""


def test_sealed_problems_opened_for_several_winners_are_confessed() -> None:
    assert (
        "has opened the sealed problems 2 times"
        in final_lines(final_of([True] * 10, [False] * 10, opened=2))[-1]
    )


def test_every_arm_has_its_interval_and_n() -> None:
    lines = final_lines(final_of([True] * 10, [False] * 10))

    # Wilson's interval for 10 of 10 is 72.2 % to 100 %, for 0 of 10 the mirror image
    assert "student, untuned" in lines[1]
    assert "0.0 % [0.0, 27.8] (n = 10)" in lines[1]
    assert "hand-written baseline" in lines[2]
    assert "100.0 % [72.2, 100.0] (n = 10)" in lines[3]


def test_without_a_terminal_every_event_is_one_plain_line() -> None:
    written = io.StringIO()
    with Progress(Console(file=written, width=40), trials=2) as progress:
        progress.started(0, PARAMETERS, adopted=False)
        progress.stage(0, COSTS[0])
        progress.finished(record(0, 4))
        progress.started(1, PARAMETERS, adopted=True)
        progress.finished(record(1, None, "unexpected TypeError: no\nTraceback…"))

    lines = written.getvalue().splitlines()
    assert len(lines) == 5
    assert lines[1] == "trial   0  generate  2.0 s"
    assert lines[2].startswith("trial   0  score     40.0 % [16.8, 68.7] (n = 10)")
    assert lines[2].endswith("best so far")
    assert lines[3].startswith("trial   1  goes on")
    assert lines[4] == "trial   1  FAILED    unexpected TypeError: no"


def test_in_a_terminal_the_running_trials_are_drawn_in_place() -> None:
    written = io.StringIO()
    with Progress(Console(file=written, width=100, terminal=True), trials=2) as progress:
        progress.started(0, PARAMETERS, adopted=False)
        progress.stage(0, COSTS[0])
        progress.finished(record(0, 4))

    assert "0 of 2 trials scored" in written.getvalue()
    assert "generate 2.0 s" in written.getvalue()
