"""A pipeline fetched from MLflow's registry by the alias that names it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from engines import environment
from engines.errors import first_line
from search.comparisons.transfer import Transfer
from search.errors import PipelineError
from search.offline.export import pipeline_folder, transfer_of
from search.offline.pipeline import Pipeline
from search.runs.folder import RunFolder
from search.runs.location import settle_store
from search.runs.sweep_folder import TABLE


def pipeline_by_alias(run: str, alias: str, *, folder: Path) -> tuple[Pipeline, Transfer | None]:
    """The pipeline that an alias of a run's registered model names, and its transfer table.

    The registry is the server that `MLFLOW_TRACKING_URI` names, or the run folder's own store.

    Args:
        run: a run folder, a study's name or file; on a server also a registered model's name.
        alias: such as `winner` or `shown`.
        folder: an empty folder to download into.

    Raises:
        PipelineError: no such run, model or alias, or the registry does not answer.
    """
    server = environment.mlflow_tracking_uri()
    name, source = run, None
    try:
        source = pipeline_folder(run)
        name = Pipeline.load(source).name
    except PipelineError:
        if server is None:
            raise
    if server is None:
        assert source is not None  # found, or raised
        store = RunFolder(source.parent)
        if not store.mlflow_store.is_file():
            raise PipelineError(
                f"{store.path} has no MLflow store to find @{alias} in; export without --alias, "
                "or set MLFLOW_TRACKING_URI to the server its search logged to"
            )
        _settle(store)
        server = store.mlflow_uri
    from search.tracking.registry import Registry  # MLflow takes seconds to import

    got = Registry.at(server).fetch(name, alias, folder=folder)
    pipeline = Pipeline.load(got)
    # a version that was made before the sweep's end has its table beside the run alone
    return pipeline, transfer_of(got if TABLE in pipeline.files else source or got, pipeline)


def _settle(run: RunFolder) -> None:
    try:
        settle_store(run)
    except sqlite3.Error as error:
        raise PipelineError(
            f"{run.mlflow_store} names the files of another folder and cannot be written "
            f"({first_line(str(error))}); make it writable, or export without --alias"
        ) from error
