"""`outerloop generate`: a Lean-checked data set from a frozen pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from engines import environment
from search.commands.native_options import (
    AllowImport,
    LeanKeyEnv,
    LeanServer,
    Project,
    ToolchainName,
    chosen_lean,
)


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
        Literal["jsonl", "parquet"], typer.Option("--format", help="Format of the accepted rows.")
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
    environment.prepare()
    from search.console import Console
    from search.offline.dataset_request import DatasetRequest, make_dataset
    from search.offline.pipeline import Pipeline

    lean = chosen_lean(
        project=project,
        toolchain=toolchain,
        allow_imports=allow_import,
        server=lean_server,
        api_key_env=lean_key_env,
    )
    request = DatasetRequest(
        pipeline=Pipeline.load(pipeline),
        contexts=contexts,
        folder=out,
        form=form,
        limit=limit,
        api_base=api_base,
        resume=resume,
        lean=lean,
        lean_workers=lean_workers,
    )
    make_dataset(request, console=Console(), progress=Console(stderr=True))
