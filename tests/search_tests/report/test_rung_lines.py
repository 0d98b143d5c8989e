from __future__ import annotations

import dataclasses
from pathlib import Path

from engines.ledger import Cost, StageCost
from search.recipes.space import Real
from search.report.ranking import rung_lines
from search.report.run_view import view_run
from search.report.terminal import report_text
from search.report.trial_pages import TrialPages
from search.study.records import TrialRecord
from search.study.study import SearchStudy
from search.trial.rung_rules import ROWS, RungRules
from tests.search_tests.eng2lean import TASK
from tests.search_tests.outcomes import outcome_of
from tests.search_tests.small_run import make_run

RULES = RungRules(control=0.0, least_trials=5)


def seconds(many: float) -> tuple[StageCost, ...]:
    return (StageCost("check", "k", False, Cost(seconds=many)),)


def records(tmp_path: Path, *, stopped: int) -> list[TrialRecord]:
    """Six trials that the first rung ranks as their scores do, and so many that it stops."""
    study = SearchStudy(
        tmp_path / "study.journal",
        name="s",
        space={"temperature": Real(0.0, 1.0)},
        sampler="random",
        startup_trials=1,
        seed=0,
    )
    study.prune_with(RULES)
    for passed in range(1, 7):
        number = study.propose().number
        study.rung(number, ROWS, passed / 10)
        study.complete(number, outcome_of(passed), seconds(30.0))
    for _ in range(stopped):
        number = study.propose().number
        assert not study.rung(number, ROWS, 0.0).goes_on
        study.prune(number, seconds(4.0))
    return study.records()


def test_a_rung_says_how_it_ranked_and_whom_it_stopped(tmp_path: Path) -> None:
    rung, cost = rung_lines(records(tmp_path, stopped=2))

    assert rung.startswith("rung 1      rows of a few contexts: ρ = +1.00 [+0.")
    assert "(n = 6 in whose fate it had no say)" in rung
    assert rung.endswith(
        "; 8 trials came to it, 2 stopped, 0 went on as controls; it stops trials since trial 6"
    )
    assert cost == "pruned      2 trials in 4 s each on average; 6 whole ones took 30 s"


def test_a_rung_that_stops_nobody_says_so(tmp_path: Path) -> None:
    lines = rung_lines(records(tmp_path, stopped=0)[:2])

    assert lines == [
        "rung 1      rows of a few contexts: correlation with the score unknown (n = 2); 2 trials "
        "came to it; it has earned to stop none"
    ]


def test_a_study_without_rungs_has_nothing_to_say() -> None:
    assert rung_lines([]) == []


def test_the_note_of_a_pruned_trial_says_where_it_stopped(tmp_path: Path) -> None:
    pruned = records(tmp_path, stopped=1)[-1]

    note = TrialPages(tmp_path / "stages", TASK, problems=(), contexts=()).page(pruned).note

    assert note.startswith("**Pruned, no score.** 0.000, place 7 of 7: stops (ρ = +1.00, at least")


def test_a_report_at_the_terminal_says_what_the_rungs_did(tmp_path: Path) -> None:
    view = view_run(make_run(tmp_path, trials=3))
    climbed = records(tmp_path, stopped=0)[0]
    climbing = [
        dataclasses.replace(one, rungs=climbed.rungs, decisions=climbed.decisions)
        for one in view.records
    ]

    said = report_text(dataclasses.replace(view, records=tuple(climbing)))

    assert any(str(line).startswith("rung 1      rows of a few contexts: ") for line in said)
    assert not any(str(line).startswith("rung 1") for line in report_text(view))
