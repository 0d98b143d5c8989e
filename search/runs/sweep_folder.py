"""The folder a sweep leaves behind.

    <student>/      a run folder for each student, as `outerloop search` leaves one
    stages/         the stages of all of them: what one study generated, the next one reads
    transfer.json   the transfer table, written last

A pipeline finds the table it belongs to by its hash, so a run folder that was searched anew is not
shown somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import TypeAdapter

from search.comparisons.transfer import SCHEMA, Transfer, TransferStudent
from search.errors import StudyError, StudyInUse
from search.runs.folder import RunFolder
from stores.content import write_atomically

TABLE = "transfer.json"
MARK = "sweep.lock"
"""What a sweep is known by; its driver locks it."""

_TRANSFER = TypeAdapter(Transfer)


@dataclass(frozen=True, slots=True)
class SweepFolder:
    """The paths of one sweep."""

    path: Path

    @property
    def stages(self) -> Path:
        """The stage store that all studies share."""
        return self.path / "stages"

    @property
    def table(self) -> Path:
        """The transfer table."""
        return self.path / TABLE

    @property
    def is_sweep(self) -> bool:
        """Whether a sweep was begun here."""
        return (self.path / MARK).exists()

    def runs(self) -> list[Path]:
        """The run folders that are there, by name."""
        return sorted(one.parent for one in self.path.glob("*/study.yaml"))

    def named_runs(self) -> str:
        """The run folders' paths for a message."""
        return ", ".join(str(one) for one in self.runs()) or "none was begun yet"

    def run(self, name: str) -> RunFolder:
        """The run folder of a student, by its short name."""
        return RunFolder(self.path / name)

    def save(self, transfer: Transfer) -> None:
        """Write the table."""
        text = _TRANSFER.dump_json(transfer, indent=1).decode() + "\n"
        write_atomically(self.table, text)

    @contextmanager
    def driven(self) -> Iterator[None]:
        """Hold the folder for this driver.

        Raises:
            StudyInUse: another live process holds it.
            StudyError: the folder cannot be made.
        """
        lock = FileLock(self.path / MARK, blocking=False)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as error:
            raise StudyInUse(
                f"{self.path} is being swept by another process; wait for it, stop it, or give "
                "another --sweep-dir"
            ) from error
        except OSError as error:
            raise StudyError(
                f"{self.path}: {error.strerror}; choose another --sweep-dir"
            ) from error
        try:
            yield
        finally:
            lock.release()


def short_names(students: Sequence[str]) -> dict[str, str]:
    """A short name of its own for each student: its last part, or all of it where two end alike.

    Raises:
        StudyError: fewer than two students, one given twice, or two that cannot be told apart.
    """
    if len(set(students)) < len(students):
        twice = next(one for one in students if students.count(one) > 1)
        raise StudyError(f"--student {twice} stands there twice; drop one")
    if len(students) < 2:
        raise StudyError(
            "a sweep compares two students or more: give --student twice, or run "
            "`outerloop search` for one"
        )
    last = [re.split(r"[:/]", one.rstrip("/"))[-1] for one in students]
    names = [
        re.sub(r"[^A-Za-z0-9._-]+", "-", name if last.count(name) == 1 else one).strip("-.")
        for name, one in zip(last, students, strict=True)
    ]
    if len(set(names)) < len(names):
        raise StudyError(f"students {', '.join(students)} cannot be told apart by name")
    return dict(zip(students, names, strict=True))


def read_transfer(path: Path) -> Transfer | None:
    """The table in a file; None where there is none that this version can read."""
    try:
        transfer = _TRANSFER.validate_json(path.read_bytes())
    except (OSError, ValueError):
        return None
    return transfer if transfer.schema == SCHEMA else None


def transfer_beside(run: Path, pipeline: str) -> tuple[Transfer, TransferStudent] | None:
    """The table that a run folder's pipeline stands in, and its column; None where there is none.

    Args:
        run: the run folder, in a sweep folder or not.
        pipeline: the hash of the pipeline in it.
    """
    transfer = read_transfer(run.resolve().parent / TABLE)
    student = transfer.of_pipeline(pipeline) if transfer and pipeline else None
    return (transfer, student) if transfer and student else None
