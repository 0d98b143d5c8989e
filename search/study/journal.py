"""A study's journal in a file that is never left with half a line.

Optuna appends to whatever the file ends with. After a full disk or a power cut that may be half a
line, and what is appended to half a line makes the whole study unreadable.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from optuna.storages.journal import JournalFileBackend
from optuna.storages.journal._file import get_lock_file


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
            _drop_half_line(path)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append all of the lines, or none of them.

        Raises:
            OSError: the file is gone, or has no room.
        """
        text = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs)
        with get_lock_file(self._lock), self._path.open("r+b") as file:
            whole = file.seek(0, os.SEEK_END)
            try:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.ftruncate(file.fileno(), whole)
                raise


def _drop_half_line(path: Path) -> None:
    with path.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        while end > 0:
            start = max(0, end - 65536)
            file.seek(start)
            newline = file.read(end - start).rfind(b"\n")
            if newline >= 0:
                file.truncate(start + newline + 1)
                return
            end = start
        file.truncate(0)
