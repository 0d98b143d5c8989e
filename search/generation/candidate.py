"""What the generator wrote from one context under one recipe, and what was found out about it."""

from __future__ import annotations

from dataclasses import dataclass

from lean_sandbox.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer of the generator. `problem` says why nothing could be read from it, if so."""

    context_id: str
    attempt: int
    docstring: str
    lean: str
    problem: str = ""
    """Empty, or one of `filtering.REFUSALS`: `too_long`, `cut_off`, `content_filter`, `rejected`,
    `server_error`, `unreadable`."""
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class CheckedCandidate:
    """A candidate with Lean's verdict; `verdict` is None when there was nothing to check."""

    candidate: Candidate
    verdict: Verdict | None
    faithful: bool | None
    """Whether it agrees with Python on every known call; None when no call is known or decided."""
