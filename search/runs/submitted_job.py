"""What is different where the driver was submitted to a Ray as a job.

Ray unpacks the job's working directory on one node and deletes it some time after the job: a run
folder in it is lost, and no other node sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engines import environment
from search.errors import StudyError


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
