"""What a run folder says, for whoever only looks: the study, its stages, the sealed comparison.

Nothing here writes, locks or repairs. A part that is missing, damaged or another version's becomes
a notice in words, and the rest is shown; only a folder without a study that can be read is an
error.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from engines.errors import first_line
from engines.ledger import StudyLedger
from evaluators.problem import Problem
from evaluators.statistics.deltaone import Conclusion
from evaluators.task import Context, Task
from evaluators.tasks import DEFAULT, task_named
from evaluators.words import counted
from search.comparisons.sealed import FinalComparison
from search.comparisons.transfer import Transfer
from search.errors import KNOWN, PipelineError
from search.materials.contexts import load_contexts
from search.materials.problems import load_problems
from search.offline.pipeline import Pipeline
from search.recipes.pool import PoolArm
from search.runs.folder import RunFolder
from search.runs.sweep_folder import SweepFolder, transfer_beside
from search.settings.file import load_study
from search.settings.study import StudySettings
from search.study.ledger import whole_ledger
from search.study.records import State, TrialRecord, failure_counts, read_study
from search.study.trial_stages import TrialStages, what_is_wrong

_FINAL = TypeAdapter(FinalComparison)


@dataclass(frozen=True, slots=True)
class RunView:
    """A run folder, as far as it can be read."""

    path: Path
    study: str
    student: str
    settings: StudySettings | None
    """The study file; None where it cannot be read."""
    task: Task
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
    stages: TrialStages
    notices: tuple[str, ...]
    """What could not be read, and why."""
    transfer: Transfer | None = None
    """How far the best recipes of a sweep carry to other students; None outside one."""
    arms: Mapping[str, tuple[PoolArm, ...]] = field(default_factory=dict)
    """The arms that came while the study ran, by parameter."""
    ledger: StudyLedger = field(default_factory=lambda: StudyLedger(()))
    """Everything the study paid for and read, the finalists and stopped trials included."""

    repeats: int = 0
    """How often a tried recipe was drawn again, and another proposed in its place."""

    @property
    def trials_wanted(self) -> int | None:
        """How many scores the search is after, as far as anybody noted it."""
        wanted = self.noted.get("search.trials")
        return wanted if isinstance(wanted, int) else None

    @property
    def best(self) -> TrialRecord | None:
        """The winner where one was judged, the best score so far otherwise; see `best_of`."""
        return best_of(self)

    @property
    def verdict(self) -> Conclusion | None:
        """What the sealed problems say of the best recipe; None while they are unopened."""
        return self.final.verdict if self.final else None


def view_run(path: Path, *, stages_dir: Path | None = None) -> RunView:
    """Read a run folder, live, finished or damaged.

    Args:
        path: the run folder.
        stages_dir: the stage store where it lies neither in the run folder nor in its sweep's.

    Raises:
        StudyNotFound: there is no study that can be read.
    """
    folder = RunFolder(path)
    stored = read_study(folder.existing_study())
    notices: list[str] = []
    settings, final = _settings(folder, notices), _final(folder, notices)
    stages = stages_dir or _stages(folder)
    return RunView(
        path=path,
        study=stored.name,
        student=str(
            stored.settings.get("student") or (settings.student if settings else "unknown")
        ),
        settings=settings,
        task=task_named(settings.task if settings else DEFAULT),
        noted=stored.settings,
        records=stored.records,
        final=final,
        finished=folder.manifest.exists(),
        problems={one.id: one for one in _problems(settings, notices)},
        contexts={one.id: one for one in _contexts(settings, notices)},
        stages=TrialStages(stages),
        notices=tuple(notices),
        transfer=transfer_of_run(path, folder.pipeline),
        arms=stored.arms,
        repeats=stored.repeats,
        ledger=whole_ledger(
            stored.records, final.ledger if final else (), store=stages, identity=stored.identity
        ),
    )


def _stages(folder: RunFolder) -> Path:
    """The run's own stage store, or that of the sweep it belongs to."""
    shared = SweepFolder(folder.path.resolve().parent)
    return shared.stages if shared.is_sweep and not folder.stages.exists() else folder.stages


def _settings(folder: RunFolder, notices: list[str]) -> StudySettings | None:
    try:
        return load_study(folder.study_file)
    except KNOWN as error:
        notices.append(f"the study file cannot be read ({first_line(str(error))})")
        return None


def _final(folder: RunFolder, notices: list[str]) -> FinalComparison | None:
    if not folder.final.exists():
        return None
    try:
        return _FINAL.validate_json(folder.final.read_bytes())
    except (OSError, ValueError) as error:
        notices.append(
            f"final.json is damaged or another version's ({what_is_wrong(error)}); the sealed "
            "comparison is not shown"
        )
        return None


def _problems(settings: StudySettings | None, notices: list[str]) -> Sequence[Problem]:
    if settings is None:
        return ()
    wanted = settings.problems
    try:
        return load_problems(wanted.search, task_named(settings.task), limit=wanted.search_limit)
    except KNOWN as error:
        notices.append(f"the search problems cannot be read ({first_line(str(error))})")
        return ()


def _contexts(settings: StudySettings | None, notices: list[str]) -> Sequence[Context]:
    if settings is None:
        return ()
    try:
        return load_contexts(settings.contexts.path, task_named(settings.task))
    except KNOWN as error:
        notices.append(f"the contexts cannot be read ({first_line(str(error))})")
        return ()


@dataclass(frozen=True, slots=True)
class Counted:
    """Something with how often it occurred and what it means."""

    name: str
    count: int
    meaning: str


def standing(view: RunView) -> str:
    """How far the search is, in one sentence."""
    states = Counter(record.state for record in view.records)
    scored = states[State.COMPLETE]
    wanted = view.trials_wanted
    of = f"{scored} of {counted(wanted, 'trial')}" if wanted else counted(scored, "trial")
    others = [f"{count} {state.value}" for state, count in states.items() if state != "complete"]
    counts = ", ".join([f"{of} scored", *others])
    if view.finished:
        return f"Finished: {counts}."
    if not scored:
        return f"No trial has ended with a score yet: {counts}. {_commonest(view.records)}".strip()
    done = scored + states[State.PRUNED] >= (view.trials_wanted or math.inf)
    rest = "; the winner is still to be judged" if done and view.final is None else ""
    return f"Not finished: {counts}{rest}."


def best_of(view: RunView) -> TrialRecord | None:
    """The winner where one was judged, the best score so far otherwise; None without a score."""
    scored = [one for one in view.records if one.outcome is not None]
    if view.final is not None:
        winner = view.final.arm("best").trial
        named = [one for one in scored if one.number == winner]
        scored = named or scored
    return max(scored, key=lambda one: (_score(one), -one.number), default=None)


def _failures(records: Sequence[TrialRecord]) -> tuple[Counted, ...]:
    return tuple(Counted(reason, count, "") for reason, count in failure_counts(records)[:20])


def _commonest(records: Sequence[TrialRecord]) -> str:
    failures = _failures(records)
    return f"{counted(failures[0].count, 'time')}: {failures[0].name}" if failures else ""


def _score(record: TrialRecord) -> float:
    return record.outcome.score.value if record.outcome else -1.0


def transfer_of_run(run: Path, pipeline: Path) -> Transfer | None:
    """The table a finished run stands in; None where it was not swept.

    Args:
        run: the run folder.
        pipeline: its pipeline folder.
    """
    try:
        found = transfer_beside(run, Pipeline.load(pipeline).hash)
    except PipelineError:
        return None
    return found[0] if found else None
