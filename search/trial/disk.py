"""Tells a full disk from everything else that a stage may die of.

A full disk is no fault of a recipe: a trial that meets it is stopped, not failed, and goes on when
there is room. Libraries hide the system's error number, so their words are looked at too.
"""

from __future__ import annotations

import errno

from engines.errors import first_line
from search.errors import DiskFull

_NUMBERS = frozenset({errno.ENOSPC, errno.EDQUOT})
_WORDS = ("no space left on device", "database or disk is full", "disk quota exceeded")
"""The system's, SQLite's, the quota's."""


def is_disk_full(error: BaseException) -> bool:
    """Whether an error, or one it came from, says that there is no room."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and found.errno in _NUMBERS:
            return True
        if any(word in str(found).lower() for word in _WORDS):
            return True
        found = found.__cause__ or found.__context__
    return False


def disk_full(error: BaseException, *, stage: str = "") -> DiskFull:
    """What stops a trial that found no room."""
    where = f"in {stage} " if stage else ""
    return DiskFull(
        f"the disk is full {where}({first_line(str(error))}); make room and run again with "
        "--resume"
    )
