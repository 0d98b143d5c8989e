"""Where a search's study lives, and whether this search may use it.

The run folder's file, or a database that several run folders and machines share. What people get
wrong: a run folder whose study lies elsewhere than its file says now would be begun anew, and two
run folders would fill one study of a database; both are refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from engines import environment
from search.errors import SettingsError, StudyChanged, StudyExists
from search.runs.folder import RunFolder
from search.settings.storage_address import Database, Place, wanted_place
from search.settings.study import StudySettings
from search.study.storage import has_study


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
