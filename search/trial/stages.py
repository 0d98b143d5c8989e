"""The four stages of a trial that are kept by content: generate, check, train, evaluate."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter

from engines.errors import Stopped
from engines.ledger import Cost
from evaluators.evaluation import Evaluation
from evaluators.task import Candidate, Checked, Context, Task
from evaluators.words import counted
from search.errors import KNOWN, NodeLost, TooFewExamples, TrialError
from search.recipes.recipe import Recipe
from search.trial.disk import disk_full, is_disk_full
from search.trial.outcome import NOTHING_KNOWN, KnownRows
from search.trial.plan import TrialPlan
from search.trial.rows import check_candidates, require_answers
from search.trial.workshop import Workshop
from stores.content import JSONValue, fingerprint
from stores.stages import Stage, StageStore
from trainers.adapter import Adapter
from trainers.dataset import Example
from trainers.request import FineTune

_CANDIDATES = TypeAdapter(list[Candidate])


_CHECKED = TypeAdapter(list[Checked])


_EXAMPLES = TypeAdapter(list[Example])


_ADAPTER = TypeAdapter(Adapter)


_EVALUATION = TypeAdapter(Evaluation)


_RECIPE = TypeAdapter(Recipe)


_WEIGHTS = "weights"


def shares_of(evaluation: Evaluation) -> tuple[float, ...]:
    """Share of each problem's attempts that passed: what comparisons are made from."""
    return tuple(record.passes / len(record.attempts) for record in evaluation.records)


def generate(
    recipe: Recipe,
    plan: TrialPlan,
    workshop: Workshop,
    stages: StageStore,
    known: KnownRows = NOTHING_KNOWN,
) -> Stage[list[Candidate]]:
    """Candidates of every context. Knows nothing of the student, so students share the stage."""
    asked = cast("dict[str, JSONValue]", _RECIPE.dump_python(recipe, mode="json"))
    for after in ("filter", "keep_docstring"):
        del asked[after]
    there = {one.context_id for one in known.written}

    def write(_: Path) -> list[Candidate]:
        left = [context for context in plan.contexts if context.id not in there]
        new = workshop.generator.write(recipe, left, seed=plan.seed) if left else []
        require_answers(new, refused_share=plan.refused_share)
        return _in_order([*known.written, *new], plan.contexts)

    def cost(written: list[Candidate]) -> Cost:
        new = [one for one in written if one.context_id not in there]
        return Cost(
            input_tokens=sum(one.input_tokens for one in new),
            output_tokens=sum(one.output_tokens for one in new),
        )

    with failing("generate"):
        return stages.run(
            "generate",
            inputs={
                "task": task_id(plan.task),
                "recipe": asked,
                "contexts": plan.contexts_sha256,
                "generator": workshop.generator.fingerprint,
                "settings": plan.generation,
                "seed": plan.seed,
            },
            compute=write,
            codec=_CANDIDATES,
            cost=cost,
        )


def task_id(task: Task) -> str:
    """What a stage's inputs hold of the task: its name and version."""
    return f"{task.name} {task.version}"


def _in_order(candidates: Sequence[Candidate], contexts: Sequence[Context]) -> list[Candidate]:
    """The candidates of these contexts, context by context, attempt by attempt."""
    places = {context.id: place for place, context in enumerate(contexts)}
    here = [one for one in candidates if one.context_id in places]
    return sorted(here, key=lambda one: (places[one.context_id], one.attempt))


def check(
    written: Stage[list[Candidate]],
    plan: TrialPlan,
    workshop: Workshop,
    stages: StageStore,
    known: KnownRows = NOTHING_KNOWN,
) -> Stage[list[Checked]]:
    """What the checker finds about every candidate, and whether it is faithful."""
    there = {one.candidate: one for one in known.checked}
    left = [one for one in written.value if one not in there]

    def ask(_: Path) -> list[Checked]:
        new = check_candidates(left, plan.contexts, plan.task, workshop.checker)
        judged = there | {one.candidate: one for one in new}
        return [judged[one] for one in written.value]

    def cost(checked: list[Checked]) -> Cost:
        asked = [one for one in checked if one.candidate not in there]
        return Cost(checks=sum(one.finding is not None for one in asked))

    with failing("check"):
        return stages.run(
            "check",
            inputs={
                "task": task_id(plan.task),
                "candidates": written.sha256,
                "contexts": plan.contexts_sha256,
                "checker": plan.checker,
                "checked_by": plan.checked_by,
            },
            compute=ask,
            codec=_CHECKED,
            cost=cost,
        )


def train(
    examples: Sequence[Example], plan: TrialPlan, workshop: Workshop, stages: StageStore
) -> Stage[Adapter]:
    """The student fine-tuned on the examples."""
    with failing("train"):
        trained = stages.run(
            "train",
            inputs={
                "examples": fingerprint(_EXAMPLES.dump_python(list(examples), mode="json")),
                "student": plan.student_sha256,
                "training": cast("JSONValue", plan.training.model_dump(mode="json")),
                "seed": plan.seed,
            },
            compute=lambda folder: workshop.learner.train(
                FineTune(
                    examples=tuple(examples),
                    student=plan.student,
                    config=plan.training,
                    seed=plan.seed,
                    out_dir=folder / _WEIGHTS,
                )
            ),
            codec=_ADAPTER,
            cost=lambda adapter: Cost(training_tokens=adapter.tokens),
        )
    # the folder was renamed after the trainer had filled it
    adapter = dataclasses.replace(trained.value, path=trained.folder / _WEIGHTS)
    return dataclasses.replace(trained, value=adapter)


def evaluate(
    trained: Stage[Adapter] | None, plan: TrialPlan, workshop: Workshop, stages: StageStore
) -> Stage[Evaluation]:
    """The plan's problems put to the fine-tuned student, or to the bare one."""
    adapter = trained.value if trained else None
    with failing("evaluate"):
        return stages.run(
            "evaluate",
            inputs={
                "task": task_id(plan.task),
                "adapter": adapter.sha256 if adapter else None,
                "student": plan.student_sha256,
                "problems": plan.problems_sha256,
                "evaluation": plan.evaluation,
                "checker": plan.checker,
                "checked_by": plan.checked_by,
                "seed": plan.seed,
            },
            compute=lambda _: workshop.learner.evaluate(adapter, plan.problems, seed=plan.seed),
            codec=_EVALUATION,
            cost=lambda evaluation: Cost(checks=len(evaluation.records)),
        )


def require_enough(
    examples: Sequence[Example], candidates: int, counts: dict[str, int], plan: TrialPlan
) -> None:
    """Check that there is enough to train on.

    Raises:
        TooFewExamples: there is not; says what the others were refused for.
    """
    if len(examples) >= plan.min_examples:
        return
    refused = ", ".join(f"{reason} {count}" for reason, count in counts.items()) or "none"
    raise TooFewExamples(
        f"{counted(len(examples), 'example')} of {counted(candidates, 'candidate')}, "
        "`training.min_examples` asks for "
        f"{plan.min_examples} (refused: {refused})",
        candidates,
        counts,
    )


@contextmanager
def failing(stage: str) -> Iterator[None]:
    """Turn what a stage's machine raises into this trial's failure."""
    try:
        yield
    except (Stopped, NodeLost):
        raise  # no fault of the trial: it goes on later, or on another node
    except (*KNOWN, OSError) as error:
        if is_disk_full(error):
            raise disk_full(error, stage=stage) from error
        raise TrialError(stage, f"{type(error).__name__}: {error}") from error
