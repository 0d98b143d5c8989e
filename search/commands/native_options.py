"""The options that choose a Lean, for every command that asks Lean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from lean_sandbox.backends import choose
from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.worker import Backend
from search.settings.lean import LeanSettings

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
LeanServer = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Running `outerloop lean serve` that is asked instead."),
]
LeanKeyEnv = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Environment variable that holds that server's key."),
]
_OPTIONS = {
    "project": "--project",
    "toolchain": "--toolchain",
    "allow_imports": "--allow-import",
    "server": "--lean-server",
    "api_key_env": "--lean-key-env",
}


def chosen_lean(
    *,
    project: Path | None,
    toolchain: str | None,
    allow_imports: list[str] | None,
    server: str | None,
    api_key_env: str | None,
) -> LeanSettings:
    """What the options name, as a study file would say it.

    Raises:
        SandboxUnavailable: two Leans are named, or an option stands beside the wrong one.
    """
    named: dict[str, object] = {
        "project": None if project is None else str(project),
        "toolchain": toolchain,
        "allow_imports": tuple(allow_imports or ()),
        "server": server,
        "api_key_env": api_key_env,
    }
    try:
        return LeanSettings.model_validate(named)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        below: list[str] = first.get("ctx", {}).get("where", [])
        message, option = first["msg"], _OPTIONS[str((*first["loc"], *below)[0])]
        for field, name in _OPTIONS.items():
            message = message.replace(f"`{field}`", name)
        raise SandboxUnavailable(f"{option}: {message}") from None


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
