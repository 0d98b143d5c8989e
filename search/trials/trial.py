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
from evaluators.words import counted
from lean_sandbox import wasm
from lean_sandbox.errors import LeanSandboxError
from lean_sandbox.sandbox import Sandbox
from search.errors import NodeLost, SearchError, TooFewExamples, TrialError, TrialStopped
from search.generation.generator import Generator
from search.generation.judge_model import JudgeSettings
from search.materials.contexts import Context, JSONValue
from search.money.ledger import Cost
from search.study.recipe import Recipe
from search.trials.candidate import Candidate, CheckedCandidate
from search.trials.disk_room import disk_full, is_disk_full
from search.trials.filtering import (
    check_candidates,
    faithfulness,
    refusals,
    require_answers,
    select_examples,
    validity,
)
from search.trials.judging import Judge, Rows, judged
from search.trials.leaks import Leak, leak_counts, leaks_of, without
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

    def train(
        self,
        examples: Sequence[Example],
        *,
        out_dir: Path,
        seed: int,
        max_steps: int | None = None,
    ) -> Adapter:
        """Fine-tune the student; see `trainers.trainer.Trainer.train`.

        `max_steps` stands in for the study's `training.max_steps` where it is given.
        """
        ...

    def evaluate(
        self, adapter: Adapter | None, problems: Sequence[Problem], *, seed: int
    ) -> Evaluation:
        """Put the final task's problems to the student with `adapter`, or to the bare student."""
        ...


@dataclass(frozen=True, slots=True)
class Workshop:
    """The machines a trial works with."""

    generator: Generator
    sandbox: Sandbox
    learner: Learner
    judge: Judge | None = None
    """Asked about the training rows where the plan says how."""


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
    refused_share: float = 0.2
    """Largest share of the prompts that the generator's endpoint may refuse."""
    max_steps: int | None = None
    """Steps of a fine-tune on a rung; None trains as `training` says."""
    judging: JudgeSettings | None = None
    """How a judge is asked; no score depends on it."""


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
    leaks: tuple[Leak, ...] = ()
    """Rows that gave a problem away, so that the student did not learn from them."""


@dataclass(frozen=True, slots=True)
class KnownRows:
    """Rows of some of a plan's contexts that the same recipe and seed made before."""

    written: tuple[Candidate, ...] = ()
    """All attempts at each of these contexts."""
    checked: tuple[CheckedCandidate, ...] = ()


def run_trial(
    recipe: Recipe,
    *,
    plan: TrialPlan,
    workshop: Workshop,
    stages: StageStore,
    known: KnownRows = KnownRows(),
) -> TrialOutcome:
    """Find out how good a student a recipe makes.

    Args:
        recipe: what the trial tries.
        plan: everything else its score depends on.
        workshop: the machines.
        stages: where its stages are kept.
        known: rows that its rungs made; they are not made again.

    Raises:
        TrialError: a stage cannot be finished, or too few candidates passed the filter.
        BudgetSpent: the study's budget does not allow what the trial would do next.
    """
    written = generate(recipe, plan, workshop, stages, known)
    checked = check(written, plan, workshop, stages, known)
    leaks = leaks_of(checked.value, recipe, plan.contexts, plan.problems)
    fit = without(checked.value, leaks)
    examples = select_examples(fit, recipe, plan.contexts)
    refused = refusals(checked.value, filter=recipe.filter) | leak_counts(leaks)
    _require_enough(examples, len(checked.value), refused, plan)
    trained = train(examples, plan, workshop, stages)
    evaluated = evaluate(trained, plan, workshop, stages)
    rows = Rows(fit, recipe, plan.contexts)
    with _failing("judge"):
        opinion = judged(rows, workshop.judge, plan.judging, stages)
    return TrialOutcome(
        score=evaluated.value.score,
        passed=tuple(record.passed for record in evaluated.value.records),
        candidates=len(written.value),
        examples=len(examples),
        validity=validity(checked.value).value,
        faithfulness=faithfulness(checked.value).value,
        refused=refused,
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
        proxies=(
            *signals(checked.value, examples, evaluated.value, plan.problems),
            *opinion,
        ),
        leaks=leaks,
    )


def train_only(
    recipe: Recipe, *, plan: TrialPlan, workshop: Workshop, stages: StageStore
) -> Stage[Adapter]:
    """The part of a trial that asks the plan's problems nothing.

    Raises:
        TrialError: a stage cannot be finished, or too few candidates passed the filter.
    """
    checked = check(generate(recipe, plan, workshop, stages), plan, workshop, stages)
    leaks = leaks_of(checked.value, recipe, plan.contexts, plan.problems)
    examples = select_examples(without(checked.value, leaks), recipe, plan.contexts)
    refused = refusals(checked.value, filter=recipe.filter) | leak_counts(leaks)
    _require_enough(examples, len(checked.value), refused, plan)
    return train(examples, plan, workshop, stages)


def shares_of(evaluation: Evaluation) -> tuple[float, ...]:
    """Share of each problem's attempts that passed: what comparisons are made from."""
    return tuple(record.passes / len(record.attempts) for record in evaluation.records)


def generate(
    recipe: Recipe,
    plan: TrialPlan,
    workshop: Workshop,
    stages: StageStore,
    known: KnownRows = KnownRows(),
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
    known: KnownRows = KnownRows(),
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

    with _failing("check"):
        return stages.run(
            "check",
            inputs={
                "candidates": written.sha256,
                "contexts": plan.contexts_sha256,
                "lean": plan.lean_version,
                "gates": wasm.fingerprint(),
            },
            compute=judge,
            codec=_CHECKED,
            cost=cost,
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
    examples: Sequence[Example], candidates: int, counts: dict[str, int], plan: TrialPlan
) -> None:
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
def _failing(stage: str) -> Iterator[None]:
    """Turn what a stage's machine raises into this trial's failure."""
    try:
        yield
    except (TrialStopped, NodeLost):
        raise  # no fault of the trial: it goes on later, or on another node
    except (LeanSandboxError, TrainersError, EvaluatorsError, SearchError, OSError) as error:
        if is_disk_full(error):
            raise disk_full(error, stage=stage) from error
        raise TrialError(stage, f"{type(error).__name__}: {error}") from error
