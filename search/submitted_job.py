"""What is different where the driver was submitted to a Ray as a job.

Ray unpacks the job's working directory on one node and deletes it some time after the job: a run
folder in it is lost, and no other node sees it.
"""

from __future__ import annotations

from pathlib import Path

from search import environment
from search.errors import StudyError


def require_kept(path: Path, *, option: str) -> None:
    """Refuse a folder that goes with the job that fills it.

    Args:
        path: the folder.
        option: what to set it with instead.

    Raises:
        StudyError: it lies in the job's working directory.
    """
    if environment.unpacked_by_ray(path):
        raise StudyError(
            f"{path} lies in the working directory that Ray unpacked for this job on one node and "
            f"deletes later; give {option} on a file system that every node shares"
        )
