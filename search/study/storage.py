"""The storages a study lives in: opened for writing, and opened to look.

One of the files for Optuna; see `search.study.study`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

import optuna
import sqlalchemy
from optuna.exceptions import OptunaError
from optuna.storages import BaseStorage
from optuna.storages.journal import JournalFileBackend
from optuna.storages.journal._file import get_lock_file
from sqlalchemy.exc import SQLAlchemyError

from engines.append_only import append_whole, cut_half_line
from engines.errors import first_line
from search.errors import StudyError, StudyExists
from search.settings.storage_address import Database, Place
from search.study.notes import PREFIX
from search.study.waiting import Patience, is_gone, patient, reason_of, release
from stores.sqlite_address import address_of_existing

_LOCKED_SECONDS = 5.0
"""How long SQLite itself waits for a lock before we are told, who wait longer and say so."""
_SERVER = {
    # a server whose machine is gone says nothing at all
    "connect_timeout": 5,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def open_to_read(place: Place) -> BaseStorage:
    """A storage that cannot be written through, where SQLite or PostgreSQL let us say so."""
    if isinstance(place, Database):
        reading = {**_SERVER, "options": "-c default_transaction_read_only=on"}
        return optuna.storages.RDBStorage(place.url(), engine_kwargs={"connect_args": reading})
    if place.suffix == ".db":
        return optuna.storages.RDBStorage(address_of_existing(place, mode="ro"))
    return optuna.storages.JournalStorage(JournalFileBackend(str(place)))


def has_tables(database: Database) -> bool:
    """Whether a study was ever begun in a database; asked before somebody only reads.

    Raises:
        SQLAlchemyError: it cannot be reached.
    """
    engine = sqlalchemy.create_engine(database.url(), connect_args=_SERVER)
    try:
        return sqlalchemy.inspect(engine).has_table("studies")
    finally:
        engine.dispose()


def open_to_write(place: Place, patience: Patience | None = None) -> BaseStorage:
    """A storage that the search writes: SQLite for `.db`, a journal for any other file.

    Args:
        place: a file is made where there is none; a database must be there.
        patience: how long every operation waits for a storage that is gone; None does not wait.

    Raises:
        StudyError: the storage cannot be reached, is damaged or is another version's.
    """
    # Optuna logs a query that failed before it asks another; we say in one line that we wait
    logging.getLogger("optuna.storages._rdb.storage").setLevel(logging.ERROR)
    with _explained(place):
        storage: BaseStorage
        if isinstance(place, Database):
            options = {"connect_args": _SERVER, "pool_pre_ping": True}
            storage = optuna.storages.RDBStorage(place.url(), engine_kwargs=options)
        elif place.suffix == ".db":
            place.touch()  # opened as a file that is there: one moved away is not made anew
            waiting = {"connect_args": {"timeout": _LOCKED_SECONDS}}
            storage = optuna.storages.RDBStorage(
                address_of_existing(place, mode="rw"), engine_kwargs=waiting
            )
        else:
            storage = optuna.storages.JournalStorage(SoundJournal(place))
    storage = optuna.storages.get_storage(storage)  # with Optuna's cache, as its studies have it
    return patient(storage, patience) if patience else storage


def names_of(storage: BaseStorage) -> list[str]:
    """The studies in a storage."""
    return [study.study_name for study in storage.get_all_studies()]


def has_study(place: Place, name: str) -> bool:
    """Whether a study was begun there.

    Raises:
        StudyError: see `open_to_write`.
    """
    with _explained(place):
        storage = open_to_write(place)
        try:
            return name in names_of(storage)
        finally:
            release(storage)


def forget_note(place: Place, name: str) -> None:
    """Empty a fact of every study in a storage, where it is noted.

    Raises:
        StudyError: see `open_to_write`.
    """
    storage = open_to_write(place)
    try:
        for study in storage.get_all_studies():
            if study.system_attrs.get(PREFIX + name):
                storage.set_study_system_attr(study._study_id, PREFIX + name, "")
    finally:
        release(storage)


def refuse_another(names: list[str], place: Place, *, name: str) -> None:
    """Refuse a file that holds a study of another name: a run folder is one study's.

    Raises:
        StudyExists: it does.
    """
    others = [one for one in names if one != name]
    if others:
        raise StudyExists(
            f"{place} holds the study `{others[0]}`, the study file is named `{name}`; give "
            "`name:` back, or choose another --run-dir"
        )


@contextmanager
def _explained(place: Place) -> Iterator[None]:
    """One line for whatever a storage says when it is opened.

    Raises:
        StudyError: always, in place of what was raised.
    """
    try:
        yield
    except ImportError as error:
        raise StudyError(
            f"{place} needs PostgreSQL's client; pip install 'outerloop[postgres]'"
        ) from error
    except RuntimeError as error:  # Optuna compares the tables' version with its own
        raise StudyError(
            f"{place} is another version's: {first_line(str(error))} Use that version, or give "
            "the study another --run-dir"
        ) from error
    except (OptunaError, SQLAlchemyError, OSError) as error:
        refuse_unreachable(place, error)
        raise _damaged(place, error) from error
    except (ValueError, KeyError, AssertionError, TypeError) as error:  # a journal's odd lines
        raise _damaged(place, error) from error


def refuse_unreachable(place: Place, error: Exception) -> None:
    """Say of a database that nobody could ask that it is away, and not that it holds nothing.

    Raises:
        StudyError: the error says so.
    """
    if isinstance(place, Database) and is_gone(error):
        raise StudyError(
            f"{place} cannot be used ({reason_of(error)}); start it, or correct "
            "search.storage and its password"
        ) from error


def _damaged(place: Place, error: Exception) -> StudyError:
    return StudyError(
        f"{place} cannot be opened as a study; it is damaged or another version's "
        f"({type(error).__name__}: {reason_of(error)}); restore it, or give the study another "
        "--run-dir"
    )


class SoundJournal(JournalFileBackend):
    """A journal that is written by whole lines, into a file that must be there.

    Args:
        path: the file; made when this is constructed, never later, so that a study whose file was
            moved away is not begun anew.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._path = path
        with get_lock_file(self._lock):
            cut_half_line(path)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append all of the lines, or none of them.

        Raises:
            OSError: the file is gone, or has no room.
        """
        text = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs)
        with get_lock_file(self._lock), FileIO(self._path, "r+") as file:
            append_whole(file, text)
