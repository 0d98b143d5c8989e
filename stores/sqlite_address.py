"""The address of a SQLite file, whatever its path holds.

What people get wrong: an address is no path. `#`, `?` and `%` mean something in it, so a folder
called `run #1` sends its study to a file beside it. SQLAlchemy writes the address, because it is
SQLAlchemy that reads it again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import quote


def sqlite_address(path: Path) -> str:
    """The address of a file that is made where there is none, as MLflow takes it."""
    from sqlalchemy import URL  # takes a while to import, and help is quick

    address = URL.create("sqlite", database=str(path.resolve())).render_as_string()
    if "%" in address:
        # MLflow makes the folder that a plain address seems to name; of a driver's it makes none
        return address.replace("sqlite:", "sqlite+pysqlite:", 1)
    return address


def address_of_existing(path: Path, *, mode: Literal["ro", "rw"]) -> str:
    """The address of a file that must be there, to be read alone or written too."""
    from sqlalchemy import URL

    # within it stands SQLite's own address, which has rules of its own
    file = f"file:{quote(str(path.resolve()))}"
    query = {"mode": mode, "uri": "true"}
    return URL.create("sqlite", database=file, query=query).render_as_string()
