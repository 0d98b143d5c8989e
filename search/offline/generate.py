"""A checked data set from a frozen pipeline: generate, check, keep, one batch at a time.

The folder is finished when its `manifest.json` exists. Until then the rows live in a journal, and
the same command with `resume` goes on after the last whole batch, with the answers that were paid
for beyond it; the rows that come out are those of an uninterrupted run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from engines import answers, meter
from engines.json_text import read_json
from engines.prices import is_local
from engines.settings import GeneratorSettings
from engines.weights import fingerprint_of
from evaluators.task import Candidate, Checker, Context, Task
from evaluators.tasks import task_named
from search.errors import GenerateError
from search.generation.generator import Generator
from search.materials.contexts import contexts_hash
from search.offline.cards import dataset_card
from search.offline.dataset import REFUSED, Counts, Format, data_file, dataset_rows, write_rows
from search.offline.journal import Journal, Origin, has_rows
from search.offline.pipeline import CARD, Pipeline, file_hash
from search.trial.rows import BY_THE_ENDPOINT, check_candidates

MANIFEST = "manifest.json"
_JOURNAL = "journal.jsonl"
_ANSWERS = "answers.jsonl"
"""What was answered, and paid for, of a batch that is not whole."""
_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class DatasetJob:
    """What to generate, from what, and where to."""

    pipeline: Pipeline
    contexts: tuple[Context, ...]
    folder: Path
    form: Format = "jsonl"
    api_base: str | None = None
    """Where the endpoint is now; None: where it was."""
    checked_by: str = ""
    """Fingerprint of the Lean that checks the rows; empty where it was not asked."""

    @property
    def task(self) -> Task:
        """What is written for."""
        return task_named(self.pipeline.task)

    @property
    def generator(self) -> GeneratorSettings:
        """How the generator is called: as the pipeline says, at the address where it is.

        Raises:
            GenerateError: the model has no address, or this can be none.
        """
        settings = self.pipeline.generator
        if self.api_base is None:
            return settings
        if is_local(settings.model):
            raise GenerateError(
                f"--api-base: `{settings.model}` runs in this process and has no address; leave "
                "it out"
            )
        try:
            return GeneratorSettings(**{**settings.model_dump(), "api_base": self.api_base})
        except ValidationError as error:
            raise GenerateError(f"--api-base {error.errors()[0]['msg']}") from error

    @property
    def fingerprint(self) -> str:
        """What its generator must call itself; an endpoint's name holds where it is."""
        settings = self.generator
        if is_local(settings.model):
            return self.pipeline.generator_fingerprint
        return fingerprint_of(settings.model, settings.api_base)

    @property
    def origin(self) -> Origin:
        """What the rows belong to."""
        rows = len(self.contexts) * self.pipeline.recipe.attempts
        contexts = contexts_hash(self.contexts)
        return Origin(self.pipeline.hash, contexts, rows, checked_by=self.checked_by)

    @property
    def batch_contexts(self) -> int:
        """Contexts per batch: as many as the generator writes at once."""
        return max(1, self.pipeline.generator.concurrent_calls // self.pipeline.recipe.attempts)


def finished(job: DatasetJob, *, resume: bool) -> bool:
    """Whether the job's data set is there already, whole.

    Raises:
        GenerateError: the folder holds something else, or an unfinished data set and `resume`
            was not asked for.
    """
    manifest = job.folder / MANIFEST
    if manifest.is_file():
        _require_same(job, manifest)
        return True
    journal = job.folder / _JOURNAL
    if journal.is_file():
        if not resume and has_rows(journal):
            raise GenerateError(
                f"{job.folder} holds an unfinished data set; go on with --resume, "
                "or give another --out"
            )
    elif job.folder.exists() and not _empty(job.folder):
        raise GenerateError(f"{job.folder} holds something else; give another --out")
    return False


def generate_dataset(
    job: DatasetJob,
    *,
    generator: Generator,
    checker: Checker,
    progress: Callable[[int], None],
) -> Counts:
    """Write the data set, going on where a killed run stopped; `progress` gets contexts done.

    Raises:
        GenerateError: the generator is not the one the pipeline was frozen with, the folder holds
            other rows or is being written by another process, or the disk is full.
        ModelUnavailable: the generator cannot be reached; rows written so far are kept.
        SandboxUnavailable: Lean cannot be kept alive; rows written so far are kept.
    """
    _require_generator(job, generator)
    job.folder.mkdir(parents=True, exist_ok=True)
    attempts = job.pipeline.recipe.attempts
    with (
        _alone(job.folder),
        Journal(job.folder / _JOURNAL, job.origin, job.task.form) as journal,
        answers.kept_in(job.folder / _ANSWERS),
        meter.metered(),
    ):
        progress(journal.rows // attempts)
        for batch in _batches(job.contexts[journal.rows // attempts :], job.batch_contexts):
            candidates = generator.write(job.pipeline.recipe, batch, seed=job.pipeline.seed)
            if not journal.rows:
                _require_an_answer(candidates)
            checked = check_candidates(candidates, batch, job.task, checker)
            journal.append(dataset_rows(checked, batch, job.pipeline.recipe, job.task))
            progress(journal.rows // attempts)
        return _finish(job, journal)


def _require_an_answer(candidates: Sequence[Candidate]) -> None:
    """End a run whose first batch was refused as a whole: the next one would be too."""
    if all(candidate.unreadable in BY_THE_ENDPOINT for candidate in candidates):
        reasons = ", ".join(sorted({candidate.unreadable for candidate in candidates}))
        raise GenerateError(
            f"the generator's endpoint refused all of the first {len(candidates)} prompts "
            f"({reasons}: {'; '.join(meter.current().notes) or 'no reason given'}); mend that and "
            "run the same command with --resume"
        )


def used_by_search(pipeline: Pipeline, contexts: Sequence[Context]) -> bool:
    """Whether these are the very contexts that the pipeline's search generated from."""
    return pipeline.provenance.get("contexts") == contexts_hash(contexts)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second process from writing the same folder."""
    lock = FileLock(folder / _LOCK, timeout=0)
    try:
        with lock:
            yield
    except Timeout as error:
        raise GenerateError(
            f"another process is writing {folder}; wait for it, or give another --out"
        ) from error


def _empty(path: Path) -> bool:
    return path.is_dir() and all(inside.name == _LOCK for inside in path.iterdir())


def _batches(contexts: Sequence[Context], size: int) -> Iterator[Sequence[Context]]:
    for start in range(0, len(contexts), size):
        yield contexts[start : start + size]


def _require_generator(job: DatasetJob, generator: Generator) -> None:
    if generator.fingerprint != job.fingerprint:
        raise GenerateError(
            f"`{job.pipeline.generator.model}` has the weights {generator.fingerprint}, the "
            f"pipeline was frozen with {job.fingerprint}; restore them, or search again"
        )


def _require_same(job: DatasetJob, manifest: Path) -> None:
    try:
        found = read_json(manifest.read_bytes())
        made_from, files = (found["pipeline"], found["contexts"]), list(found["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GenerateError(
            f"{manifest} is damaged ({type(error).__name__}: {error}); give another --out"
        ) from error
    if made_from != (job.origin.pipeline, job.origin.contexts):
        raise GenerateError(f"{job.folder} holds another finished data set; give another --out")
    if data_file(job.form) not in files:
        raise GenerateError(f"{job.folder} is finished in another --format; give another --out")


def _finish(job: DatasetJob, journal: Journal) -> Counts:
    """Turn the journal into the data set; it goes once the manifest is there."""
    try:
        counts = write_rows(
            journal,
            job.folder,
            form=job.form,
            outputs=[field.name for field in job.task.form.outputs],
        )
        card = dataset_card(job.pipeline, counts, contexts_hash=job.origin.contexts, form=job.form)
        (job.folder / CARD).write_text(card, encoding="utf-8")
        _write_manifest(job, counts)
    except OSError as error:
        raise GenerateError(
            f"{job.folder} cannot be written ({error.strerror}); make room and run the same "
            "command with --resume: every row is kept"
        ) from error
    journal.path.unlink()
    (job.folder / _ANSWERS).unlink(missing_ok=True)
    return counts


def _write_manifest(job: DatasetJob, counts: Counts) -> None:
    names = (data_file(job.form), REFUSED, CARD)
    manifest = {
        "schema_version": 1,
        "outerloop_version": version("outerloop"),
        **asdict(job.origin),
        "counts": asdict(counts),
        "files": {name: file_hash(job.folder / name) for name in names},
    }
    unfinished = job.folder / f"{MANIFEST}.tmp"
    unfinished.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    os.replace(unfinished, job.folder / MANIFEST)  # noqa: PTH105 - says what it does
