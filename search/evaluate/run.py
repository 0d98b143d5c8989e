"""A whole evaluation by hand: problems → leaks → references → answers → table and records.

Everything that can be wrong with the names is found before Lean or the student is started.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from engines.named_models import PREFIX
from evaluators.benchmarks.benchmark import ImportedBenchmark, load_benchmark
from evaluators.benchmarks.forms import Form
from evaluators.benchmarks.references import PatientSandbox, check_references
from evaluators.eng2lean.evaluate import Comparison
from evaluators.eng2lean.stop_rule import stop_rule
from evaluators.errors import BenchmarkError
from evaluators.evaluation import Evaluation, ProblemRecord
from evaluators.leaks.contamination import COPIES, LIKELY, Overlap, overlaps, refuse_overlaps
from evaluators.problem import Problem
from evaluators.settings import EvaluationSettings
from evaluators.student.model import StudentModel
from evaluators.tasks import DEFAULT, task_named
from evaluators.words import counted
from lean_sandbox.sandbox import Sandbox
from search.console import Console
from search.errors import EvaluateError
from search.evaluate.learnt_from import load_learnt
from search.evaluate.records import (
    RECORDS,
    REPORT,
    EvaluationJob,
    Opening,
    finish,
    is_finished,
    read_evaluation,
    refuse_foreign,
    remember,
    run_evaluation,
    times_opened,
)
from search.evaluate.report import opened_line, report, score_lines, stage_table, summary
from search.materials.gathering import student_path, student_sha256
from search.materials.problems import load_problems, problems_hash
from search.runs.folder import RUNS
from search.runs.next_steps import command
from search.settings.lean import LeanSettings
from search.trial.chosen_lean import checked_by, kept, open_lean
from stores.content import JSONValue, fingerprint
from trainers.adapter import Adapter
from trainers.adapter_folder import read_adapter

_TIMED_ANSWERS = 8
_LEAN_SECONDS = 0.05
"""For one answer on one worker: twice the measured median of small definitions."""
_SAY_EVERY_SECONDS = 10.0
_SHOWN_LEAKS = 5
_VERDICTS = "verdicts.sqlite"
"""Beside the run folders: references are checked once, not once for every student."""


@dataclass(frozen=True, slots=True)
class Request:
    """What `outerloop evaluate` was asked to do."""

    benchmark: str
    settings: EvaluationSettings
    form: Form = "outerloop"
    split: str | None = None
    sha256: str | None = None
    student: str | None = None
    adapter: Path | None = None
    learnt_from: tuple[str, ...] = ()
    likely_stops: bool = False
    limit: int | None = None
    seed: int = 0
    lean_workers: int = 2
    lean: LeanSettings = field(default_factory=LeanSettings)
    run_dir: Path | None = None
    resume: bool = False


@dataclass(frozen=True, slots=True)
class _Subject:
    """The student that is evaluated."""

    name: str
    path: str
    adapter: Adapter | None

    def load(self, problems: Sequence[Problem]) -> StudentModel:
        return StudentModel.load(student=self.path, adapter=self.adapter, stop=stop_rule(problems))


def evaluate_by_hand(request: Request, *, console: Console, progress: Console) -> Evaluation:
    """Evaluate, print the stage table, leave a folder of records.

    Args:
        request: what is evaluated.
        console: told what was found.
        progress: shown how far it is.

    Raises:
        StudyError: no such student, or a file of what was learnt cannot be read.
        BenchmarkError: the benchmark cannot be read, or no reference of it checks.
        ContaminationError: what was learnt holds what is asked.
        EvaluateError: the run folder cannot be used.
        SandboxUnavailable: Lean cannot be found, started or kept alive.
    """
    request = _kept(request)
    subject, whole = _subject(request), _imported(request)
    imported = whole.first(request.limit)
    leaks = _leaks(request, imported.problems)
    folder = _folder(request, subject, imported)
    console.print(f"run folder  {folder}")
    refuse_foreign(folder, resume=request.resume)
    with _lean(request, folder) as sandbox:
        if not request.benchmark.startswith(PREFIX):
            imported = check_references(whole, sandbox, limit=request.limit)
            leaks = _leaks(request, imported.problems)
        for line in [*_named("benchmark", imported.lines()), *_leak_lines(request, leaks)]:
            console.print(line)
        job = _job(request, subject, imported, folder)
        if is_finished(job, resume=request.resume):
            evaluation = read_evaluation(job)
            console.print("finished    already; this is what was found")
        else:
            evaluation = _run(request, job, subject, sandbox, progress)
    opened = times_opened(str(job.origin["problems"]), folder=folder.parent)
    console.print()
    console.print(stage_table(evaluation))
    for line in ["", *score_lines(evaluation), opened_line(opened)]:
        console.print(line)
    for line in (
        f"written     {folder / REPORT}, {folder / RECORDS}",
        f"next        {command('outerloop', 'report', folder)}",
    ):
        console.print(line)
    return evaluation


def dry_run_lines(request: Request) -> list[str]:
    """What an evaluation would do; times a few answers, asks no Lean, writes nothing.

    Raises:
        StudyError: no such student, or a file of what was learnt cannot be read.
        BenchmarkError: the benchmark cannot be read.
        ContaminationError: what was learnt holds what is asked.
        EvaluateError: the run folder cannot be used.
        SandboxUnavailable: the Lean that was chosen is not there.
    """
    request = _kept(request)
    subject = _subject(request)
    imported = _imported(request).first(request.limit)
    leaks = _leaks(request, imported.problems)
    folder = _folder(request, subject, imported)
    refuse_foreign(folder, resume=True)
    job = _job(request, subject, imported, folder)
    attempts = request.settings.attempts
    timed = min(_TIMED_ANSWERS, len(job.problems))
    opened = times_opened(str(job.origin["problems"]), folder=folder.parent)
    return [
        f"run folder  {folder}{' (exists)' if folder.exists() else ''}",
        f"student     {subject.name}, {'bare' if subject.adapter is None else request.adapter}",
        *_named("benchmark", imported.lines()),
        *_leak_lines(request, leaks),
        f"asked       {counted(len(job.problems), 'problem')}, {counted(attempts, 'attempt')} "
        "each: "
        f"{counted(len(job.problems) * attempts, 'answer')}; references are checked when it runs",
        f"opened      {counted(opened, 'time')} before",
        f"estimate    {_seconds(request, subject, job.problems):.0f} s, from "
        f"{counted(timed, 'answer')} timed"
        "; the start of Lean and the check of references come on top",
        "dry run     Lean was asked nothing, nothing was written",
    ]


def _run(
    request: Request,
    job: EvaluationJob,
    subject: _Subject,
    sandbox: Sandbox,
    progress: Console,
) -> Evaluation:
    model = subject.load(job.problems)
    opening = Opening(
        problems=str(job.origin["problems"]),
        evaluation=job.identity,
        student=subject.name,
        adapter=subject.adapter.sha256 if subject.adapter else "",
        benchmark=request.benchmark,
    )
    opened = remember(opening, folder=job.folder.parent)
    with _shown(progress, len(job.problems)) as tell:
        evaluation = run_evaluation(
            job,
            model=model,
            sandbox=sandbox,
            comparison=_comparison(job.problems, sandbox),
            progress=tell,
        )
    finish(
        job,
        summary=summary(job, evaluation, opened=opened),
        report=report(job, evaluation, opened=opened),
    )
    return evaluation


def _kept(request: Request) -> Request:
    """The request with the fingerprint of its Lean, which is asked for once."""
    return replace(request, lean=kept(request.lean, checked_by(request.lean)))


def _subject(request: Request) -> _Subject:
    adapter = None
    if request.adapter is not None:
        if not request.adapter.is_dir():
            raise EvaluateError(
                f"--adapter {request.adapter}: no such folder; name the `weights` folder of a "
                "`train` stage"
            )
        adapter = read_adapter(request.adapter)
    name = request.student or (adapter.student if adapter else "")
    if not name:
        raise EvaluateError("no student; give --student embedded:student-a, a folder or a hub id")
    path = student_path(name)
    base = Path(adapter.student) if adapter else Path(path)
    if base.is_dir() and base.resolve() != Path(path).resolve():
        raise EvaluateError(
            f"the adapter in {request.adapter} was trained from {base}, not from {name}; leave "
            "--student out"
        )
    return _Subject(name, path, adapter)


def _imported(request: Request) -> ImportedBenchmark:
    """The benchmark; embedded problems are known to be sound."""
    if not request.benchmark.startswith(PREFIX):
        return load_benchmark(
            request.benchmark, form=request.form, split=request.split, sha256=request.sha256
        )
    problems = load_problems(request.benchmark, task_named(DEFAULT))
    imported = ImportedBenchmark(
        source=request.benchmark,
        form="outerloop",
        revision="",
        sha256=problems_hash(problems),
        problems=problems,
        places=tuple(f"row {number}" for number in range(1, len(problems) + 1)),
        excluded=(),
    )
    if request.sha256 and not imported.sha256.startswith(request.sha256.lower()):
        raise BenchmarkError(f"{request.benchmark}: sha256 is {imported.sha256}, not asked for")
    return imported


def _leaks(request: Request, problems: Sequence[Problem]) -> list[Overlap]:
    """Likely leaks; copies, and likely ones where that was asked for, stop here."""
    if not request.learnt_from:
        return []
    learnt = load_learnt(request.learnt_from)
    refuse_overlaps(learnt, problems, by=(*COPIES, *LIKELY) if request.likely_stops else COPIES)
    return overlaps(learnt, problems, by=LIKELY)


def _leak_lines(request: Request, leaks: Sequence[Overlap]) -> list[str]:
    if not request.learnt_from:
        return ["leaks       not looked for; name what the student learnt from with --learnt-from"]
    given_away = len({one.problem_id for one in leaks})
    lines = [
        f"leaks       no copies; {counted(len(leaks), 'likely pair')}, on "
        f"{counted(given_away, 'problem')}" + (" (--leaks likely stops at them)" if leaks else "")
    ]
    lines += [f"  {one}" for one in leaks[:_SHOWN_LEAKS]]
    more = len(leaks) - _SHOWN_LEAKS
    return lines + ([f"  … and {more} more"] if more > 0 else [])


def _named(name: str, lines: Sequence[str]) -> list[str]:
    return [f"{name:<12}{lines[0]}", *lines[1:]]


def _folder(request: Request, subject: _Subject, imported: ImportedBenchmark) -> Path:
    """The run folder; unless one was given, a name of its own for everything that matters."""
    if request.run_dir is not None:
        return request.run_dir
    key = fingerprint(
        {
            **_origin(request, subject, imported),
            "evaluation": request.settings.model_dump(mode="json", exclude={"batch_size"}),
            "seed": request.seed,
        }
    )
    short = [re.sub(r"[^\w.-]+", "-", Path(one).name.removeprefix(PREFIX)) for one in (
        subject.name, request.benchmark.partition("@")[0]
    )]  # fmt: skip
    return RUNS / f"evaluate-{'-'.join(short)}-{key[:8]}"


def _origin(
    request: Request, subject: _Subject, imported: ImportedBenchmark
) -> dict[str, JSONValue]:
    return {
        "problems": problems_hash(imported.problems),
        "benchmark": imported.sha256,
        "student": student_sha256(subject.name),
        "adapter": subject.adapter.sha256 if subject.adapter else None,
        "lean": request.lean.fingerprint,
    }


def _job(
    request: Request, subject: _Subject, imported: ImportedBenchmark, folder: Path
) -> EvaluationJob:
    notes: dict[str, JSONValue] = {
        "student": subject.name,
        "adapter": str(request.adapter or ""),
        "benchmark": imported.source,
        "form": imported.form,
        "revision": imported.revision,
        "left out": cast("JSONValue", imported.reasons),
        "tests left out": imported.tests_left_out,
        "without a reference": len(imported.unchecked),
        "learnt from": list(request.learnt_from),
    }
    return EvaluationJob(
        folder=folder,
        problems=imported.problems,
        settings=request.settings,
        seed=request.seed,
        origin=_origin(request, subject, imported),
        notes=notes,
    )


def _lean(request: Request, folder: Path) -> AbstractContextManager[PatientSandbox]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    return open_lean(request.lean, workers=request.lean_workers, cache=folder.parent / _VERDICTS)


def _comparison(problems: Sequence[Problem], sandbox: Sandbox) -> Comparison | None:
    if all(one.kind == "definition" for one in problems):
        return None
    from evaluators.equivalence.beq_core import BeqCore

    return BeqCore(sandbox)


def _seconds(request: Request, subject: _Subject, problems: Sequence[Problem]) -> float:
    """About how long answering and judging take, from a few answers drawn across the list."""
    step = max(1, len(problems) // _TIMED_ANSWERS)
    timed = problems[::step][:_TIMED_ANSWERS]
    settings = request.settings
    model = subject.load(problems)
    started = time.monotonic()
    model.complete(
        [one.prompt for one in timed],
        max_new_tokens=settings.max_new_tokens,
        temperature=settings.temperature,
        seed=request.seed,
        batch_size=settings.batch_size,
    )
    answers = len(problems) * settings.attempts
    answering = (time.monotonic() - started) / len(timed) * answers
    return answering + answers * _LEAN_SECONDS / request.lean_workers


@contextmanager
def _shown(console: Console, problems: int) -> Iterator[Callable[[Sequence[ProblemRecord]], None]]:
    """Shows how far it is: a bar in a terminal, a line now and then elsewhere."""
    if console.is_terminal:
        with console.bar("problems", total=problems) as bar:
            yield lambda records: bar(len(records))
        return
    said = time.monotonic()

    def say(records: Sequence[ProblemRecord]) -> None:
        nonlocal said
        if time.monotonic() - said >= _SAY_EVERY_SECONDS or len(records) == problems:
            said = time.monotonic()
            passed = sum(one.passed for one in records)
            line = (
                f"{len(records)} of {counted(problems, 'problem')}, {passed} passed at the "
                "first attempt"
            )
            console.print(line)

    yield say
