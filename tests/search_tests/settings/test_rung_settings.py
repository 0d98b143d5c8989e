"""What the rungs and finalists of a study file change in estimates, messages and cards."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from evaluators.statistics.deltaone import Conclusion
from search.comparisons.sealed import FinalComparison
from search.driver.search import require_going_on
from search.errors import SettingsError, StudyStopped
from search.forecast.estimate import Sizes, estimate
from search.forecast.rates import Rate, Rates
from search.report.terminal import final_lines, verdict_lines
from search.settings.file import load_study, parse_study
from search.settings.study import flat_settings
from search.study.records import State, TrialRecord
from tests.search_tests.outcomes import outcome_of
from tests.search_tests.small_study import write_small_study

RATES = Rates(
    generate=Rate("candidate", 1.0),
    check=Rate("candidate", 0.5),
    train=Rate("step", 2.0),
    evaluate=Rate("problem", 0.1),
)
SIZES = Sizes(contexts=12, search_problems=20, sealed_problems=100, trials_left=5)


def with_search(folder: Path, lines: str) -> str:
    study = write_small_study(folder)
    return study.read_text(encoding="utf-8").replace("search:\n", f"search:\n{lines}")


def test_a_study_without_rungs_and_finalists_is_the_study_it_was(tmp_path: Path) -> None:
    flat = flat_settings(load_study(write_small_study(tmp_path)))

    assert not [name for name in flat if "rungs" in name or "finalist" in name]


def test_rungs_are_settings_of_the_search(tmp_path: Path) -> None:
    text = with_search(tmp_path, "  rungs: {contexts: 6, max_steps: 1}\n  finalists: 3\n")

    flat = flat_settings(parse_study(text, name="study.yaml"))

    assert (flat["search.rungs.contexts"], flat["search.rungs.reduction"]) == (6, 3)
    assert flat["search.finalists"] == 3


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("  rungs: {max_steps: 1}\n", "search.rungs.contexts: missing; add it"),
        ("  rungs: {contexts: 6, max_steps: 1, control: 0}\n", "search.rungs.control: "),
        ("  rungs: {contexts: 6, max_steps: 1, steps: 2}\n", "did you mean `max_steps`?"),
        ("  finalist_runs: 1\n", "search.finalist_runs: "),
    ],
)
def test_wrong_rungs_are_named_by_their_line(tmp_path: Path, lines: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_study(with_search(tmp_path, lines), name="study.yaml")

    assert says in str(caught.value)
    assert str(caught.value).startswith("study.yaml:2")


def test_an_estimate_holds_rungs_that_stop_nobody_and_all_runs_of_the_finalists(
    tmp_path: Path,
) -> None:
    text = with_search(
        tmp_path,
        "  rungs: {contexts: 6, max_steps: 1, problems: 10}\n  finalists: 3\n  finalist_runs: 2\n",
    )
    settings = parse_study(text, name="study.yaml")

    found = estimate(settings, RATES, SIZES, price=None)

    # whole: 18 candidates at 1.5 s, 2 steps at 2 s, 20 problems at 0.1 s
    # rungs: 1 step, 10 problems
    assert found.trial.seconds == pytest.approx(27 + 4 + 2 + (2 + 1))
    assert found.finalists.seconds == pytest.approx(3 * 2 * 33)
    assert found.total.seconds == pytest.approx(5 * 36 + 6 * 33 + found.final.seconds)


def record(number: int, *, pruned: bool) -> TrialRecord:
    state = State.PRUNED if pruned else State.COMPLETE
    return TrialRecord(number, state, {}, None if pruned else outcome_of(3), "", ())


def test_pruned_trials_count_among_those_a_stopped_study_has_come_to() -> None:
    records = [record(0, pruned=False), record(1, pruned=True)]

    require_going_on("budget.tokens are spent", records, trials=2)
    with pytest.raises(StudyStopped) as caught:
        require_going_on("budget.tokens are spent", records, trials=3)

    assert str(caught.value) == (
        "stopped with 1 of 3 trials scored, 1 pruned: budget.tokens are spent; or settle for "
        "these with --resume --trials 2"
    )


def test_sealed_problems_opened_twice_are_said_to_be_for_ever_after() -> None:
    once = FinalComparison((1,), (), None, "nothing to compare", 1)
    twice = dataclasses.replace(once, times_opened=2)
    says = "this study has opened the sealed problems 2 times, for another winner"

    assert once.remarks() == []
    assert any(says in line for line in verdict_lines(twice))
    assert any(says in line for line in final_lines(twice))
    assert twice.verdict is Conclusion.NOT_SHOWN
