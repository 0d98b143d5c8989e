"""Programs put to Lean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lean_sandbox.sandbox import CheckRequest
    from lean_sandbox.verdict import Verdict
    from search.settings.lean import LeanSettings

_PROGRAMS_A_WORKER = 20
"""Fewer are not worth the seconds that another worker takes to start."""


def check_lean(
    programs: Sequence[str | CheckRequest],
    *,
    timeout_seconds: float = 20.0,
    lean: LeanSettings | None = None,
) -> list[Verdict]:
    """What Lean says of each program; untrusted text, of which nothing is run.

    It is `outerloop lean check`. A Lean takes some seconds to start and is ended afterwards; who
    asks again and again keeps a `LeanPool`.

    Args:
        programs: Lean 4 sources; a `CheckRequest` has a target and tests as well.
        timeout_seconds: wall clock for each program.
        lean: which Lean is asked; None is the embedded one.

    Returns:
        A verdict for each program, in their order; a wrong program is a verdict, never an error.

    Raises:
        SandboxUnavailable: Lean is not installed (`outerloop lean install` gets it), or cannot be
            started or kept alive.
        TypeError: one text was given in place of a list of them.
    """
    if isinstance(programs, str):
        raise TypeError("programs is one text; give a list: check_lean([program])")
    from lean_sandbox.sandbox import CheckRequest
    from search.settings.lean import LeanSettings
    from search.trial.chosen_lean import open_lean

    requests = [
        CheckRequest(program) if isinstance(program, str) else program for program in programs
    ]
    if not requests:
        return []
    workers = min(2, max(1, len(requests) // _PROGRAMS_A_WORKER))
    which = lean or LeanSettings()
    with open_lean(which, workers=workers, timeout_seconds=timeout_seconds) as sandbox:
        return sandbox.check_many(requests)
