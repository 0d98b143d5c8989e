from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from search.errors import StudyChanged, StudyNotFound
from search.recipes.space import OneOf, Real, Whole
from search.study.records import Failure, State, TrialRecord, read_records
from search.study.study import SearchStudy
from tests.search_tests.outcomes import COSTS, outcome_of

SPACE = {"clause.a": OneOf(("", "x")), "temperature": Real(0.0, 1.0), "attempts": Whole(1, 3)}
FIRST = {"clause.a": "x", "temperature": 0.5, "attempts": 2}

pytestmark = pytest.mark.parametrize("file", ["study.db", "study.journal"])


def open_study(path: Path) -> SearchStudy:
    return SearchStudy(path, name="s", space=SPACE, sampler="tpe", startup_trials=2, seed=0)


def test_the_baseline_is_trial_0_and_is_begun_with_once(tmp_path: Path, file: str) -> None:
    study = open_study(tmp_path / file)
    study.begin_with(FIRST)
    proposal = study.propose()
    study.begin_with(FIRST)

    assert (proposal.number, dict(proposal.parameters)) == (0, FIRST)
    assert study.propose().number == 1
    assert len(study.records()) == 2


def test_an_outcome_comes_back_as_it_was_told(tmp_path: Path, file: str) -> None:
    study = open_study(tmp_path / file)
    number = study.propose().number
    study.complete(number, outcome_of(3), COSTS)

    record = read_records(tmp_path / file, "s")[0]

    assert record.state is State.COMPLETE
    assert record.outcome == outcome_of(3)
    assert record.costs == COSTS


def test_a_failure_is_no_number(tmp_path: Path, file: str) -> None:
    study = open_study(tmp_path / file)
    study.fail(study.propose().number, Failure("train: no examples", 4, {"empty": 4}), ())

    record = study.records()[0]

    assert (record.state, record.outcome) == (State.FAILED, None)
    assert record.error == "train: no examples"
    assert (record.candidates, record.refused) == (4, {"empty": 4})
    import optuna

    trial = study._study.get_trials()[0]
    assert trial.value is None
    assert trial.state is optuna.trial.TrialState.FAIL


def test_a_dead_drivers_trial_is_adopted_with_its_number_and_parameters(
    tmp_path: Path, file: str
) -> None:
    dead = open_study(tmp_path / file)
    finished, left = dead.propose(), dead.propose()
    dead.complete(finished.number, outcome_of(1), ())

    study = open_study(tmp_path / file)
    adopted, new = study.propose(), study.propose()

    assert (adopted.number, adopted.adopted) == (left.number, True)
    assert dict(adopted.parameters) == dict(left.parameters)
    assert (new.number, new.adopted) == (2, False)


def test_an_adopted_trial_that_was_killed_while_it_was_proposed_is_filled_in(
    tmp_path: Path, file: str
) -> None:
    dead = open_study(tmp_path / file)
    trial = dead._study.ask()
    half = trial.suggest_categorical("clause.a", ("", "x"))

    adopted = open_study(tmp_path / file).propose()

    assert adopted.parameters["clause.a"] == half
    assert set(adopted.parameters) == set(SPACE)


def five_years_ahead(path: Path) -> None:
    """Change every date in a study, as if its first driver's clock had been set back since."""
    if path.suffix == ".db":
        with closing(sqlite3.connect(path)) as db, db:
            for column in ("datetime_start", "datetime_complete"):
                db.execute(f"UPDATE trials SET {column} = datetime({column}, '+5 years')")
        return
    text = path.read_text(encoding="utf-8")
    year = datetime.now(UTC).year
    assert f'"{year}-' in text
    path.write_text(text.replace(f'"{year}-', f'"{year + 5}-'), encoding="utf-8")


def undated(record: TrialRecord) -> TrialRecord:
    return dataclasses.replace(record, began=None, ended=None)


def test_a_clock_set_back_changes_nothing(tmp_path: Path, file: str) -> None:
    before = open_study(tmp_path / file)
    for passed in (1, 2):
        before.complete(before.propose().number, outcome_of(passed), COSTS)
    left = before.propose()
    known = before.records()
    before.close()
    five_years_ahead(tmp_path / file)

    study = open_study(tmp_path / file)
    assert list(map(undated, study.records())) == list(map(undated, known))
    assert study.propose().number == left.number
    study.complete(left.number, outcome_of(3), COSTS)
    study.complete(study.propose().number, outcome_of(1), COSTS)

    states = [one.state for one in read_records(tmp_path / file, "s")]
    assert states == [State.COMPLETE] * 4


def test_a_resumed_sampler_does_not_repeat_its_first_draws(tmp_path: Path, file: str) -> None:
    drawn = []
    for _ in range(4):
        study = open_study(tmp_path / file)
        proposal = study.propose()
        drawn.append(proposal.parameters["temperature"])
        study.complete(proposal.number, outcome_of(1), ())

    assert len(set(drawn)) == 4


def test_a_study_made_from_other_settings_is_refused_in_one_line(
    tmp_path: Path, file: str
) -> None:
    free = frozenset({"search."})
    open_study(tmp_path / file).describe({"seed": 0, "search.trials": 5}, may_change=free)
    study = open_study(tmp_path / file)
    study.describe({"seed": 0, "search.trials": 9}, may_change=free)

    with pytest.raises(StudyChanged) as caught:
        study.describe({"seed": 1, "search.trials": 9}, may_change=free)

    assert str(caught.value) == (
        "study `s` was made with seed = 0, the study file says 1; "
        "give the file another `name:` or `--run-dir`, or set it back"
    )


def test_a_study_that_is_not_there_is_named(tmp_path: Path, file: str) -> None:
    with pytest.raises(StudyNotFound, match="no study there"):
        read_records(tmp_path / file, "s")
    open_study(tmp_path / file)
    with pytest.raises(StudyNotFound, match="holds no study `other`"):
        read_records(tmp_path / file, "other")
