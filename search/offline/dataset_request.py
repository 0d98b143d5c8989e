"""What `outerloop generate` is asked for, and the whole of its work: read, generate, check, tell.

Everything that can be wrong with the names is found before the generator or Lean is started.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter

from engines.json_text import read_json
from evaluators.tasks import task_named
from search.console import Console
from search.errors import GenerateError
from search.generation.generator import make_generator
from search.materials.contexts import load_contexts
from search.offline.dataset import Counts, Format, data_file
from search.offline.generate import (
    MANIFEST,
    DatasetJob,
    finished,
    generate_dataset,
    used_by_search,
)
from search.offline.pipeline import CARD, Pipeline
from search.settings.lean import LeanSettings
from search.trial.chosen_checker import checked_by, open_checker
from search.trial.chosen_lean import kept

_COUNTS = TypeAdapter(Counts)


@dataclass(frozen=True, slots=True)
class DatasetRequest:
    """What `outerloop generate` is asked for.

    Attributes:
        pipeline: what writes.
        contexts: a contexts file, or `embedded:NAME`.
        folder: where the data set goes.
        form: how the accepted rows are stored.
        limit: use the first so many contexts only.
        api_base: where the pipeline's endpoint is, if it has moved.
        resume: whether a stopped run is gone on with.
        lean: which Lean checks.
        lean_workers: Lean processes side by side.
    """

    pipeline: Pipeline
    contexts: str
    folder: Path
    form: Format = "jsonl"
    limit: int | None = None
    api_base: str | None = None
    resume: bool = False
    lean: LeanSettings = field(default_factory=LeanSettings)
    lean_workers: int = 2


def make_dataset(request: DatasetRequest, *, console: Console, progress: Console) -> Counts:
    """Write the data set with the pipeline's own generator and a Lean of this machine.

    Args:
        request: what is asked for.
        console: told what came of it.
        progress: shown a bar while it is made.

    Raises:
        RowsError: the contexts cannot be read.
        GenerateError: the folder holds something else, or an unfinished data set that nobody
            asked to go on with; see `generate_dataset` for what may happen later.
        ModelUnavailable: the generator cannot be loaded or reached.
        SandboxUnavailable: Lean cannot be started or kept alive.
    """
    job = DatasetJob(
        pipeline=request.pipeline,
        contexts=load_contexts(
            request.contexts, task_named(request.pipeline.task), limit=request.limit
        ),
        folder=request.folder,
        form=request.form,
        api_base=request.api_base,
    )
    console.print(f"data set: {job.folder}")
    if finished(job, resume=request.resume):
        console.print(f"it is finished already; read {job.folder / CARD}")
        return _counts_of(job)
    whole = load_contexts(request.contexts, job.task) if request.limit else job.contexts
    if used_by_search(job.pipeline, whole):
        console.print(
            "note: these are the contexts of the search itself, which the recipe was chosen by; "
            "functions it has not seen make data that say more"
        )
    counts = _run(job, request, progress)
    _tell(counts, job, console)
    return counts


def _run(job: DatasetJob, request: DatasetRequest, progress: Console) -> Counts:
    adapter = job.pipeline.prompting.make(job.pipeline.recipe, job.task)
    generator = make_generator(job.generator, job.task, adapter=adapter)
    fingerprint = checked_by(job.pipeline.task, request.lean)
    job = replace(job, checked_by=fingerprint)
    made = open_checker(
        job.pipeline.task, kept(request.lean, fingerprint), workers=request.lean_workers
    )
    with made as checker, progress.bar("contexts", total=len(job.contexts)) as bar:
        return generate_dataset(job, generator=generator, checker=checker, progress=bar)


def _counts_of(job: DatasetJob) -> Counts:
    """What the manifest of a finished data set says that it holds; `finished` has read it."""
    manifest = job.folder / MANIFEST
    try:
        return _COUNTS.validate_python(read_json(manifest.read_bytes())["counts"])
    except (OSError, ValueError, KeyError) as error:
        raise GenerateError(
            f"{manifest} is damaged ({type(error).__name__}: counts); give another --out"
        ) from error


def _tell(counts: Counts, job: DatasetJob, console: Console) -> None:
    console.print(f"accepted: {counts.accepted}")
    for reason, rows in counts.refused.items():
        console.print(f"refused, {reason}: {rows}")
    card, rows_file = job.folder / CARD, job.folder / data_file(job.form)
    console.print(f"next: read {card}, then train on {rows_file}")
