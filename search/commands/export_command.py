"""`outerloop export`: the pipeline a search ended with, as a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from search.offline.export import export_pipeline, find_pipeline, refuse_another_pipeline


def export(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run folder, a study's name, or a study file.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; pipelines/<study name> when left out.")
    ] = None,
) -> None:
    """Freeze a search's best recipe as a pipeline.

    outerloop export runs/embedded

    Writes pipeline.json (recipe, knobs, scores, hashes of all it came from), program.json (the
    DSPy state, readable by plain DSPy) and a card. All of it is JSON and Markdown.
    """
    pipeline = find_pipeline(run)
    folder = out or Path("pipelines") / pipeline.name
    refuse_another_pipeline(pipeline, folder)
    typer.echo(f"pipeline: {export_pipeline(pipeline, folder=folder)}")
    for one in pipeline.scores:
        typer.echo(f"  {one.label}: {one.score}")
    typer.echo(f"next: outerloop generate {folder} CONTEXTS.jsonl --out data")
