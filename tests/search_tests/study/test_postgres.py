"""A study in a real PostgreSQL: what a file can do, and what only a server can."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from search.driver.dry_run import dry_run_lines
from search.driver.plan import Search
from search.errors import StudyChanged, StudyError, StudyExists, StudyInUse, StudyNotFound
from search.recipes.space import distributions
from search.runs.folder import RunFolder
from search.runs.location import StudyHome
from search.settings.file import load_study
from search.settings.storage_address import Database
from search.settings.study import StudySettings
from search.study.lease import Lease
from search.study.notes import StudyBoard
from search.study.records import State, read_records, read_study
from search.study.storage import open_to_read
from search.study.study import SearchStudy
from search.study.waiting import Patience, release
from tests.search_tests.fakes import fake_parts
from tests.search_tests.outcomes import COSTS, outcome_of
from tests.search_tests.postgres import PASSWORD, Postgres, binaries
from tests.search_tests.small_study import write_small_study
from tests.search_tests.study.test_study import FIRST, SPACE

pytestmark = pytest.mark.skipif(binaries() is None, reason="needs PostgreSQL's programs")


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(autouse=True)
def told(server: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OUTERLOOP_STORAGE", server.address_with_password)
    yield
    while OPEN:
        OPEN.pop().close()


OPEN: list[SearchStudy] = []


def open_study(server: Postgres, name: str, *, said: list[str] | None = None) -> SearchStudy:
    study = SearchStudy(
        Database(server.address, name),
        name=name,
        space=SPACE,
        sampler="tpe",
        startup_trials=2,
        seed=0,
        patience=Patience(60, (said if said is not None else []).append),
    )
    OPEN.append(study)
    return study


def small_study(folder: Path, name: str) -> StudySettings:
    study = write_small_study(folder)
    text = study.read_text(encoding="utf-8").replace("name: small", f"name: {name}")
    study.write_text(text, encoding="utf-8")
    return load_study(study)


def test_a_study_comes_back_as_it_was_told(server: Postgres) -> None:
    study = open_study(server, "told")
    study.begin_with(FIRST)
    done, failed, left = (study.propose() for _ in range(3))
    study.complete(done.number, outcome_of(3), COSTS)

    again = open_study(server, "told").propose()

    assert (again.number, again.adopted) == (failed.number, True)
    records = read_records(Database(server.address, "told"), "told")
    assert [one.number for one in records] == [done.number, failed.number, left.number]
    assert records[0].outcome == outcome_of(3)
    assert [one.state for one in records[1:]] == [State.RUNNING, State.RUNNING]
    assert dict(records[0].parameters) == FIRST


def test_a_server_holds_many_studies_and_the_one_meant_is_read(server: Postgres) -> None:
    for name in ("one", "two"):
        open_study(server, name).describe({"student": name}, may_change=frozenset())

    read = read_study(Database(server.address, "two"))

    assert (read.name, read.settings) == ("two", {"student": "two"})
    with pytest.raises(StudyNotFound, match="no study that can be read"):
        read_study(Database(server.address, "three"))


def test_a_server_that_is_restarted_is_waited_for_and_says_so_once(server: Postgres) -> None:
    said: list[str] = []
    study = open_study(server, "restarted", said=said)
    number = study.propose().number
    server.stop()
    back = threading.Timer(3, server.start)
    back.start()

    study.complete(number, outcome_of(3), COSTS)
    back.join()

    assert [line.split("  ")[0] for line in said] == ["waiting", "going on"]
    assert PASSWORD not in " ".join(said)
    assert study.records()[0].outcome == outcome_of(3)


def test_a_connection_that_breaks_off_between_two_questions_is_waited_for(
    server: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    said: list[str] = []
    study = open_study(server, "broken off", said=said)
    number = study.propose().number
    database = vars(vars(study._study._storage)["_storage"])["_backend"]

    def break_off(*_: object) -> None:
        with psycopg.connect(server.address_with_password, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )

    sqlalchemy.event.listen(database.engine, "after_cursor_execute", break_off, once=True)

    assert [one.number for one in study.records()] == [number]
    assert [line.split("  ")[0] for line in said] == ["waiting", "going on"]
    assert "terminating connection" in said[0]
    assert caplog.text == ""


def test_a_driver_on_another_machine_is_refused(server: Postgres) -> None:
    first, second = open_study(server, "driven"), open_study(server, "driven")
    with ExitStack() as driving:
        driving.enter_context(first.driven(print))
        with pytest.raises(StudyInUse, match="the study is being searched by process"):
            driving.enter_context(second.driven(print))
        first.complete(first.propose().number, outcome_of(1), COSTS)

    with second.driven(print):  # given back
        second.complete(second.propose().number, outcome_of(2), COSTS)


def test_a_driver_whose_study_was_taken_over_writes_nothing_more(server: Postgres) -> None:
    first, second = open_study(server, "taken"), open_study(server, "taken")
    lease = Lease(StudyBoard(first._study), beat_seconds=60, stale_seconds=0.2)
    with first.driven(print, lease=lease):
        number = first.propose().number
        first.note("driver", "")  # as if it had been stopped until its lease was stale
        with second.driven(print):
            threading.Event().wait(0.2)
            with pytest.raises(StudyInUse, match="was taken over by process"):
                first.complete(number, outcome_of(1), COSTS)
            assert second.propose().number == number
    assert first.record(number).state is State.RUNNING


def test_who_only_looks_cannot_write(server: Postgres) -> None:
    open_study(server, "looked at")
    storage = open_to_read(Database(server.address, "looked at"))

    with pytest.raises(Exception, match="An exception is raised during the commit"):
        storage.set_study_user_attr(storage.get_study_id_from_name("looked at"), "a", 1)
    release(storage)


def test_a_run_folder_remembers_its_database_without_the_password(
    server: Postgres, tmp_path: Path
) -> None:
    settings, folder = small_study(tmp_path, "kept"), RunFolder(tmp_path / "run")
    folder.path.mkdir()
    home = StudyHome.of(settings, folder)
    open_study(server, "kept")
    home.remember()

    assert folder.has_study()
    assert folder.existing_study() == Database(server.address, "kept")
    assert home.has_study(resume=True)
    kept = "".join(one.read_text(encoding="utf-8") for one in folder.path.iterdir())
    assert PASSWORD not in kept
    assert "s3cret" not in kept


def test_two_studies_of_one_name_are_refused_unless_one_goes_on(
    server: Postgres, tmp_path: Path
) -> None:
    settings = small_study(tmp_path, "twice")
    open_study(server, "twice")
    other = StudyHome.of(settings, RunFolder(tmp_path / "other run"))

    with pytest.raises(StudyExists, match=r"holds a study `twice` already; add --resume"):
        other.has_study(resume=False)
    assert other.has_study(resume=True)


def test_a_dry_run_sees_the_trials_of_a_database_and_writes_nothing_into_one(
    server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(server.address_with_password, autocommit=True) as admin:
        admin.execute("CREATE DATABASE fresh")
    address = server.address_with_password.replace("/postgres", "/fresh")
    monkeypatch.setenv("OUTERLOOP_STORAGE", address)
    settings = small_study(tmp_path, "foreseen")
    search = Search(settings, "", tmp_path / "run", parts=fake_parts())

    assert "left        5 trials and the final comparison" in dry_run_lines(search)
    with psycopg.connect(address) as looking:
        made = looking.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert made.fetchone() == (0,)

    study = SearchStudy(
        Database(server.address.replace("/postgres", "/fresh"), "foreseen"),
        name="foreseen",
        space=distributions(settings.recipe),
        sampler="random",
        startup_trials=1,
        seed=0,
    )
    study.complete(study.propose().number, outcome_of(3), COSTS)
    study.close()
    left = next(line for line in dry_run_lines(search) if line.startswith("left"))
    assert left.startswith("left        4 trials and the final comparison, 1 scored so far")


def test_a_run_folder_whose_study_lies_elsewhere_is_not_begun_anew(
    server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, folder = small_study(tmp_path, "moved"), RunFolder(tmp_path / "run")
    folder.path.mkdir()
    StudyHome.of(settings, folder).remember()
    monkeypatch.delenv("OUTERLOOP_STORAGE")

    with pytest.raises(
        StudyChanged, match=r"keeps its study in postgresql://.* names .*study\.db"
    ):
        StudyHome.of(settings, folder)


def test_a_wrong_password_and_a_server_that_is_not_there_are_one_line(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTERLOOP_STORAGE", server.address.replace("searcher", "searcher:wrong"))
    with pytest.raises(StudyError, match="password authentication failed") as refused:
        open_study(server, "wrong")
    assert "wrong@" not in str(refused.value)

    with pytest.raises(StudyError, match="password authentication failed"):
        read_study(Database(server.address, "wrong"))
    nowhere = Database("postgresql://searcher@127.0.0.1:1/postgres", "s")
    with pytest.raises(StudyError, match=r"cannot be used \(.*refused") as away:
        read_records(nowhere, "s")
    assert not isinstance(away.value, StudyNotFound)
    with pytest.raises(StudyError, match=r"127\.0\.0\.1:1/postgres cannot be used \(.*refused"):
        SearchStudy(nowhere, name="s", space=SPACE, sampler="tpe", startup_trials=1, seed=0)
