"""What a run folder says, for whoever only looks: the study, its stages, the sealed comparison.

Nothing here writes, locks or repairs. A part that is missing, damaged or another version's becomes
a notice in words, and the rest is shown; only a folder without a study that can be read is an
error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from evaluators.evaluation import Evaluation
from evaluators.problem import Problem
from search.candidate import CheckedCandidate
from search.contexts import Context, load_contexts
from search.errors import SearchError, first_line
from search.final import FinalComparison
from search.problems import load_problems
from search.recipe import Demo
from search.run_folder import RunFolder
from search.settings import StudySettings
from search.stages import MANIFEST, ROWS, VALUE, file_sha256
from search.study import TrialRecord, read_study
from search.study_file import load_study

_CHECKED = TypeAdapter(list[CheckedCandidate])
_EVALUATION = TypeAdapter(Evaluation)
_FINAL = TypeAdapter(FinalComparison)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the generator was really told in a trial."""

    instruction: str
    demos: tuple[Demo, ...] = ()


_PROMPT = TypeAdapter(Prompt)


class StageShelf:
    """The stages of trials, read where they lie and left as they are.

    Args:
        root: the stage store.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.notices: list[str] = []
        """What could not be read so far, and why."""

    def prompt(self, record: TrialRecord) -> Prompt | None:
        """A trial's instruction and demos, from the inputs of its first stage."""
        folder = self._folder(record, "generate")
        if folder is None:
            return None
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            return _PROMPT.validate_python(manifest["inputs"]["recipe"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            self._unreadable(record, "generate", error)
            return None

    def checked(self, record: TrialRecord) -> list[CheckedCandidate] | None:
        """A trial's candidates with their verdicts."""
        return self._read(record, "check", ROWS, _CHECKED)

    def evaluation(self, record: TrialRecord) -> Evaluation | None:
        """What a trial's student answered to the search problems."""
        return self._read(record, "evaluate", VALUE, _EVALUATION)

    def _read(self, record: TrialRecord, stage: str, file: str, codec: TypeAdapter[T]) -> T | None:
        folder = self._folder(record, stage)
        if folder is None:
            return None
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if manifest["files"][file] != file_sha256(folder / file):
                raise ValueError("its hash is not the manifest's")
            return codec.validate_python(_decode(folder / file), strict=False)
        except (OSError, ValueError, KeyError, TypeError) as error:
            self._unreadable(record, stage, error)
            return None

    def _folder(self, record: TrialRecord, stage: str) -> Path | None:
        """Where a trial's stage lies; None where the trial never came to it."""
        keys = [line.key for line in record.costs if line.stage == stage]
        if record.outcome and stage in record.outcome.stages:
            keys.append(record.outcome.stages[stage])
        return self._root / stage / keys[-1] if keys else None

    def _unreadable(self, record: TrialRecord, stage: str, error: Exception) -> None:
        self.notices.append(
            f"trial {record.number}, stage {stage}: cannot be read ({_reason(error)})"
        )


@dataclass(frozen=True, slots=True)
class RunView:
    """A run folder, as far as it can be read."""

    path: Path
    study: str
    student: str
    settings: StudySettings | None
    """The study file; None where it cannot be read."""
    noted: Mapping[str, object]
    """The settings the study itself keeps, by dotted name."""
    records: tuple[TrialRecord, ...]
    final: FinalComparison | None
    finished: bool
    """Whether the search wrote its manifest, which it does last."""
    problems: Mapping[str, Problem]
    """The search problems by id; empty where their file cannot be read."""
    contexts: Mapping[str, Context]
    """The contexts by id; empty where their file cannot be read."""
    stages: StageShelf
    notices: tuple[str, ...]
    """What could not be read, and why."""

    @property
    def trials_wanted(self) -> int | None:
        """How many scores the search is after, as far as anybody noted it."""
        wanted = self.noted.get("search.trials")
        return wanted if isinstance(wanted, int) else None


def view_run(path: Path, *, stages_dir: Path | None = None) -> RunView:
    """Read a run folder, live, finished or damaged.

    Args:
        path: the run folder.
        stages_dir: the stage store where it does not lie in the run folder.

    Raises:
        StudyNotFound: there is no study that can be read.
    """
    folder = RunFolder(path)
    stored = read_study(folder.existing_study())
    notices: list[str] = []
    settings = _settings(folder, notices)
    return RunView(
        path=path,
        study=stored.name,
        student=str(
            stored.settings.get("student") or (settings.student if settings else "unknown")
        ),
        settings=settings,
        noted=stored.settings,
        records=stored.records,
        final=_final(folder, notices),
        finished=folder.manifest.exists(),
        problems={one.id: one for one in _problems(settings, notices)},
        contexts={one.id: one for one in _contexts(settings, notices)},
        stages=StageShelf(stages_dir or folder.stages),
        notices=tuple(notices),
    )


def _settings(folder: RunFolder, notices: list[str]) -> StudySettings | None:
    try:
        return load_study(folder.study_file)
    except SearchError as error:
        notices.append(f"the study file cannot be read ({first_line(str(error))})")
        return None


def _final(folder: RunFolder, notices: list[str]) -> FinalComparison | None:
    if not folder.final.exists():
        return None
    try:
        return _FINAL.validate_json(folder.final.read_bytes())
    except (OSError, ValueError) as error:
        notices.append(
            f"final.json is damaged or another version's ({_reason(error)}); the sealed "
            "comparison is not shown"
        )
        return None


def _problems(settings: StudySettings | None, notices: list[str]) -> Sequence[Problem]:
    if settings is None:
        return ()
    wanted = settings.problems
    try:
        return load_problems(wanted.search, limit=wanted.search_limit)
    except SearchError as error:
        notices.append(f"the search problems cannot be read ({first_line(str(error))})")
        return ()


def _contexts(settings: StudySettings | None, notices: list[str]) -> Sequence[Context]:
    if settings is None:
        return ()
    try:
        return load_contexts(settings.contexts.path)
    except SearchError as error:
        notices.append(f"the contexts cannot be read ({first_line(str(error))})")
        return ()


def _decode(file: Path) -> object:
    text = file.read_text(encoding="utf-8")
    if file.name == ROWS:
        return [json.loads(line) for line in text.split("\n") if line]
    return cast("Any", json.loads(text))


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    if isinstance(error, FileNotFoundError):
        return "it is not there"
    if isinstance(error, KeyError):
        return f"no {error}"
    return first_line(str(error))
