"""Where a search's study lives, and whether this search may use it.

The run folder's file, or a database that several run folders and machines share. What people get
wrong: a run folder whose study lies elsewhere than its file says now would be begun anew, and two
run folders would fill one study of a database; both are refused.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass

from engines import environment
from search.errors import SettingsError, StudyChanged, StudyExists
from search.runs.folder import RunFolder
from search.settings.storage_address import Database, Place, wanted_place
from search.settings.study import StudySettings
from search.study.storage import has_study

_NAMED_IN = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Tables and columns of MLflow's that say where files lie."""


@dataclass(frozen=True, slots=True)
class StudyHome:
    """A study's place, seen from its run folder."""

    folder: RunFolder
    place: Place
    name: str

    @classmethod
    def of(cls, settings: StudySettings, folder: RunFolder) -> StudyHome:
        """The place that the study file and the environment name.

        Raises:
            SettingsError: the environment names none.
            StudyChanged: the run folder's study lies elsewhere.
        """
        try:
            place = wanted_place(settings.search.storage, folder=folder.path, study=settings.name)
        except ValueError as error:
            raise SettingsError(str(error)) from error
        if folder.has_study() and folder.existing_study() != place:
            raise StudyChanged(
                f"{folder.path} keeps its study in {folder.existing_study()}, search.storage or "
                f"{environment.STUDY_STORAGE} names {place}; set it back, choose another "
                f"--run-dir or, where the database itself has moved, delete {folder.pointer}"
            )
        return cls(folder, place, settings.name)

    def has_study(self, *, resume: bool) -> bool:
        """Whether the study was begun, from this run folder or from another.

        Raises:
            StudyExists: it was, from another, and nobody asked to resume it.
            StudyError: the database cannot be used.
        """
        if not isinstance(self.place, Database):
            return self.folder.has_study()
        there = has_study(self.place, self.name)
        if there and not resume:
            raise StudyExists(
                f"{self.place} holds a study `{self.name}` already; add --resume to go on with "
                "it, or give the study another `name:`"
            )
        return there

    def remember(self) -> None:
        """Let the run folder say where its study is."""
        if isinstance(self.place, Database):
            self.folder.point_to(self.place)


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
