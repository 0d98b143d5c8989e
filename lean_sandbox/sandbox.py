"""The seam every Lean backend stands behind: programs in, verdicts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lean_sandbox.verdict import Verdict


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """One program to check."""

    program: str
    """Lean 4 source. It is untrusted."""
    target: str | None = None
    """The declaration asked for, with its type and without its value (`def f (x : Int) : Int`,
    `theorem t : 1 + 1 = 2`); None accepts any declarations."""
    tests: tuple[str, ...] = ()
    """Closed propositions about the program's constants (`f 3 (-2) = 7`), decided by the
    kernel."""
    messages: bool = False
    """Whether the verdict is to bring along what Lean said of the program, for people."""
    test_timeout_seconds: float | None = None
    """Wall clock for each test; None takes a quarter of the program's. A test that needs longer
    is undecided, and the others are decided as if it were not there."""


class Sandbox(Protocol):
    """Checks untrusted Lean programs.

    Verdicts depend on the request and the Lean version alone: not on earlier requests, not on
    order, and on load only where a deadline passes. Every request gets exactly one verdict.
    """

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        """Check a batch; verdict `i` belongs to request `i`.

        Raises:
            SandboxUnavailable: Lean could not be started or kept alive; no verdict exists.
        """
        ...


def check(
    sandbox: Sandbox, program: str, *, target: str | None = None, tests: Sequence[str] = ()
) -> Verdict:
    """Check one program in `sandbox`; see `Sandbox.check_many`."""
    request = CheckRequest(program=program, target=target, tests=tuple(tests))
    return sandbox.check_many([request])[0]
