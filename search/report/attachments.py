"""Puts a trial's note and files where Optuna dashboard shows them.

Before the trial is told: a finished trial takes no more files. Doing it again changes nothing, so
a trial that was killed in between and adopted has its note and files once.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import BinaryIO

import optuna
from optuna.artifacts import (
    FileSystemArtifactStore,
    get_all_artifact_meta,
    upload_artifact,
)
from optuna.artifacts.exceptions import ArtifactNotFound
from optuna_dashboard import save_note

from search.report.trial_pages import TrialPages
from search.study.records import TrialRecord

_PLAIN = "text/plain"
"""So that no browser runs a file, whatever a model wrote into it."""


class FilesToRead(FileSystemArtifactStore):
    """The files for a dashboard that only shows them.

    Deleting a study in the dashboard takes its files away before it asks the storage, so a storage
    that cannot be written does not protect them.
    """

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Refused.

        Raises:
            PermissionError: always.
        """
        raise PermissionError(f"{artifact_id}: this dashboard only shows files")

    def remove(self, artifact_id: str) -> None:
        """Refused.

        Raises:
            PermissionError: always.
        """
        raise PermissionError(f"{artifact_id}: this dashboard only shows files")


class Attachments:
    """Attaches pages to the trials of a study; a `search.study.study.Attacher`.

    Args:
        store: the folder the files live in.
        pages: makes what is attached.
    """

    def __init__(self, store: Path, pages: TrialPages) -> None:
        self._folder = store
        self._store = FileSystemArtifactStore(store)
        self._pages = pages

    def attach(self, trial: optuna.Trial, record: TrialRecord) -> None:
        """See `Attacher.attach`.

        Raises:
            OSError: the files cannot be written.
        """
        page = self._pages.page(record)
        save_note(trial, page.note)
        self._folder.mkdir(parents=True, exist_ok=True)
        there = {meta.filename: meta.artifact_id for meta in get_all_artifact_meta(trial)}
        with tempfile.TemporaryDirectory() as folder:
            for name, text in page.files.items():
                content = text.encode("utf-8", "replace")
                if name in there:
                    self._restore(there[name], content)
                    continue
                file = Path(folder) / name
                file.write_bytes(content)
                upload_artifact(
                    artifact_store=self._store,
                    file_path=str(file),
                    study_or_trial=trial,
                    mimetype=_PLAIN,
                )

    def _restore(self, artifact: str, content: bytes) -> None:
        """Write a file that its trial names already, where a kill kept it from being written."""
        try:
            self._store.open_reader(artifact).close()
        except ArtifactNotFound:
            self._store.write(artifact, io.BytesIO(content))
