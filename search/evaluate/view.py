"""A folder that `outerloop evaluate` wrote, read for a person: finished, unfinished or damaged.

What cannot be read is left out and said; nothing in the folder is changed. What people get wrong:
counting a record that cannot be read as a problem that was failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from engines.file_hashes import file_sha256
from engines.json_text import read_json
from evaluators.evaluation import Evaluation, ProblemRecord
from evaluators.words import counted
from search.errors import EvaluateError
from search.evaluate.records import JOB, MANIFEST, RECORDS, times_opened
from search.study.trial_stages import what_is_wrong


@dataclass(frozen=True, slots=True)
class Asked:
    """What a student was asked."""

    docstring: str
    signature: str
    preamble: str = ""
    """Definitions that stand before the problem's own."""


@dataclass(frozen=True, slots=True)
class AskedRecord:
    """One problem as it was asked, and what came of it."""

    asked: Asked
    record: ProblemRecord


_RECORD = TypeAdapter(AskedRecord)


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """One evaluation as it stands on disk."""

    path: Path
    notes: Mapping[str, object]
    """Student, adapter, benchmark, what was left out: as `job.json` has them."""
    settings: Mapping[str, object]
    seed: object
    problems: int | None
    """How many are asked in all; None where the folder does not say."""
    finished: bool
    opened: int
    """For how many different evaluations these problems have been opened."""
    records: tuple[AskedRecord, ...]
    notices: tuple[str, ...]
    """What could not be read, or is not what the manifest says."""

    @property
    def evaluation(self) -> Evaluation:
        """The records that can be read."""
        return Evaluation(tuple(one.record for one in self.records))

    @property
    def standing(self) -> str:
        """How far the evaluation is, in one sentence."""
        if self.finished:
            return f"Finished: {counted(len(self.records), 'problem')}."
        read, asked = len(self.records), self.problems
        of = (
            counted(read, "problem") if asked is None else f"{read} of {counted(asked, 'problem')}"
        )
        return f"Not finished: {of}; go on with --resume."


def is_evaluation(folder: Path) -> bool:
    """Whether a folder is one that `outerloop evaluate` began."""
    return (folder / JOB).is_file()


def view_evaluation(folder: Path) -> EvaluationView:
    """Read an evaluation.

    Raises:
        EvaluateError: its `job.json` cannot be read.
    """
    try:
        job = read_json((folder / JOB).read_bytes())
        notes, problems = job["notes"], str(job["problems"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvaluateError(
            f"{folder / JOB} cannot be read ({what_is_wrong(error)}); evaluate again into another "
            "--run-dir"
        ) from error
    records, unreadable = _records(folder / RECORDS)
    finished = (folder / MANIFEST).is_file()
    changed = _changed(folder) if finished else []
    asked = job.get("asked")
    return EvaluationView(
        path=folder,
        notes=notes if isinstance(notes, dict) else {},
        settings=job.get("evaluation") or {},
        seed=job.get("seed"),
        problems=asked if isinstance(asked, int) else None,
        finished=finished,
        opened=times_opened(problems, folder=folder.parent),
        records=tuple(records),
        notices=(*changed, *unreadable),
    )


def _records(path: Path) -> tuple[list[AskedRecord], list[str]]:
    records: list[AskedRecord] = []
    notices: list[str] = []
    if not path.is_file():
        return records, notices
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n"):
                break  # it is being written, or its writer was killed
            try:
                records.append(_RECORD.validate_python(_surely(read_json(line)), strict=False))
            except (ValueError, TypeError) as error:
                notices.append(
                    f"{path.name}, line {number}: cannot be read ({what_is_wrong(error)}); it "
                    "counts nowhere"
                )
    return records, notices


def _surely(value: Any) -> Any:  # noqa: ANN401 - whatever stands in the file
    """A line as it is; half characters, which no page holds, are replaced in its texts."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {key: _surely(below) for key, below in value.items()}
    return [_surely(below) for below in value] if isinstance(value, list) else value


def _changed(folder: Path) -> list[str]:
    """Files that are not what the manifest says."""
    try:
        files = read_json((folder / MANIFEST).read_bytes())["files"]
        return [
            f"{name} is not what the manifest says: it was changed after the evaluation"
            for name, digest in files.items()
            if not (folder / name).is_file() or file_sha256(folder / name) != digest
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return [f"{MANIFEST} cannot be read ({what_is_wrong(error)})"]
