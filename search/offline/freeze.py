"""From a finished search to its frozen pipeline: the winner and the hashes behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from engines.prompt_form import PromptForm
from evaluators.tasks import task_named
from evaluators.words import counted
from search.comparisons.sealed import FinalComparison
from search.errors import StudyError
from search.generation.prompting import Prompting
from search.materials.gathering import Materials
from search.offline.export import export_pipeline, transfer_of
from search.offline.pipeline import MeasuredScore, Pipeline
from search.recipes.space import recipe_of
from search.settings.study import StudySettings
from search.study.records import TrialRecord
from stores.content import fingerprint
from stores.manifests import MANIFEST, Manifest
from stores.stages import VALUE
from trainers.adapter import Adapter

_ADAPTER = TypeAdapter(Adapter)

_LABELS = {
    "untuned": "student, untuned, sealed problems",
    "baseline": "trained with the hand-written baseline recipe, sealed problems",
    "best": "trained with this recipe, sealed problems",
}


def freeze(
    settings: StudySettings,
    materials: Materials,
    winner: TrialRecord,
    final: FinalComparison,
    *,
    stages: Path,
    folder: Path,
) -> Path:
    """Write the winner's pipeline into `folder`.

    One that stands in the transfer table of its sweep keeps it: a resumed search makes the same
    pipeline again.
    """
    assert winner.outcome is not None  # a winner has a score
    made = winner.outcome.stages
    generated = _inputs(stages, "generate", made["generate"])
    evaluated = _inputs(stages, "evaluate", made["evaluate"])
    scores = [
        MeasuredScore(label="this recipe's trial, search problems", score=winner.outcome.score)
    ]
    fresh = final.choice.finalists[0] if final.choice else None
    if fresh is not None and fresh.score is not None:
        label = f"this recipe, {counted(len(fresh.runs), 'run')} with fresh seeds, search problems"
        scores.append(MeasuredScore(label=label, score=fresh.score))
    scores += [
        MeasuredScore(label=_LABELS[arm.name], score=arm.score)
        for arm in final.arms
        if arm.score is not None
    ]
    recipe = recipe_of(winner.parameters, settings.recipe, materials.demos, shown=winner.shown)
    pipeline = Pipeline(
        name=settings.name,
        task=settings.task,
        seed=settings.seed,
        recipe=recipe,
        prompting=Prompting.of(settings.generator.model, recipe, task_named(settings.task)),
        generator=settings.generator,
        generator_fingerprint=str(generated["generator"]),
        student=settings.student,
        student_fingerprint=str(evaluated["student"]),
        student_prompt_form=_prompt_form(stages, made["train"]),
        checker=str(evaluated["checker"]),
        provenance={
            **materials.hashes,
            # whatever lies there now: these the winner was scored on
            "contexts": str(generated["contexts"]),
            "search_problems": str(evaluated["problems"]),
            "student": str(evaluated["student"]),
            "study": fingerprint(settings.model_dump(mode="json")),
            **_stage_names(made, "trial"),
            **_stage_names(final.arm("best").stages, "sealed"),
        },
        scores=tuple(scores),
        remarks=tuple(final.remarks()),
    )
    return export_pipeline(pipeline, folder=folder, transfer=transfer_of(folder, pipeline))


def _stage_names(stages: dict[str, str], where: str) -> dict[str, str]:
    return {f"{where}:{stage}": key for stage, key in stages.items()}


def _inputs(stages: Path, stage: str, key: str) -> dict[str, Any]:
    """What a stage was computed from, as its manifest says."""
    return Manifest.read(_finished(stages / stage / key)).inputs


def _prompt_form(stages: Path, key: str) -> PromptForm:
    """How the student was asked that a stage trained."""
    value = (_finished(stages / "train" / key) / VALUE).read_text(encoding="utf-8")
    return _ADAPTER.validate_json(value).prompt_form


def _finished(folder: Path) -> Path:
    if not (folder / MANIFEST).exists():
        raise StudyError(
            f"{folder}: the winner's stage is not in this store; give the --stages-dir the "
            "trials were run with"
        )
    return folder
