"""A frozen pipeline loaded, and a data set made with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engines import environment

if TYPE_CHECKING:
    from search.offline.dataset import Counts, Format
    from search.offline.pipeline import Pipeline
    from search.settings.lean import LeanSettings


def load_pipeline(path: str | Path) -> Pipeline:
    """A frozen pipeline: recipe, generator, scores and the hashes of all it came from.

    Args:
        path: a pipeline folder, the run folder of a finished search, or its study's name or file.

    Raises:
        PipelineError: there is none, its search has not ended, it was changed after the export, or
            another version wrote it.
    """
    from search.offline.export import find_pipeline

    return find_pipeline(str(path))


def generate(  # noqa: PLR0913 - what `outerloop generate` can be told
    pipeline: Pipeline | str | Path,
    contexts: str | Path,
    *,
    out: str | Path,
    form: Format = "jsonl",
    limit: int | None = None,
    resume: bool = False,
    api_base: str | None = None,
    lean: LeanSettings | None = None,
    lean_workers: int = 2,
    quiet: bool = False,
) -> Counts:
    """Make a Lean-checked data set with a frozen pipeline.

    It is `outerloop generate`: accepted rows, refused rows with their reasons, a card, and the
    manifest last. A data set that is there already, whole, is not made again.

    Args:
        pipeline: a pipeline, or what `load_pipeline` takes.
        contexts: Python functions: a .jsonl or .jsonl.gz file, or `embedded:NAME`.
        out: the folder to write.
        form: `jsonl` or `parquet`, for the accepted rows.
        limit: use the first so many contexts only.
        resume: whether a stopped run is gone on with.
        api_base: where the pipeline's endpoint is, if it has moved.
        lean: which Lean checks; None is the embedded one.
        lean_workers: Lean processes side by side, about 1 GB each.
        quiet: print nothing.

    Returns:
        How many rows were accepted and refused, and why.

    Raises:
        PipelineError: see `load_pipeline`.
        RowsError: the contexts cannot be read.
        GenerateError: the folder holds something else or an unfinished data set, the generator's
            weights are not those of the pipeline, or the disk is full.
        ModelUnavailable: the generator cannot be loaded or reached; rows so far are kept.
        SandboxUnavailable: Lean cannot be started or kept alive; rows so far are kept.
    """
    environment.prepare()
    from search.console import Console
    from search.offline.dataset_request import DatasetRequest, make_dataset
    from search.settings.lean import LeanSettings

    request = DatasetRequest(
        pipeline=load_pipeline(pipeline) if isinstance(pipeline, str | Path) else pipeline,
        contexts=str(contexts),
        folder=Path(out),
        form=form,
        limit=limit,
        api_base=api_base,
        resume=resume,
        lean=lean or LeanSettings(),
        lean_workers=lean_workers,
    )
    return make_dataset(
        request, console=Console(quiet=quiet), progress=Console(stderr=True, quiet=quiet)
    )
