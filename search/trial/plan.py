"""Everything but the recipe that a trial's score depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from evaluators.problem import Problem
from evaluators.task import Context, Task
from evaluators.tasks import task_named
from search.materials.contexts import contexts_hash
from search.materials.gathering import Materials, student_path
from search.materials.problems import problems_hash
from search.settings.judge import JudgeSettings
from search.settings.study import StudySettings
from stores.content import JSONValue
from trainers.config import TrainingConfig


def plan_for(
    settings: StudySettings, materials: Materials, *, checker: str, checked_by: str
) -> TrialPlan:
    """The plan of the study's trials; `sealed_plan` makes the final comparison's from it."""
    generator = settings.generator.model_dump(mode="json")
    form = settings.training.model_dump(include={"prompt_form"})  # empty where it is `auto`
    return TrialPlan(
        task=task_named(settings.task),
        contexts=materials.contexts,
        contexts_sha256=contexts_hash(materials.contexts),
        problems=materials.search_problems,
        problems_sha256=problems_hash(materials.search_problems),
        student=student_path(settings.student),
        student_sha256=materials.student_sha256,
        generation={"max_new_tokens": generator["max_new_tokens"]},
        training=settings.training.config,
        evaluation=cast("JSONValue", {**settings.evaluation.model_dump(mode="json"), **form}),
        checker=checker,
        checked_by=checked_by,
        min_examples=settings.training.min_examples,
        seed=settings.seed,
        refused_share=settings.search.refused_share,
        judging=settings.judge,
    )


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """Everything but the recipe that a trial's score depends on; the same for every trial."""

    task: Task
    contexts: tuple[Context, ...]
    contexts_sha256: str
    problems: tuple[Problem, ...]
    problems_sha256: str
    student: str
    """Where its weights are: a folder, or a hub id."""
    student_sha256: str
    generation: JSONValue
    """The settings that decide what the generator writes."""
    training: TrainingConfig
    evaluation: JSONValue
    """The evaluation settings."""
    checker: str
    """What the checker calls itself, for people."""
    checked_by: str
    """Its fingerprint: version, libraries, server and policy (`search.trial.chosen_lean`)."""
    min_examples: int
    seed: int
    refused_share: float = 0.2
    """Largest share of the prompts that the generator's endpoint may refuse."""
    judging: JudgeSettings | None = None
    """How a judge is asked; no score depends on it."""
