"""A file of lines that is only ever added to, and survives a kill at any moment.

A line is there whole or not at all: what a kill or a full disk left torn is cut off. What people
get wrong: appending to half a line spoils both.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

_SYNC_SECONDS = 1.0
"""A power cut loses at most what was written since so long ago; a killed process loses nothing."""


class AppendOnly:
    """The lines of a file, which is made with its first line. Use it as a context manager.

    Args:
        path: the file.
        every_line: whether each line is on the disk when `append` returns, and not only in the
            system's hands.
    """

    def __init__(self, path: Path, *, every_line: bool = False) -> None:
        self.path = path
        self._pause = 0.0 if every_line else _SYNC_SECONDS
        self._file: FileIO | None = None
        self._synced = 0.0

    def __enter__(self) -> Self:
        """Nothing yet: a file that nothing is added to is left as it is."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._close()

    def __iter__(self) -> Iterator[bytes]:
        """The whole lines, each with its end."""
        if self.path.exists():
            with self.path.open("rb") as lines:
                yield from (line for line in lines if line.endswith(b"\n"))

    def append(self, line: str) -> None:
        """Add a line.

        Raises:
            OSError: the disk is full, or the file cannot be written.
        """
        if self._file is None:
            whole = sum(len(line) for line in self)
            self._file = FileIO(self.path, "r+" if self.path.exists() else "x+")
            self._file.truncate(whole)
        end = self._file.seek(0, os.SEEK_END)
        try:
            left = line.encode() + b"\n"
            while left:
                left = left[self._file.write(left) :]
            if time.monotonic() - self._synced >= self._pause:
                os.fsync(self._file.fileno())
                self._synced = time.monotonic()
        except OSError:
            with suppress(OSError):
                self._file.truncate(end)
            self._close()
            raise

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
