"""A run folder's own MLflow store, made to name the files beside it after the folder has moved.

What people get wrong: MLflow writes down where its files lie from the root of the disk. A run
folder that was copied keeps naming the files of the folder it was copied from: it would write
there, and one that was moved would find none. So whoever opens a store looks first.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress

from search.runs.folder import RunFolder

_NAMED_IN = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Tables and columns of MLflow's that say where files lie."""


def settle_if_possible(folder: RunFolder) -> None:
    """For whoever only looks, and does without where the folder cannot be written."""
    with suppress(sqlite3.Error):
        settle_store(folder)


def settle_store(folder: RunFolder) -> None:
    """Let a run's store name the files in this folder, where it names those of another.

    Raises:
        sqlite3.Error: the store cannot be read, or not be written where it has to be.
    """
    if not folder.mlflow_store.is_file():
        return
    here = folder.mlflow_files
    name = here.rsplit("/", 1)[1]
    with closing(sqlite3.connect(folder.mlflow_store, timeout=30)) as store:
        found = store.execute("SELECT DISTINCT artifact_location FROM experiments").fetchall()
        others = [old for (old,) in found if str(old).endswith(f"/{name}") and old != here]
        with store:
            for old in others:
                for table, column in _NAMED_IN:
                    store.execute(
                        f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
                        f"WHERE {column} = ? OR substr({column}, 1, ?) = ?",
                        (here, len(old) + 1, old, len(old) + 1, f"{old}/"),
                    )
