"""One trial, left to right: generate → check → select → train → evaluate → score.

Every stage but `select`, which takes no time, is content-addressed: a stage whose inputs were
seen before is read. A trial that cannot go on raises `TrialError`; it never ends with an invented
score.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from pydantic import TypeAdapter

from evaluators.errors import EvaluatorsError
from evaluators.evaluation import Evaluation
from evaluators.problem import Problem
from evaluators.proxies import Proxy
from evaluators.score import Score
from lean_sandbox import wasm
from lean_sandbox.errors import LeanSandboxError
from lean_sandbox.sandbox import Sandbox
from search.errors import BudgetSpent, NodeLost, SearchError, TooFewExamples, TrialError
from search.generation.generator import Generator
from search.materials.contexts import Context, JSONValue
from search.money.ledger import Cost
from search.study.recipe import Recipe
from search.trials.candidate import Candidate, CheckedCandidate
from search.trials.filtering import (
    check_candidates,
    faithfulness,
    refusals,
    select_examples,
    validity,
)
from search.trials.signals import signals
from search.trials.stages import Stage, StageStore, fingerprint
from trainers.adapter import Adapter
from trainers.dataset import Example
from trainers.errors import TrainersError

_CANDIDATES = TypeAdapter(list[Candidate])
_CHECKED = TypeAdapter(list[CheckedCandidate])
_EXAMPLES = TypeAdapter(list[Example])
_ADAPTER = TypeAdapter(Adapter)
_EVALUATION = TypeAdapter(Evaluation)
_RECIPE = TypeAdapter(Recipe)
_WEIGHTS = "weights"


class Learner(Protocol):
    """Fine-tunes one student and asks what it has learnt."""

    def train(self, examples: Sequence[Example], *, out_dir: Path, seed: int) -> Adapter:
        """Fine-tune the student; see `trainers.trainer.Trainer.train`."""
        ...

    def evaluate(
        self, adapter: Adapter | None, problems: Sequence[Problem], *, seed: int
    ) -> Evaluation:
        """Put the final task's problems to the student with `adapter`, or to the bare student."""
        ...


@dataclass(frozen=True, slots=True)
class Workshop:
    """The three machines a trial works with."""

    generator: Generator
    sandbox: Sandbox
    learner: Learner


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
    min_examples: int
    seed: int


@dataclass(frozen=True, slots=True)
class TrialOutcome:
    """What a trial that reached its end found."""

    score: Score
    passed: tuple[bool, ...]
    """Problem by problem, in the order of the file; of several attempts the first."""
    candidates: int
    examples: int
    validity: float | None
    """Share of candidates that Lean accepts as programs; a proxy, kept to be held against."""
    faithfulness: float | None
    """Share of candidates with known calls that agree with Python on all of them."""
    refused: dict[str, int]
    """Candidates refused, by reason."""
    compiled: float
    """Share of the student's answers that compile."""
    undecided: float
    """Share of the student's answers of which Lean can say neither yes nor no."""
    final_loss: float
    stages: dict[str, str]
    """The key of each stage in the store."""
    shares: tuple[float, ...] = ()
    """Share of each problem's attempts that passed; empty where it was not kept."""
    proxies: tuple[Proxy, ...] = ()
    """Every cheap signal, with its n and its cost; kept to be held against the score."""


def run_trial(
    recipe: Recipe, *, plan: TrialPlan, workshop: Workshop, stages: StageStore
) -> TrialOutcome:
    """Find out how good a student a recipe makes.

    Raises:
        TrialError: a stage cannot be finished, or too few candidates passed the filter.
        BudgetSpent: the study's budget does not allow what the trial would do next.
    """
    written = generate(recipe, plan, workshop, stages)
    checked = check(written, plan, workshop, stages)
    examples = select_examples(checked.value, recipe, plan.contexts)
    _require_enough(examples, checked.value, recipe, plan)
    trained = train(examples, plan, workshop, stages)
    evaluated = evaluate(trained, plan, workshop, stages)
    return TrialOutcome(
        score=evaluated.value.score,
        passed=tuple(record.passed for record in evaluated.value.records),
        candidates=len(written.value),
        examples=len(examples),
        validity=validity(checked.value).value,
        faithfulness=faithfulness(checked.value).value,
        refused=refusals(checked.value, filter=recipe.filter),
        compiled=evaluated.value.compiled,
        undecided=evaluated.value.undecided,
        final_loss=trained.value.final_loss,
        stages={
            "generate": written.key,
            "check": checked.key,
            "train": trained.key,
            "evaluate": evaluated.key,
        },
        shares=shares_of(evaluated.value),
        proxies=signals(checked.value, examples, evaluated.value, plan.problems),
    )


