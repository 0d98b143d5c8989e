"""Programs put to Lean."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lean_sandbox.sandbox import CheckRequest
    from lean_sandbox.verdict import Verdict
    from lean_sandbox.worker import Backend

_PROGRAMS_A_WORKER = 20
"""Fewer are not worth the seconds that another worker takes to start."""


def check_lean(
    programs: Sequence[str | CheckRequest],
    *,
    timeout_seconds: float = 20.0,
    project: str | Path | None = None,
    toolchain: str | None = None,
    allow_imports: Sequence[str] = (),
) -> list[Verdict]:
    """What Lean says of each program; untrusted text, of which nothing is run.

    It is `outerloop lean check`. A Lean takes some seconds to start and is ended afterwards; who
    asks again and again keeps a `LeanPool`.

    Args:
        programs: Lean 4 sources; a `CheckRequest` has a target and tests as well.
        timeout_seconds: wall clock for each program.
        project: a Lake project, built, whose Lean and libraries are asked instead.
        toolchain: a toolchain of elan's, or `default` for the Lean on PATH.
        allow_imports: modules of the project that programs may import, besides Init, Std and
            Mathlib.

    Returns:
        A verdict for each program, in their order; a wrong program is a verdict, never an error.

    Raises:
        SandboxUnavailable: Lean is not installed (`outerloop lean install` gets it), or cannot be
            started or kept alive.
        TypeError: one text was given in place of a list of them.
    """
    if isinstance(programs, str):
        raise TypeError("programs is one text; give a list: check_lean([program])")
    from lean_sandbox.pool import LeanPool
    from lean_sandbox.sandbox import CheckRequest

    requests = [
        CheckRequest(program) if isinstance(program, str) else program for program in programs
    ]
    if not requests:
        return []
    backend = chosen_lean(project, toolchain, allow_imports)
    workers = min(2, max(1, len(requests) // _PROGRAMS_A_WORKER))
    with LeanPool(workers=workers, timeout_seconds=timeout_seconds, backend=backend) as pool:
        return pool.check_many(requests)


def chosen_lean(
    project: str | Path | None, toolchain: str | None, allow_imports: Sequence[str]
) -> Backend | None:
    """The Lean that these name; None where they name nothing: a pool then asks its own.

    Raises:
        SandboxUnavailable: that Lean is not installed or cannot be used; or two were asked for.
    """
    if project is None and toolchain is None and not allow_imports:
        return None
    from lean_sandbox.backends import choose

    lake = None if project is None else Path(project)
    return choose(project=lake, toolchain=toolchain, allow_imports=allow_imports)
