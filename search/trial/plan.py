"""Everything but the recipe that a trial's score depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from evaluators.eng2lean.problem import Problem
from search.materials.contexts import Context, contexts_hash
from search.materials.gathering import Materials
from search.materials.problems import problems_hash
from search.settings.judge import JudgeSettings
from search.settings.study import StudySettings
from stores.content import JSONValue


def plan_for(
    settings: StudySettings, materials: Materials, *, lean_version: str, judged_by: str
) -> TrialPlan:
    """The plan of the study's trials; `sealed_plan` makes the final comparison's from it."""
    generator = settings.generator.model_dump(mode="json")
    form = settings.training.model_dump(include={"prompt_form"})  # empty where it is `auto`
    return TrialPlan(
        contexts=materials.contexts,
        contexts_sha256=contexts_hash(materials.contexts),
        problems=materials.search_problems,
        problems_sha256=problems_hash(materials.search_problems),
        student_sha256=materials.student_sha256,
        generation={"max_new_tokens": generator["max_new_tokens"]},
        training=cast("JSONValue", settings.training.config.model_dump(mode="json")),
        evaluation=cast("JSONValue", {**settings.evaluation.model_dump(mode="json"), **form}),
        lean_version=lean_version,
        judged_by=judged_by,
        min_examples=settings.training.min_examples,
        seed=settings.seed,
        refused_share=settings.search.refused_share,
        judging=settings.judge,
    )


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """Everything but the recipe that a trial's score depends on; the same for every trial."""

    contexts: tuple[Context, ...]
    contexts_sha256: str
    problems: tuple[Problem, ...]
    problems_sha256: str
    student_sha256: str
    generation: JSONValue
    """The settings that decide what the generator writes."""
    training: JSONValue
    """The training configuration."""
    evaluation: JSONValue
    """The evaluation settings."""
    lean_version: str
    """What the Lean calls itself, for people."""
    judged_by: str
    """Its fingerprint: version, libraries, server and policy (`search.trial.chosen_lean`)."""
    min_examples: int
    seed: int
    refused_share: float = 0.2
    """Largest share of the prompts that the generator's endpoint may refuse."""
    max_steps: int | None = None
    """Steps of a fine-tune on a rung; None trains as `training` says."""
    judging: JudgeSettings | None = None
    """How a judge is asked; no score depends on it."""