def shares_of(evaluation: Evaluation) -> tuple[float, ...]:
    """Share of each problem's attempts that passed: what comparisons are made from."""
    return tuple(record.passes / len(record.attempts) for record in evaluation.records)


def generate(
    recipe: Recipe, plan: TrialPlan, workshop: Workshop, stages: StageStore
) -> Stage[list[Candidate]]:
    """Candidates of every context. Knows nothing of the student, so students share the stage."""
    asked = cast("dict[str, JSONValue]", _RECIPE.dump_python(recipe, mode="json"))
    for after in ("filter", "keep_docstring"):
        del asked[after]
    with _failing("generate"):
        return stages.run(
            "generate",
            inputs={
                "recipe": asked,
                "contexts": plan.contexts_sha256,
                "generator": workshop.generator.fingerprint,
                "settings": plan.generation,
                "seed": plan.seed,
            },
            compute=lambda _: workshop.generator.write(recipe, plan.contexts, seed=plan.seed),
            codec=_CANDIDATES,
            cost=lambda written: Cost(
                input_tokens=sum(one.input_tokens for one in written),
                output_tokens=sum(one.output_tokens for one in written),
            ),
        )


def check(
    written: Stage[list[Candidate]], plan: TrialPlan, workshop: Workshop, stages: StageStore
) -> Stage[list[CheckedCandidate]]:
    """Lean's verdict on every candidate, and whether it agrees with Python."""
    with _failing("check"):
        return stages.run(
            "check",
            inputs={
                "candidates": written.sha256,
                "contexts": plan.contexts_sha256,
                "lean": plan.lean_version,
                "gates": wasm.fingerprint(),
            },
            compute=lambda _: check_candidates(written.value, plan.contexts, workshop.sandbox),
            codec=_CHECKED,
            cost=lambda checked: Cost(lean_checks=sum(one.verdict is not None for one in checked)),
        )


def train(
    examples: Sequence[Example], plan: TrialPlan, workshop: Workshop, stages: StageStore
) -> Stage[Adapter]:
    """The student fine-tuned on the examples."""
    with _failing("train"):
        trained = stages.run(
            "train",
            inputs={
                "examples": fingerprint(_EXAMPLES.dump_python(list(examples), mode="json")),
                "student": plan.student_sha256,
                "training": plan.training,
                "seed": plan.seed,
            },
            compute=lambda folder: workshop.learner.train(
                examples, out_dir=folder / _WEIGHTS, seed=plan.seed
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
    with _failing("evaluate"):
        return stages.run(
            "evaluate",
            inputs={
                "adapter": adapter.sha256 if adapter else None,
                "student": plan.student_sha256,
                "problems": plan.problems_sha256,
                "evaluation": plan.evaluation,
                "lean": plan.lean_version,
                "gates": wasm.fingerprint(),
                "seed": plan.seed,
            },
            compute=lambda _: workshop.learner.evaluate(adapter, plan.problems, seed=plan.seed),
            codec=_EVALUATION,
            cost=lambda evaluation: Cost(lean_checks=len(evaluation.records)),
        )


def _require_enough(
    examples: Sequence[Example],
    checked: Sequence[CheckedCandidate],
    recipe: Recipe,
    plan: TrialPlan,
) -> None:
    if len(examples) >= plan.min_examples:
        return
    counts = refusals(checked, filter=recipe.filter)
    refused = ", ".join(f"{reason} {count}" for reason, count in counts.items()) or "none"
    raise TooFewExamples(
        f"{len(examples)} examples of {len(checked)} candidates, `training.min_examples` asks for "
        f"{plan.min_examples} (refused: {refused})",
        len(checked),
        counts,
    )


@contextmanager
def _failing(stage: str) -> Iterator[None]:
    """Turn what a stage's machine raises into this trial's failure."""
    try:
        yield
    except (BudgetSpent, NodeLost):
        raise  # no fault of the trial: it goes on when the budget is raised, or on another node
    except (LeanSandboxError, TrainersError, EvaluatorsError, SearchError, OSError) as error:
        raise TrialError(stage, f"{type(error).__name__}: {error}") from error
