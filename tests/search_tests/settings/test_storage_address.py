from __future__ import annotations

from pathlib import Path

import pytest

from search.errors import SettingsError
from search.settings.file import parse_study
from search.settings.storage_address import Database, wanted_place

ADDRESS = "postgresql://ada@db.example:5432/studies"
STUDY = """\
name: s
generator: {{model: local/fake}}
recipe: {{base: Translate., filter: [compiles], keep_docstring: [true]}}
search:
  storage: {storage}
"""


def wanted(storage: str) -> Path | Database:
    return wanted_place(storage, folder=Path("/run"), study="s")


@pytest.fixture(autouse=True)
def no_storage_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUTERLOOP_STORAGE", raising=False)


def test_a_study_lies_in_the_run_folder_or_in_the_database_its_file_names() -> None:
    assert wanted("sqlite") == Path("/run/study.db")
    assert wanted("journal") == Path("/run/study.journal")
    assert wanted(ADDRESS) == Database(ADDRESS, "s")


def test_the_environment_wins_and_its_password_is_used_and_never_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OUTERLOOP_STORAGE", "postgres://ada:p%40ss@db.example:5432/studies")

    place = wanted("sqlite")

    assert place == Database(ADDRESS, "s")
    assert "p%40ss" not in repr(place) + str(place)
    assert isinstance(place, Database)
    assert place.url() == "postgresql+psycopg://ada:p%40ss@db.example:5432/studies"


def test_a_password_is_given_to_the_address_it_belongs_to_and_to_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OUTERLOOP_STORAGE", "postgresql://ada:secret@elsewhere/studies")

    assert Database(ADDRESS, "s").url() == f"postgresql+psycopg{ADDRESS[len('postgresql') :]}"


@pytest.mark.parametrize(
    ("storage", "says"),
    [
        ("postgresql://ada:secret@db/studies", "holds a password"),
        ("postgresql://db/studies?password=secret", "holds a password"),
        ("postgresql://db", "names no database; end it with /DATABASE"),
        ("postgresql://db:port/studies", "has a port that is no number"),
        ("mysql://db/studies", "is neither sqlite, journal nor postgresql://"),
    ],
)
def test_a_storage_that_cannot_be_is_refused_with_its_line(storage: str, says: str) -> None:
    with pytest.raises(SettingsError, match=r"^s\.yaml:5: search\.storage") as refused:
        parse_study(STUDY.format(storage=storage), name="s.yaml")

    assert says in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_storage_that_cannot_be_is_refused_in_the_environment_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OUTERLOOP_STORAGE", "redis://db/0")

    with pytest.raises(ValueError, match=r"OUTERLOOP_STORAGE is neither sqlite"):
        wanted("sqlite")
