"""A generator and a sandbox that answer by rule, and a small job for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engines.settings import GeneratorSettings
from evaluators.eng2lean.contexts import Call, PythonContext
from evaluators.task import Candidate, Context
from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, TestOutcome, Verdict
from search.generation.prompting import Prompting
from search.offline.generate import DatasetJob
from search.offline.pipeline import Pipeline
from search.recipes.recipe import Recipe
from tests.search_tests.eng2lean import TASK


class FakeGenerator:
    """The first attempt on an even context is wrong Lean; the second is right."""

    fingerprint = "weights"

    def write(self, recipe: Recipe, contexts: Sequence[Context], *, seed: int) -> list[Candidate]:
        return [
            self.candidate(context, attempt)
            for context in contexts
            for attempt in range(recipe.attempts)
        ]

    def candidate(self, context: Context, attempt: int) -> Candidate:
        number = int(context.id)
        if number % 5 == 3:
            return Candidate(context.id, attempt, ("", ""), unreadable="unreadable")
        body = "wrong" if number % 2 == 0 and attempt == 0 else "x + x"
        lean = f"def {context.name} (x : Int) : Int := {body}"
        return Candidate(context.id, attempt, (f"Twice x, №{number}.", lean))


class FakeSandbox:
    """Refuses `wrong`; proves every test; can break down after some batches."""

    def __init__(self, batches: int = 1000) -> None:
        self.batches = batches

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        self.batches -= 1
        if self.batches < 0:
            raise SandboxUnavailable("Lean is gone")
        return [self.verdict(request) for request in requests]

    def verdict(self, request: CheckRequest) -> Verdict:
        wrong = request.program.endswith("wrong")
        return Verdict(
            outcome=Outcome.REFUSED if wrong else Outcome.ACCEPTED,
            reason="elaboration_error" if wrong else "",
            detail="",
            tests=() if wrong else (TestOutcome.PASSED,) * len(request.tests),
            lean_version="4.28.0-pre",
            gates=(),
            seconds=0.0,
        )


def job(folder: Path, *, contexts: int = 10, **fields: object) -> DatasetJob:
    pipeline = Pipeline(
        name="small",
        seed=3,
        recipe=Recipe("Translate.", attempts=2),
        generator=GeneratorSettings(model="embedded:generator", concurrent_calls=6),
        generator_fingerprint="weights",
        prompting=Prompting.of("embedded:generator", Recipe("Translate.", attempts=2), TASK),
        student="embedded:student-a",
        student_fingerprint="student",
        provenance={},
        scores=(),
    )
    made = tuple(
        PythonContext.of(
            id=str(number),
            name=f"f{number}",
            python=f"def f{number}(x): return x + x",
            docstring="Twice.",
            calls=(Call((3,), 6),) if number < 3 else (),
            licence="MIT" if number else "",
            contributor="ada",
        )
        for number in range(contexts)
    )
    return DatasetJob(pipeline, made, folder, **fields)
