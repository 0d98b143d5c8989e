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
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

_SYNC_SECONDS = 1.0
"""A power cut loses at most what was written since so long ago; a killed process loses nothing."""
_BLOCK_BYTES = 65_536
"""How much of a file's end is read at a time in search of its last whole line."""


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
            if self.path.exists():
                cut_half_line(self.path)
            self._file = FileIO(self.path, "r+" if self.path.exists() else "x+")
        sync = time.monotonic() - self._synced >= self._pause
        try:
            append_whole(self._file, line + "\n", sync=sync)
        except OSError:
            self._close()
            raise
        if sync:
            self._synced = time.monotonic()

    def keep(self, count: int) -> None:
        """Cut off whatever follows the first `count` lines."""
        if self.path.exists():
            os.truncate(self.path, sum(len(line) for line in islice(self, count)))

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def append_whole(file: FileIO, text: str, *, sync: bool = True) -> None:
    """Add all of a text to the end of a file, or none of it.

    Args:
        file: written without a buffer.
        text: whole lines.
        sync: whether it is on the disk when this returns.

    Raises:
        OSError: the disk is full, or the file cannot be written.
    """
    end = file.seek(0, os.SEEK_END)
    try:
        left = text.encode()
        while left:
            left = left[file.write(left) :]
        if sync:
            os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            file.truncate(end)
        raise


def cut_half_line(path: Path) -> None:
    """Cut off what a kill, a full disk or a power cut left behind the last whole line."""
    with path.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        while end > 0:
            start = max(0, end - _BLOCK_BYTES)
            file.seek(start)
            newline = file.read(end - start).rfind(b"\n")
            if newline >= 0:
                end = start + newline + 1
                break
            end = start
        file.truncate(end)
