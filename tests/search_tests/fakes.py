"""Fakes for the machines of a trial: a few milliseconds each, and every answer follows from rules
a reader can apply by hand.

The world: a context `double` asks for `x + x`. The generator writes right programs when told to
"be careful", wrong ones otherwise; the learner passes as many problems as it saw right examples.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from evaluators.evaluation import Evaluation
from evaluators.problem import Problem
from evaluators.task import Candidate, Context
from lean_sandbox.sandbox import CheckRequest, Sandbox
from lean_sandbox.verdict import Outcome, TestOutcome, Verdict
from search.recipes.recipe import Recipe
from search.settings.study import StudySettings
from search.trial.machines import Parts
from tests.search_tests.evaluations import evaluation_of
from trainers.adapter import Adapter
from trainers.request import FineTune

LEAN = "4.0.0-fake"


@dataclass
class FakeGenerator:
    """Writes `x + x` when the instruction says "careful", `x - x` otherwise."""

    fingerprint: str = "fake-weights"
    calls: list[str] = field(default_factory=list)

    def write(self, recipe: Recipe, contexts: Sequence[Context], *, seed: int) -> list[Candidate]:
        self.calls.append("generate")
        body = "x + x" if "careful" in recipe.instruction else "x - x"
        return [
            Candidate(
                context_id=context.id,
                attempt=attempt,
                outputs=(
                    f"Twice x ({seed}, {recipe.temperature:.6f}).",
                    f"def {context.name} (x : Int) : Int := {body}",
                ),
                input_tokens=10,
                output_tokens=5,
            )
            for context in contexts
            for attempt in range(recipe.attempts)
        ]


@dataclass
class FakeSandbox:
    """Accepts what has `x + x` in it; everything else fails its first test."""

    calls: list[int] = field(default_factory=list)

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        self.calls.append(len(requests))
        return [_verdict(request) for request in requests]

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@dataclass
class FakeLearner:
    """Passes the first `n` problems after training on `n` right examples, none untuned."""

    calls: list[str] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)

    def train(self, asked: FineTune) -> Adapter:
        self.calls.append("train")
        self.steps.append(asked.config.max_steps)
        asked.out_dir.mkdir(parents=True)
        right = sum("+" in example.completion for example in asked.examples)
        weights = json.dumps({"right": right, "seed": asked.seed})
        (asked.out_dir / "weights.json").write_text(weights, encoding="utf-8")
        return Adapter(
            path=asked.out_dir,
            kind="full",
            student=asked.student,
            sha256=hashlib.sha256(weights.encode()).hexdigest(),
            steps=1,
            tokens=7 * len(asked.examples),
            final_loss=0.5,
            seconds=0.0,
        )

    def evaluate(
        self, adapter: Adapter | None, problems: Sequence[Problem], *, seed: int
    ) -> Evaluation:
        self.calls.append("evaluate")
        right = 0
        if adapter is not None:
            weights = (adapter.path / "weights.json").read_text(encoding="utf-8")
            right = int(json.loads(weights)["right"])
        return evaluation_of(problems, [index < right for index in range(len(problems))])


def fake_parts() -> Parts:
    """Parts that build the fakes above."""
    return Parts(require=_nothing, generator=_generator, checker=_checker, learner=_learner)


def _nothing(_: StudySettings) -> tuple[str, ...]:
    return ()


def _generator(_: StudySettings) -> FakeGenerator:
    return FakeGenerator()


def _checker(_: StudySettings) -> FakeSandbox:
    return FakeSandbox()


def _learner(_: StudySettings, __: Sandbox) -> FakeLearner:
    return FakeLearner()


def _verdict(request: CheckRequest) -> Verdict:
    right = "x + x" in request.program or "probe" in request.program
    passed = TestOutcome.PASSED if right else TestOutcome.FAILED
    return Verdict(
        outcome=Outcome.ACCEPTED if right else Outcome.REFUSED,
        reason="" if right else "test_failed",
        detail="" if right else "f 3 = 6 is false",
        tests=tuple(passed for _ in request.tests),
        lean_version=LEAN,
        gates=("kernel",),
        seconds=0.001,
    )
