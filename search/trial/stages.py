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
from evaluators.eng2lean.evaluation import Evaluation
from evaluators.words import counted
from search.errors import KNOWN, NodeLost, TooFewExamples, TrialError
from search.generation.candidate import Candidate, CheckedCandidate
from search.materials.contexts import Context
from search.recipes.recipe import Recipe
from search.trial.disk import disk_full, is_disk_full
from search.trial.filtering import check_candidates, require_answers
from search.trial.outcome import NOTHING_KNOWN, KnownRows
from search.trial.plan import TrialPlan
from search.trial.workshop import Workshop
from stores.content import JSONValue, fingerprint
from stores.stages import Stage, StageStore
from trainers.adapter import Adapter
from trainers.dataset import Example

_CANDIDATES = TypeAdapter(list[Candidate])


_CHECKED = TypeAdapter(list[CheckedCandidate])


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
) -> Stage[list[CheckedCandidate]]:
    """Lean's verdict on every candidate, and whether it agrees with Python."""
    there = {one.candidate: one for one in known.checked}
    left = [one for one in written.value if one not in there]

    def judge(_: Path) -> list[CheckedCandidate]:
        new = check_candidates(left, plan.contexts, workshop.sandbox)
        judged = there | {one.candidate: one for one in new}
        return [judged[one] for one in written.value]

    def cost(checked: list[CheckedCandidate]) -> Cost:
        asked = [one for one in checked if one.candidate not in there]
        return Cost(lean_checks=sum(one.verdict is not None for one in asked))

    with failing("check"):
        return stages.run(
            "check",
            inputs={
                "candidates": written.sha256,
                "contexts": plan.contexts_sha256,
                "lean": plan.lean_version,
                "gates": plan.judged_by,
            },
            compute=judge,
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
                "training": plan.training,
                "seed": plan.seed,
            },
            compute=lambda folder: workshop.learner.train(
                examples,
                out_dir=folder / _WEIGHTS,
                seed=plan.seed,
                max_steps=plan.max_steps,
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
                "adapter": adapter.sha256 if adapter else None,
                "student": plan.student_sha256,
                "problems": plan.problems_sha256,
                "evaluation": plan.evaluation,
                "lean": plan.lean_version,
                "gates": plan.judged_by,
                "seed": plan.seed,
            },
            compute=lambda _: workshop.learner.evaluate(adapter, plan.problems, seed=plan.seed),
            codec=_EVALUATION,
            cost=lambda evaluation: Cost(lean_checks=len(evaluation.records)),
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
