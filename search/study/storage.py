"""The storages a study lives in: opened for writing, opened to look, and served.

One of the files for Optuna; see `search.study.study`.
"""

from __future__ import annotations

from pathlib import Path

import optuna  # noqa: TID251 - the storages' half of search/study/study.py
from optuna.artifacts import FileSystemArtifactStore  # noqa: TID251
from optuna.storages.journal import JournalFileBackend  # noqa: TID251


def study_url(path: Path) -> str:
    """How Optuna and its dashboard are told of a study file."""
    return f"sqlite:///{path.resolve()}" if path.suffix == ".db" else str(path.resolve())


def open_to_read(path: Path) -> optuna.storages.BaseStorage:
    """A storage that cannot be written through, where SQLite lets us say so."""
    if path.suffix == ".db":
        return optuna.storages.RDBStorage(f"sqlite:///file:{path.resolve()}?mode=ro&uri=true")
    return open_to_write(path)


def open_to_write(path: Path) -> optuna.storages.BaseStorage:
    """A storage that the search writes; SQLite for `.db`, a journal for any other file."""
    if path.suffix == ".db":
        waiting = {"connect_args": {"timeout": 60}}
        return optuna.storages.RDBStorage(study_url(path), engine_kwargs=waiting)
    return optuna.storages.JournalStorage(JournalFileBackend(str(path)))


def serve_dashboard(path: Path, *, files: FileSystemArtifactStore, host: str, port: int) -> None:
    """Serve Optuna dashboard on a study until it is interrupted. It cannot change the study."""
    from optuna_dashboard import run_server

    run_server(open_to_read(path), host=host, port=port, artifact_store=files)
