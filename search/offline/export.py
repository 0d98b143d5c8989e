"""Writing a frozen pipeline as a folder that people, programs and plain DSPy can read."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from evaluators.tasks import task_named
from search.comparisons.transfer import Transfer
from search.errors import PipelineError, StudyError
from search.offline.cards import pipeline_card
from search.offline.pipeline import CARD, MANIFEST, PROGRAM, Pipeline, file_hash
from search.runs.folder import RUNS, RunFolder
from search.runs.sweep_folder import TABLE, SweepFolder, read_transfer, transfer_beside
from search.settings.file import load_study
from search.study.made_from import provenance


def export_pipeline(pipeline: Pipeline, *, folder: Path, transfer: Transfer | None = None) -> Path:
    """Write `program.json`, the card and, last, `pipeline.json`; gives back the folder.

    Args:
        pipeline: what is written.
        folder: where to.
        transfer: the table of the sweep it comes from; written beside it and into the card.
    """
    from search.generation.program import GeneratorProgram  # dspy takes seconds to import

    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)  # unfinished until all of it is there again
    form = task_named(pipeline.task).form
    GeneratorProgram.from_recipe(pipeline.recipe, form).freeze(folder / PROGRAM)
    (folder / CARD).write_text(pipeline_card(pipeline, transfer), encoding="utf-8")
    files = [PROGRAM]
    (folder / TABLE).unlink(missing_ok=True)
    if transfer is not None:
        SweepFolder(folder).save(transfer)
        files.append(TABLE)
    made = {
        "files": {name: file_hash(folder / name) for name in files},
        "outerloop_version": version("outerloop"),
        "sha256": pipeline.hash,
    }
    pipeline.model_copy(update=made).save(folder)
    return folder


def find_pipeline(run: str) -> Pipeline:
    """The pipeline of a run folder, of a study by name or file, or in a pipeline folder.

    Raises:
        PipelineError: no such run is known, or its search has not ended.
        SettingsError: a study file was named and it cannot be read.
    """
    return Pipeline.load(pipeline_folder(run))


def transfer_of(folder: Path, pipeline: Pipeline) -> Transfer | None:
    """The transfer table of a pipeline's sweep: beside the pipeline, or beside its run folder."""
    if TABLE in pipeline.files:
        return read_transfer(folder / TABLE)
    found = transfer_beside(folder.resolve().parent, pipeline.hash)
    return found[0] if found else None


def pipeline_folder(run: str) -> Path:
    """Where a run's pipeline lies; see `find_pipeline`.

    Raises:
        PipelineError: no such run is known, or its search has not ended.
        SettingsError: a study file was named and it cannot be read.
    """
    for folder in _places(run):
        if (folder / MANIFEST).is_file():
            return folder
    for folder in _places(run):
        sweep = SweepFolder(folder.parent)
        if sweep.is_sweep:
            raise PipelineError(
                f"{sweep.path} is a sweep with a pipeline for each student; name one of its "
                f"runs: {sweep.named_runs()}"
            )
        if folder.parent.is_dir() and folder.name == "pipeline":
            raise PipelineError(
                f"{folder.parent} has no pipeline yet: its search has not ended; "
                "go on with `outerloop search STUDY.yaml --resume`"
            )
    raise PipelineError(
        f"{run} is no run folder, no study under {RUNS}/ and no study file; "
        "run `outerloop search STUDY.yaml` first"
    )


def refuse_other_sources(source: Path, pipeline: Pipeline) -> None:
    """Check that a run's pipeline names what the study in its run folder was scored on.

    A pipeline in a folder of its own has no study beside it, and nothing to be held against.

    Raises:
        PipelineError: it names something else.
    """
    from search.study.records import read_study

    run = RunFolder(source.resolve().parent)
    if source.name != "pipeline" or not run.has_study():
        return
    try:
        study = read_study(run.existing_study())
    except StudyError:
        return  # a damaged study says nothing against its pipeline
    scored_on = provenance(study.made_from, student=pipeline.student) if study.made_from else {}
    for name, sha256 in scored_on.items():
        named = pipeline.provenance.get(name)
        if sha256 and named != sha256:
            raise PipelineError(
                f"{source} names {name} {str(named)[:12]}, the study beside it was scored on "
                f"{sha256[:12]}; run `outerloop search` with --resume, which freezes it again"
            )


def refuse_another_pipeline(pipeline: Pipeline, folder: Path) -> None:
    """Check that `folder` can take `pipeline` without losing anything.

    Raises:
        PipelineError: something else is there.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / MANIFEST).is_file() or Pipeline.load(folder).hash != pipeline.hash:
        raise PipelineError(f"{folder} holds something else; give another --out")


def _places(run: str) -> list[Path]:
    path = Path(run)
    if path.suffix in {".yaml", ".yml"}:
        return [RUNS / load_study(path).name / "pipeline"]
    places = [path / "pipeline", RUNS / run / "pipeline"]
    return [path, *places] if (path / MANIFEST).is_file() else places
