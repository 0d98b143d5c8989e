"""A student whose answers are written down beforehand, and a Lean that knows one rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, TestOutcome, Verdict


@dataclass
class WrittenAnswers:
    """Answers every prompt with the next of `answers`."""

    answers: Sequence[str]
    prompts: list[str] = field(default_factory=list)

    def complete(
        self,
        prompts: Sequence[str],
        *,
        max_new_tokens: int,
        temperature: float = 0.0,
        seed: int = 0,
        batch_size: int = 64,
        first_row: int = 0,
    ) -> list[str]:
        self.prompts += prompts
        return list(self.answers)


@dataclass
class RuleSandbox:
    """Compiles what ends with a body of one line; `x + x` passes, `?` cannot be decided."""

    requests: list[CheckRequest] = field(default_factory=list)

    def check_many(
        self, requests: Sequence[CheckRequest], *, timeout_seconds: float | None = None
    ) -> list[Verdict]:
        self.requests += requests
        return [self._verdict(request) for request in requests]

    def _verdict(self, request: CheckRequest) -> Verdict:
        _, _, body = request.program.partition(":=")
        body = body.strip()
        if not body or "\n" in body or not body.isascii() or "x" not in body:
            return _said(Outcome.REFUSED, "parse_error", ())
        if "?" in body:
            undecided = (TestOutcome.UNDECIDED,) * len(request.tests)
            return _said(Outcome.UNDECIDED, "test_undecided", undecided)
        if body != "x + x":
            return _said(
                Outcome.REFUSED, "test_failed", (TestOutcome.FAILED,) * len(request.tests)
            )
        return _said(Outcome.ACCEPTED, "", (TestOutcome.PASSED,) * len(request.tests))


def _said(outcome: Outcome, reason: str, tests: tuple[TestOutcome, ...]) -> Verdict:
    return Verdict(
        outcome=outcome,
        reason=reason,
        detail=reason,
        tests=tests,
        lean_version="4.0.0-fake",
        gates=("kernel",),
        seconds=0.0,
    )
