"""The folder a search leaves behind: where each thing lies, and who may write it.

    study.yaml    the study file as it was given
    study.db      the Optuna study (study.journal with `search.storage: journal`; study.place says
                  where it is with PostgreSQL)
    mlflow.db     the MLflow store, with mlflow-files/ beside it
    artifacts/    each trial's files for the dashboard: prompt, rows, problems
    stages/       every stage of every trial, by content
    final.json    the sealed comparison
    pipeline/     the winner, frozen
    manifest.json hashes of the above; written last, so a finished search has one

One live driver at a time: the lock is the operating system's, so it goes when its holder dies,
however it dies.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import BaseFileLock, FileLock, Timeout

from engines import environment
from engines.errors import first_line
from engines.file_hashes import file_sha256
from engines.json_text import read_json
from search.errors import StudyError, StudyExists, StudyInUse, StudyNotFound
from search.settings.storage_address import FILES, Database, Place
from stores.content import JSONValue, write_atomically, write_json
from stores.sqlite_address import sqlite_address

RUNS = Path("runs")
"""Where run folders are made unless told otherwise."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The paths of one run."""

    path: Path

    @property
    def study_file(self) -> Path:
        """The study file as it was given."""
        return self.path / "study.yaml"

    @property
    def stages(self) -> Path:
        """The stage store."""
        return self.path / "stages"

    @property
    def artifacts(self) -> Path:
        """What the dashboard shows beside each trial."""
        return self.path / "artifacts"

    @property
    def final(self) -> Path:
        """The sealed comparison."""
        return self.path / "final.json"

    @property
    def pipeline(self) -> Path:
        """The frozen winner."""
        return self.path / "pipeline"

    @property
    def manifest(self) -> Path:
        """The hashes, written last."""
        return self.path / "manifest.json"

    @property
    def scratch(self) -> Path:
        """What Ray Tune scribbles; safe to delete."""
        return self.path / ".scratch"

    @property
    def mlflow_store(self) -> Path:
        """The run's own MLflow store."""
        return self.path / "mlflow.db"

    @property
    def mlflow_uri(self) -> str:
        """Its address."""
        return sqlite_address(self.mlflow_store)

    @property
    def mlflow_files(self) -> str:
        """Where MLflow keeps files."""
        return (self.path / "mlflow-files").resolve().as_uri()

    @property
    def pointer(self) -> Path:
        """Where the study is that does not lie here; there only then."""
        return self.path / "study.place"

    def study(self, storage: str) -> Path:
        """The study's file for a kind of storage."""
        return self.path / FILES[storage]

    def existing_study(self) -> Place:
        """Where the study is, whichever storage made it.

        Raises:
            StudyNotFound: nothing was searched here.
        """
        for storage in FILES:
            if self.study(storage).exists():
                return self.study(storage)
        if self.pointer.exists():
            return self._pointed_at()
        raise StudyNotFound(f"{self.path}: no study there; run `outerloop search` first")

    @contextmanager
    def driven(self, *, resume: bool) -> Iterator[None]:
        """Hold the folder for this driver.

        Raises:
            StudyInUse: another live process holds it.
            StudyExists: there is a study and nobody asked to resume it.
            StudyError: the folder cannot be made.
        """
        if self.has_study() and not resume:
            raise StudyExists(
                f"{self.path} holds a study already; add --resume to go on with it, or give the "
                "study another `name:` or --run-dir"
            )
        lock = self._lock()
        try:
            write_json(
                self.path / "driver.json", {"host": socket.gethostname(), "pid": os.getpid()}
            )
            yield
        finally:
            lock.release()

    def begin(self, study_text: str) -> None:
        """Keep the study file, and take back what an earlier run said of being finished."""
        self.manifest.unlink(missing_ok=True)
        write_atomically(self.study_file, study_text)

    def finish(self, facts: Mapping[str, JSONValue]) -> None:
        """Write the manifest: the folder is finished now."""
        kept = [self.study_file, self.final, *sorted(self.pipeline.glob("*"))]
        hashes: dict[str, JSONValue] = {
            path.relative_to(self.path).as_posix(): file_sha256(path)
            for path in kept
            if path.is_file()
        }
        write_json(self.manifest, {**facts, "files": hashes})

    def facts(self) -> dict[str, Any]:
        """What the manifest says.

        Raises:
            OSError: there is none.
            ValueError: it is damaged.
        """
        facts: dict[str, Any] = read_json(self.manifest.read_text(encoding="utf-8"))
        return facts

    def finish_again(self) -> None:
        """Hash the files anew, after a finished pipeline was written again.

        Raises:
            OSError: the folder was never finished.
        """
        facts = self.facts()
        self.finish({name: value for name, value in facts.items() if name != "files"})

    def has_study(self) -> bool:
        """Whether a study was begun here."""
        places = [*(self.study(storage) for storage in FILES), self.pointer]
        return any(place.exists() for place in places)

    def point_to(self, database: Database) -> None:
        """Remember the database that the study is in."""
        write_json(self.pointer, {"address": database.address, "study": database.study})

    def _pointed_at(self) -> Database:
        try:
            return Database(**read_json(self.pointer.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise StudyNotFound(
                f"{self.pointer} cannot be read ({first_line(str(error))}); delete it and run "
                "again with --resume: the study file says where the study is"
            ) from error

    def _lock(self) -> BaseFileLock:
        lock = FileLock(self.path / "driver.lock", blocking=False)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as error:
            raise StudyInUse(
                f"{self.path} is being searched by {self._driver()}; wait for it, stop it, or "
                "give the study another `name:` or --run-dir"
            ) from error
        except OSError as error:
            raise StudyError(f"{self.path}: {error.strerror}; choose another --run-dir") from error
        return lock

    def _driver(self) -> str:
        try:
            driver = read_json((self.path / "driver.json").read_text(encoding="utf-8"))
            return f"process {driver['pid']} on {driver['host']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"


def require_kept(folders: Mapping[str, Path | None]) -> None:
    """Refuse a folder that goes with the job that fills it.

    Args:
        folders: each by the option that it is set with; None is none.

    Raises:
        StudyError: one lies in the job's working directory.
    """
    for option, path in folders.items():
        if path is not None and environment.unpacked_by_ray(path):
            raise StudyError(
                f"{path} lies in the working directory that Ray unpacked for this job on one node "
                f"and deletes later; give {option} on a file system that every node shares, "
                "and the address of a copy with --mirror"
            )
