"""`outerloop generate`: a Lean-checked data set from a frozen pipeline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from evaluators.tasks import task_named
from search.commands.native_options import (
    AllowImport,
    LeanKeyEnv,
    LeanServer,
    Project,
    ToolchainName,
    chosen_lean,
)
from search.console import Console
from search.generation.generator import make_generator
from search.materials.contexts import load_contexts
from search.offline.dataset_files import Counts, Format, data_file
from search.offline.generate import DatasetJob, finished, generate_dataset, used_by_search
from search.offline.pipeline import Pipeline
from search.settings.lean import LeanSettings
from search.trial.chosen_lean import checked_by, kept, open_lean


def generate(  # noqa: PLR0913 - a command's options are its parameters
    pipeline: Annotated[
        Path,
        typer.Argument(metavar="PIPELINE", help="A pipeline folder, from `outerloop export`."),
    ],
    contexts: Annotated[
        str,
        typer.Argument(
            metavar="CONTEXTS",
            help="Python functions: a .jsonl or .jsonl.gz file, or embedded:NAME.",
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder to write.")],
    form: Annotated[
        Format, typer.Option("--format", help="Format of the accepted rows.")
    ] = "jsonl",
    limit: Annotated[
        int | None, typer.Option(metavar="N", help="Use the first N contexts only.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a stopped run.")] = False,
    api_base: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where the pipeline's endpoint is, if it has moved."),
    ] = None,
    lean_workers: Annotated[
        int, typer.Option(metavar="N", help="Lean processes side by side.", min=1)
    ] = 2,
    project: Project = None,
    toolchain: ToolchainName = None,
    allow_import: AllowImport = None,
    lean_server: LeanServer = None,
    lean_key_env: LeanKeyEnv = None,
) -> None:
    """Make a Lean-checked data set with a frozen pipeline.

    outerloop generate pipelines/embedded functions.jsonl --out data

    Writes the accepted rows (data.jsonl or data.parquet), the refused ones with their reasons
    (refused.jsonl), a card, and manifest.json last. A stopped run goes on with --resume. An
    endpoint may move (--api-base); its model and settings are the pipeline's.
    """
    frozen = Pipeline.load(pipeline)
    task = task_named(frozen.task)
    lean = chosen_lean(
        project=project,
        toolchain=toolchain,
        allow_imports=allow_import,
        server=lean_server,
        api_key_env=lean_key_env,
    )
    job = DatasetJob(
        pipeline=frozen,
        contexts=load_contexts(contexts, task, limit=limit),
        folder=out,
        form=form,
        api_base=api_base,
    )
    console = Console()
    console.print(f"data set: {out}")
    if finished(job, resume=resume):
        console.print(f"it is finished already; read {out / 'README.md'}")
        return
    if used_by_search(job.pipeline, load_contexts(contexts, task) if limit else job.contexts):
        console.print(
            "note: these are the contexts of the search itself, which the recipe was chosen by; "
            "functions it has not seen make data that say more"
        )
    _report(_run(job, lean, lean_workers), out, form)


def _run(job: DatasetJob, lean: LeanSettings, lean_workers: int) -> Counts:
    lean = kept(lean, checked_by(lean))
    job = replace(job, checked_by=lean.fingerprint or "")
    pipeline = job.pipeline
    adapter = pipeline.prompting.make(pipeline.recipe, job.task)
    generator = make_generator(job.generator, job.task, adapter=adapter)
    with (
        open_lean(lean, workers=lean_workers) as sandbox,
        Console(stderr=True).bar("contexts", total=len(job.contexts)) as bar,
    ):
        return generate_dataset(job, generator=generator, checker=sandbox, progress=bar)


def _report(counts: Counts, out: Path, form: Format) -> None:
    console = Console()
    console.print(f"accepted: {counts.accepted}")
    for reason, rows in counts.refused.items():
        console.print(f"refused, {reason}: {rows}")
    console.print(f"next: read {out / 'README.md'}, then train on {out / data_file(form)}")
