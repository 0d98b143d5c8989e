"""Whether what a search writes to can be written: its run folder, and MLflow's server.

The study's own storage is looked into by whoever reads the study (`dry_run_of_begun`).
"""

from __future__ import annotations

import os
from pathlib import Path

from engines import environment
from engines.errors import first_line
from search.errors import StudyError

_SECONDS = 5.0


def place_lines(run_dir: Path) -> list[str]:
    """What a dry run says of the places.

    Raises:
        StudyError: the run folder cannot be made or written.
    """
    require_writable(run_dir)
    return [f"checked     run folder: {run_dir} can be written", *_mlflow_lines()]


def require_writable(folder: Path) -> None:
    """Check that a folder can be written, or made.

    Raises:
        StudyError: it cannot.
    """
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise StudyError(f"{there} is a file, and no folder can be made there; choose another")
    if not os.access(there, os.W_OK | os.X_OK):
        raise StudyError(f"{there} cannot be written by this user; choose another folder")


def _mlflow_lines() -> list[str]:
    address = environment.mlflow_tracking_uri()
    if address is None or not address.startswith(("http://", "https://")):
        return []
    import httpx

    where = "MLflow: the server that MLFLOW_TRACKING_URI names"
    try:
        answer = httpx.get(f"{address.rstrip('/')}/health", timeout=_SECONDS)
        reason = "" if answer.status_code < 500 else f"it answers {answer.status_code}"
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        reason = first_line(str(error)) if str(error) else type(error).__name__
    if not reason:
        return [f"checked     {where}: it answers"]
    return [
        f"WARNING     {where} does not answer ({reason}); a search runs without it, and the next "
        "run with --resume logs what is missing"
    ]
