from __future__ import annotations

from pathlib import Path

import optuna
import pytest

from search.recipes.space import Real
from search.study.records import State, read_records
from search.study.study import SearchStudy
from search.trial.rung_rules import FULL, ROWS, SHORT, RungRules
from tests.search_tests.outcomes import COSTS, outcome_of

NOBODY = RungRules(reduction=3, control=0.0)
FINISHED = 8

pytestmark = pytest.mark.parametrize("file", ["study.db", "study.journal"])


def open_study(path: Path, rules: RungRules = NOBODY, *, startup_trials: int = 2) -> SearchStudy:
    space = {"temperature": Real(0.0, 1.0)}
    study = SearchStudy(
        path, name="s", space=space, sampler="tpe", startup_trials=startup_trials, seed=0
    )
    study.prune_with(rules)
    return study


def earn(study: SearchStudy) -> None:
    """Finish trials that the first rung ranks exactly as their scores do: values 0.1 to 0.8."""
    for passed in range(1, FINISHED + 1):
        number = study.propose().number
        study.rung(number, ROWS, passed / 10)
        study.complete(number, outcome_of(passed), ())


def frozen(study: SearchStudy, number: int) -> optuna.trial.FrozenTrial:
    return study._study.get_trials()[number]


def test_a_trial_that_a_rung_stops_is_pruned_and_has_no_number(tmp_path: Path, file: str) -> None:
    study = open_study(tmp_path / file)
    earn(study)
    number = study.propose().number

    decision = study.rung(number, ROWS, 0.05)
    study.prune(number, COSTS)

    assert not decision.goes_on
    told = frozen(study, number)
    assert (told.state, told.values) == (optuna.trial.TrialState.PRUNED, None)
    assert told.intermediate_values == {ROWS: 0.05}
    record = read_records(tmp_path / file, "s")[number]
    assert (record.state, record.outcome, record.error) == (State.PRUNED, None, "")
    assert record.costs == COSTS
    assert record.decisions == {ROWS: decision}


def test_a_trial_that_climbed_reports_its_score_as_its_last_step(
    tmp_path: Path, file: str
) -> None:
    study = open_study(tmp_path / file)
    number = study.propose().number
    study.rung(number, ROWS, 0.9)
    study.rung(number, SHORT, 0.2)
    study.complete(number, outcome_of(3), ())

    assert study.record(number).rungs == {ROWS: 0.9, SHORT: 0.2, FULL: 0.3}


def test_a_study_without_rungs_reports_no_steps(tmp_path: Path, file: str) -> None:
    study = open_study(tmp_path / file)
    number = study.propose().number
    study.complete(number, outcome_of(3), ())

    assert study.record(number).rungs == {}


def test_an_adopted_trial_reports_no_rung_twice_and_gets_the_same_answer(
    tmp_path: Path, file: str
) -> None:
    dead = open_study(tmp_path / file)
    earn(dead)
    number = dead.propose().number
    before = dead.rung(number, ROWS, 0.05)

    study = open_study(tmp_path / file)
    others = study.propose(), study.propose()
    study.rung(others[1].number, ROWS, 0.01)  # would change the place of an answer made anew
    after = study.rung(others[0].number, ROWS, 0.99)

    assert (others[0].number, others[0].adopted) == (number, True)
    assert after == before
    assert not after.goes_on
    assert frozen(study, number).intermediate_values == {ROWS: 0.05}


def test_a_driver_killed_between_value_and_decision_is_made_up_for(
    tmp_path: Path, file: str
) -> None:
    dead = open_study(tmp_path / file)
    earn(dead)
    number = dead.propose().number
    dead._live(number).report(0.05, ROWS)

    study = open_study(tmp_path / file)
    study.propose()

    assert not study.rung(number, ROWS, 0.05).goes_on


def test_a_pruned_trial_is_not_begun_again(tmp_path: Path, file: str) -> None:
    study = open_study(tmp_path / file)
    earn(study)
    number = study.propose().number
    study.rung(number, ROWS, 0.05)
    study.prune(number, COSTS)

    again = open_study(tmp_path / file)

    assert again.record(number).state is State.PRUNED
    assert not again.propose().adopted


def test_rungs_measured_otherwise_begin_anew(tmp_path: Path, file: str) -> None:
    earn(open_study(tmp_path / file))
    study = open_study(tmp_path / file, RungRules(control=0.0, made_from="other contexts"))

    decision = study.rung(study.propose().number, ROWS, 0.0)

    assert (decision.reached, decision.n, decision.goes_on) == (1, 0, True)


def test_optunas_own_question_gets_the_same_answer(tmp_path: Path, file: str) -> None:
    study = open_study(tmp_path / file)
    earn(study)
    weak, strong = study.propose().number, study.propose().number
    study._live(weak).report(0.05, ROWS)
    study._live(strong).report(0.95, ROWS)

    assert study._live(weak).should_prune()
    assert not study._live(strong).should_prune()


def test_the_sampler_learns_from_pruned_trials_what_not_to_propose(
    tmp_path: Path, file: str
) -> None:
    study = open_study(tmp_path / file, startup_trials=30)
    for _ in range(30):
        proposal = study.propose()
        place = float(proposal.parameters["temperature"])
        if place < 0.5:
            study.rung(proposal.number, ROWS, place / 2)
            study.prune(proposal.number, ())
        else:
            study.rung(proposal.number, ROWS, 0.9)
            study.complete(proposal.number, outcome_of(9 if place > 0.75 else 5), ())

    proposed = []
    for _ in range(10):
        proposal = study.propose()
        proposed.append(float(proposal.parameters["temperature"]))
        study.complete(proposal.number, outcome_of(9), ())

    assert sum(place > 0.5 for place in proposed) >= 9
