"""A study's journal in a file that is never left with half a line.

Optuna appends to whatever the file ends with. After a full disk or a power cut that may be half a
line, and what is appended to half a line makes the whole study unreadable.
"""

from __future__ import annotations

import json
from io import FileIO
from pathlib import Path
from typing import Any

from optuna.storages.journal import JournalFileBackend
from optuna.storages.journal._file import get_lock_file

from engines.append_only import append_whole, cut_half_line


class WholeLines(JournalFileBackend):
    """A journal that is written by whole lines, into a file that must be there.

    Args:
        path: the file; made when this is constructed, never later, so that a study whose file was
            moved away is not begun anew.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._path = path
        with get_lock_file(self._lock):
            cut_half_line(path)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append all of the lines, or none of them.

        Raises:
            OSError: the file is gone, or has no room.
        """
        text = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs)
        with get_lock_file(self._lock), FileIO(self._path, "r+") as file:
            append_whole(file, text)
