"""Storages that go away and come back: renamed, locked, full; PostgreSQL is in test_postgres."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest

from search.errors import StudyError, StudyExists
from search.study.records import State, read_records
from search.study.storage import SoundJournal
from search.study.study import SearchStudy
from search.study.waiting import Patience, patient
from tests.search_tests.outcomes import COSTS, outcome_of
from tests.search_tests.study.test_study import SPACE

GONE_SECONDS = 1.5


def open_study(
    path: Path, said: list[str], *, name: str = "s", seconds: float = 60
) -> SearchStudy:
    return SearchStudy(
        path,
        name=name,
        space=SPACE,
        sampler="random",
        startup_trials=2,
        seed=0,
        patience=Patience(seconds, said.append),
    )


def later(do: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(GONE_SECONDS, do)
    timer.start()
    return timer


@pytest.mark.parametrize("file", ["study.db", "study.journal"])
def test_a_file_that_is_moved_away_is_waited_for_and_says_so_once(
    tmp_path: Path, file: str
) -> None:
    said: list[str] = []
    path, away = tmp_path / file, tmp_path / "away"
    study = open_study(path, said)
    number = study.propose().number
    path.rename(away)
    back = later(lambda: away.rename(path))

    study.complete(number, outcome_of(3), COSTS)
    back.join()

    assert [line.split("  ")[0] for line in said] == ["waiting", "going on"]
    assert not path.with_name(f"{file}.lock").exists()
    record = read_records(path, "s")[0]
    assert (record.state, record.outcome) == (State.COMPLETE, outcome_of(3))


def test_a_locked_file_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.study.storage._LOCKED_SECONDS", 0.1)
    said: list[str] = []
    study = open_study(tmp_path / "study.db", said)
    other = sqlite3.connect(tmp_path / "study.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    free = later(lambda: other.execute("ROLLBACK"))

    number = study.propose().number
    free.join()
    other.close()

    assert "database is locked" in said[0]
    assert [one.number for one in study.records()] == [number]


def test_a_storage_that_stays_away_stops_the_search_with_one_line(tmp_path: Path) -> None:
    study = open_study(tmp_path / "study.db", [], seconds=0.5)
    (tmp_path / "study.db").rename(tmp_path / "away")

    with pytest.raises(StudyError, match=r"did not answer for 0 s .* run again with --resume$"):
        study.propose()
    assert not (tmp_path / "study.db").exists()  # and no empty study took its place


class LosesAnswers(optuna.storages.InMemoryStorage):
    """Does what it is asked and says that it could not, every first time."""

    def __init__(self) -> None:
        super().__init__()
        self._lost: set[object] = set()

    def set_trial_state_values(self, trial_id, state, values=None):
        done = super().set_trial_state_values(trial_id, state, values)
        if (trial_id, state) not in self._lost:
            self._lost.add((trial_id, state))
            raise ConnectionError("the answer was lost")
        return done


def test_an_ending_whose_answer_was_lost_is_an_ending() -> None:
    storage = patient(LosesAnswers(), Patience(30, lambda _: None))
    study = optuna.create_study(storage=storage)
    trial = study.ask()

    study.tell(trial, 0.5)

    assert study.trials[0].value == 0.5


def test_every_operation_of_a_storage_is_waited_for() -> None:
    ours = vars(type(patient(optuna.storages.InMemoryStorage(), Patience(1, lambda _: None))))

    assert optuna.storages.BaseStorage.__abstractmethods__ <= set(ours)


def test_what_is_no_outage_is_not_waited_for(tmp_path: Path) -> None:
    study = open_study(tmp_path / "study.db", [])
    began = time.monotonic()

    with pytest.raises(KeyError):
        study.record(17)
    assert time.monotonic() - began < 5


def test_a_line_that_does_not_fit_the_disk_leaves_a_journal_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "study.journal"
    journal = SoundJournal(path)
    journal.append_logs([{"first": 1}])

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            journal.append_logs([{"second": 2}])

    assert path.read_text(encoding="utf-8") == '{"first":1}\n'
    journal.append_logs([{"second": 2}])
    assert list(journal.read_logs(0)) == [{"first": 1}, {"second": 2}]


def test_half_a_line_that_a_power_cut_left_is_dropped(tmp_path: Path) -> None:
    said: list[str] = []
    path = tmp_path / "study.journal"
    open_study(path, said).propose()
    with path.open("a", encoding="utf-8") as file:
        file.write('{"op_code": 8, "wor')

    study = open_study(path, said)

    assert study.propose().adopted
    assert len(open_study(path, said).records()) == 1


def test_a_journal_is_not_begun_anew_where_it_was_moved_away(tmp_path: Path) -> None:
    journal = SoundJournal(tmp_path / "study.journal")
    (tmp_path / "study.journal").unlink()

    with pytest.raises(FileNotFoundError):
        journal.append_logs([{"lost": 1}])
    assert not (tmp_path / "study.journal").exists()


@pytest.mark.parametrize("file", ["study.db", "study.journal"])
def test_a_file_with_a_study_of_another_name_is_refused(tmp_path: Path, file: str) -> None:
    open_study(tmp_path / file, [], name="first")

    with pytest.raises(StudyExists, match="holds the study `first`, the study file is named `s`"):
        open_study(tmp_path / file, [])
    with pytest.raises(StudyExists):
        open_study(tmp_path / file, [])  # it was not made by the way


def test_a_file_of_another_version_of_optuna_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    open_study(path, [])
    with sqlite3.connect(path) as db:
        db.execute("UPDATE alembic_version SET version_num = 'v99.0.0.a'")
    db.close()

    with pytest.raises(StudyError, match=r"study\.db is another version's: .*optuna"):
        open_study(path, [])


@pytest.mark.parametrize(
    ("file", "text"), [("study.db", "no"), ("study.journal", '{"op_code":99}')]
)
def test_a_file_that_is_no_study_is_refused_in_one_line(
    tmp_path: Path, file: str, text: str
) -> None:
    (tmp_path / file).write_text(f"{text} database\n{text}\n", encoding="utf-8")

    with pytest.raises(StudyError, match="damaged or another version's"):
        open_study(tmp_path / file, [])


def test_a_trial_that_another_version_wrote_is_refused_in_one_line(tmp_path: Path) -> None:
    study = open_study(tmp_path / "study.db", [])
    number = study.propose().number
    study.complete(number, outcome_of(3), COSTS)
    with sqlite3.connect(tmp_path / "study.db") as db:
        db.execute(
            "UPDATE trial_system_attributes SET value_json = '\"{}\"' "
            "WHERE key = 'outerloop:outcome'"
        )
    db.close()

    with pytest.raises(StudyError, match=r"study\.db: trial 0 cannot be read; another version"):
        open_study(tmp_path / "study.db", []).records()


def test_a_path_with_odd_characters_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "a b?c#d%20{e}"
    folder.mkdir()

    open_study(folder / "study.db", []).propose()

    assert len(read_records(folder / "study.db", "s")) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["study.db"]
