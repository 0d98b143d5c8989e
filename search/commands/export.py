"""`outerloop export`: the pipeline a search ended with, as a folder of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engines import environment

if TYPE_CHECKING:
    from search.comparisons.transfer import Transfer
    from search.offline.pipeline import Pipeline


def export(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run folder, a study's name, or a study file.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Folder to write; pipelines/<study name> when left out."
        ),
    ] = None,
    alias: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Version of MLflow's registry, such as `winner` or `shown`."
        ),
    ] = None,
) -> None:
    """Freeze a search's best recipe as a pipeline.

    outerloop export runs/embedded

    Writes pipeline.json (recipe, knobs, scores, hashes of all it came from), program.json (the
    DSPy state, readable by plain DSPy) and a card. All of it is JSON and Markdown. With --alias
    it is the version that MLflow's registry knows by that name; RUN may then be a model's name.
    """
    environment.prepare()
    from search.console import Console
    from search.offline.export import export_pipeline, refuse_another_pipeline
    from search.runs.next_steps import YOUR_FUNCTIONS, command

    pipeline, transfer = _found(run, alias)
    folder = out or Path("pipelines") / pipeline.name
    refuse_another_pipeline(pipeline, folder)
    console = Console()
    console.print(f"pipeline: {export_pipeline(pipeline, folder=folder, transfer=transfer)}")
    for one in pipeline.scores:
        console.print(f"  {one.label}: {one.score}")
    write = command("outerloop", "generate", folder, YOUR_FUNCTIONS, "--out", "data")
    console.print(f"next: {write}")


def _found(run: str, alias: str | None) -> tuple[Pipeline, Transfer | None]:
    if alias is None:
        from search.offline.export import pipeline_folder, refuse_other_sources, transfer_of
        from search.offline.pipeline import Pipeline

        source = pipeline_folder(run)
        pipeline = Pipeline.load(source)
        refuse_other_sources(source, pipeline)
        return pipeline, transfer_of(source, pipeline)
    from search.tracking.by_alias import pipeline_by_alias

    with tempfile.TemporaryDirectory() as folder:
        return pipeline_by_alias(run, alias, folder=Path(folder))
