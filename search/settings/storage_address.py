"""Where a study lives: a file in the run folder, or a database that several machines reach.

What people get wrong: an address with a password in it ends in a log. `Database` holds the address
without one; the password is looked up when somebody connects, and stands nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from engines import environment

SCHEMES = ("postgresql", "postgres")
"""What a database's address begins with, before `://`."""

FILES: Mapping[str, str] = {"sqlite": "study.db", "journal": "study.journal"}
"""The file in the run folder, by kind of storage."""


@dataclass(frozen=True, slots=True)
class Database:
    """A PostgreSQL database."""

    address: str
    """`postgresql://USER@HOST:PORT/NAME`; it never holds a password."""
    study: str
    """The name of the one of its studies that is meant."""

    def __str__(self) -> str:
        """The address; it is safe to print."""
        return self.address

    def url(self) -> str:
        """The address as SQLAlchemy wants it, with the password where the environment holds one.

        Without one there, PostgreSQL's own client looks for it (`PGPASSWORD`, `~/.pgpass`).
        """
        given = environment.study_storage() or ""
        password = urlsplit(given).password if without_password(given) == self.address else None
        parts = urlsplit(self.address)
        user, at, host = parts.netloc.rpartition("@")
        if password is not None:
            user += ":" + quote(unquote(password), safe="")
        query = f"?{parts.query}" if parts.query else ""
        return f"postgresql+psycopg://{user}{at}{host}{parts.path}{query}"


Place: TypeAlias = Path | Database
"""A study's file, or its database."""


def wanted_place(storage: str, *, folder: Path, study: str) -> Place:
    """Where a study file and the environment together want the study; the environment wins.

    Args:
        storage: `search.storage`.
        folder: the run folder.
        study: the study's name.

    Raises:
        ValueError: what the environment names is no storage.
    """
    given = environment.study_storage()
    if given:
        wrong = what_is_wrong_with(without_password(given))
        if wrong:
            raise ValueError(f"{environment.STUDY_STORAGE} {wrong}")
        storage = without_password(given)
    if storage in FILES:
        return folder / FILES[storage]
    return Database(without_password(storage), study)


def what_is_wrong_with(storage: str) -> str:
    """Why a text cannot be `search.storage`; empty where it can."""
    if storage in FILES:
        return ""
    parts = urlsplit(storage)
    if parts.scheme not in SCHEMES:
        return "is neither sqlite, journal nor postgresql://USER@HOST/DATABASE"
    if parts.password is not None or "password" in dict(parse_qsl(parts.query)):
        return (
            "holds a password, which does not belong into a file; leave it out and export "
            f"{environment.STUDY_STORAGE} or PGPASSWORD, or keep it in ~/.pgpass"
        )
    try:
        _ = parts.port
    except ValueError:
        return "has a port that is no number"
    return "" if parts.path.strip("/") else "names no database; end it with /DATABASE"


def without_password(address: str) -> str:
    """An address as it may be shown and kept."""
    parts = urlsplit(address)
    if parts.scheme not in SCHEMES:
        return address
    user, at, host = parts.netloc.rpartition("@")
    scheme = SCHEMES[0]
    return parts._replace(scheme=scheme, netloc=user.partition(":")[0] + at + host).geturl()
