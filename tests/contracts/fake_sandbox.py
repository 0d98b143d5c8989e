"""A sandbox without Lean: one-line definitions over Int, judged by a few patterns.

It answers the contract's programs the way Lean does, and is for tests of everything else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.size_gate import unreadable
from lean_sandbox.verdict import Note, NoteKind, Outcome, TestOutcome, Verdict

_DEFINITION = re.compile(r"def (\w+) \((\w+) : Int\) : Int := ([\w\s+*()-]+)")
_TEST = re.compile(r"(\w+) \(?(-?\d+)\)? = (-?\d+)")


def verdict(
    outcome: Outcome, reason: str = "", tests: tuple[TestOutcome, ...] = (), detail: str = ""
) -> Verdict:
    return Verdict(
        outcome=outcome,
        reason=reason,
        detail=detail,
        tests=tests,
        lean_version="fake",
        gates=("size",),
        seconds=0.0,
    )


class FakeSandbox:
    """A `Sandbox` for one-line definitions; it remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[CheckRequest] = []

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        self.requests.extend(requests)
        return [unreadable(request) or _without_evals(request) for request in requests]


def _without_evals(request: CheckRequest) -> Verdict:
    lines = request.program.split("\n")
    kept = "\n".join(line for line in lines if not line.startswith("#eval"))
    notes = tuple(
        Note(NoteKind.SKIPPED, number, "#eval")
        for number, line in enumerate(lines, start=1)
        if line.startswith("#eval")
    )
    return replace(_judge(replace(request, program=kept)), notes=notes)


def _judge(request: CheckRequest) -> Verdict:
    if request.program.startswith("import Lean"):
        return verdict(Outcome.REFUSED, "import_not_allowed")
    if request.program.startswith("run_cmd"):
        return verdict(Outcome.REFUSED, "command_not_allowed")
    if re.search(r"\b(sorry|admit)\b", request.program):
        return verdict(Outcome.REFUSED, "sorry")
    match = _DEFINITION.fullmatch(request.program.strip())
    if match is None:
        return verdict(Outcome.REFUSED, "parse_error")
    name, parameter, body = match.groups()
    if request.target is not None and not request.program.startswith(request.target):
        asked = re.match(r"(?:def|theorem) (\w+)", request.target)
        known = asked is not None and asked.group(1) == name
        return verdict(Outcome.REFUSED, "target_type" if known else "target_missing")
    outcomes = tuple(_run(test, name, parameter, body) for test in request.tests)
    if TestOutcome.FAILED in outcomes:
        return verdict(Outcome.REFUSED, "test_failed", outcomes)
    if TestOutcome.UNDECIDED in outcomes:
        return verdict(Outcome.UNDECIDED, "test_undecided", outcomes)
    return verdict(Outcome.ACCEPTED, tests=outcomes)


def _run(test: str, name: str, parameter: str, body: str) -> TestOutcome:
    match = _TEST.fullmatch(test)
    if match is None or match.group(1) != name:
        return TestOutcome.UNDECIDED
    got = eval(body, {"__builtins__": {}}, {parameter: int(match.group(2))})
    return TestOutcome.PASSED if got == int(match.group(3)) else TestOutcome.FAILED
