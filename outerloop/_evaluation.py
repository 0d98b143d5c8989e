"""A student scored on a benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from engines import environment

if TYPE_CHECKING:
    from evaluators.benchmarks.forms import Form
    from evaluators.evaluation import Evaluation
    from evaluators.settings import EvaluationSettings
    from search.settings.lean import LeanSettings


def evaluate(  # noqa: PLR0913 - what `outerloop evaluate` can be told
    benchmark: str | Path,
    *,
    student: str | None = None,
    adapter: str | Path | None = None,
    settings: EvaluationSettings | None = None,
    form: Form = "outerloop",
    split: str | None = None,
    sha256: str | None = None,
    limit: int | None = None,
    learnt_from: Sequence[str | Path] = (),
    leaks: Literal["copies", "likely"] = "copies",
    seed: int = 0,
    lean_workers: int = 2,
    lean: LeanSettings | None = None,
    run_dir: str | Path | None = None,
    resume: bool = False,
    quiet: bool = False,
) -> Evaluation:
    """Score a student on a benchmark, every stage apart, with intervals.

    It is `outerloop evaluate`: the same folder of records, which either of them goes on with. A
    finished evaluation is read and not run again.

    Args:
        benchmark: the problems: `embedded:NAME`, a .jsonl file, or `hf:NAME@COMMIT`.
        student: base model: `embedded:NAME`, a folder or a hub id; None is the adapter's.
        adapter: folder with fine-tuned weights, from a trial's `train` stage.
        settings: how the student is asked; None is greedy, one answer of at most 96 tokens.
        form: how the benchmark's rows are laid out.
        split: split of a hub benchmark.
        sha256: what the benchmark must hash to, or how that begins.
        limit: ask so many problems; reading stops with the last.
        learnt_from: files of what the student learnt from, to look for leaks.
        leaks: what stops: copies, or likely leaks too.
        seed: of the answers drawn.
        lean_workers: Lean processes side by side, about 1 GB each.
        lean: which Lean judges; None is the embedded one.
        run_dir: the folder of records; None is one of its own under `runs/`.
        resume: whether a stopped evaluation is gone on with; no problem is asked twice.
        quiet: print nothing.

    Returns:
        The `score` with its interval, the rate of each of the `stages`, and a record a problem.

    Raises:
        StudyError: no such student, or a file of what was learnt cannot be read.
        BenchmarkError: the benchmark cannot be read, or no reference of it checks.
        ContaminationError: what was learnt holds what is asked.
        EvaluateError: the run folder cannot be used, no student was named, or `limit` leaves no
            problem.
        SandboxUnavailable: Lean cannot be started or kept alive; records so far are kept.
    """
    environment.prepare()
    from evaluators.settings import EvaluationSettings
    from search.console import Console
    from search.errors import EvaluateError
    from search.evaluate.run import Request, evaluate_by_hand
    from search.settings.lean import LeanSettings

    if limit is not None and limit < 1:
        raise EvaluateError(f"limit = {limit} leaves no problem; give 1 or more, or None for all")
    request = Request(
        benchmark=str(benchmark),
        settings=settings or EvaluationSettings(),
        form=form,
        split=split,
        sha256=sha256,
        student=student,
        adapter=None if adapter is None else Path(adapter),
        learnt_from=tuple(str(file) for file in learnt_from),
        likely_stops=leaks == "likely",
        limit=limit,
        seed=seed,
        lean_workers=lean_workers,
        lean=lean or LeanSettings(),
        run_dir=None if run_dir is None else Path(run_dir),
        resume=resume,
    )
    return evaluate_by_hand(
        request, console=Console(quiet=quiet), progress=Console(stderr=True, quiet=quiet)
    )
