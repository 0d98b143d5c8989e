"""The options that choose a Lean of the user's own, for every command that asks Lean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lean_sandbox.backends import choose
from lean_sandbox.worker import Backend

Project = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER", help="Lake project, built, whose Lean and libraries are used instead."
    ),
]
ToolchainName = Annotated[
    str | None,
    typer.Option(
        "--toolchain",
        metavar="NAME",
        help="Toolchain of elan's, or `default` for the Lean on PATH.",
    ),
]
AllowImport = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-import",
        metavar="MODULE",
        help="Module of the project that programs may import, besides Init, Std and Mathlib.",
    ),
]


def chosen_backend(
    project: Path | None, toolchain: str | None, allow_imports: list[str] | None
) -> Backend | None:
    """What the options name; None when they name nothing: a pool then uses the WebAssembly Lean.

    Raises:
        SandboxUnavailable: that Lean is not installed or cannot be used.
    """
    if project is None and toolchain is None and not allow_imports:
        return None
    return choose(project=project, toolchain=toolchain, allow_imports=allow_imports or ())
