"""Which Lean judges a study's programs: the embedded one, one of the user's own, or a server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OF_A_SERVER = ("api_key_env", "wait_minutes")


def _wrong(message: str, *where: str) -> PydanticCustomError:
    return PydanticCustomError("study", "{message}", {"message": message, "where": list(where)})


class LeanSettings(BaseModel):
    """Which Lean judges; with nothing named, the embedded WebAssembly one."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    toolchain: Annotated[str, Field(min_length=1)] | None = None
    """A native Lean: a name from `elan toolchain list`, or `default` for the `lean` on PATH."""
    project: Annotated[str, Field(min_length=1)] | None = None
    """A native Lean: the folder of a built Lake project, for its toolchain and its libraries,
    Mathlib among them."""
    allow_imports: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Modules of the project that programs may import besides Init, Std, Mathlib, Batteries and
    Aesop."""
    server: str | None = None
    """A running `outerloop lean serve`, by its address, such as `http://127.0.0.1:8000`."""
    api_key_env: str | None = None
    """Environment variable that holds the server's key; the key itself is stored nowhere."""
    wait_minutes: Annotated[float, Field(gt=0)] = 10
    """How long a server that is away or busy is waited for before the trial fails."""
    fingerprint: Annotated[str, Field(pattern="^[0-9a-f]{12,64}$")] | None = None
    """Fingerprint of the Lean, or how it begins, as a dry run prints it; null takes what is there.
    A search keeps to the Lean it was begun with in any case."""

    @field_validator("server")
    @classmethod
    def _bare_address(cls, server: str | None) -> str | None:
        """An address goes into run folders, so no password and no key may stand in it."""
        if server is None:
            return None
        try:
            address = urlsplit(server)
            whole = address.scheme in ("http", "https") and bool(address.hostname)
            whole = whole and address.port != 0
        except ValueError:
            whole = False
        if not whole:
            raise _wrong("is no address; give one like http://127.0.0.1:8000")
        if "@" in address.netloc or address.query or address.fragment:
            raise _wrong(
                "holds a name, a password or a query; give the bare address, and put the key into "
                "an environment variable that `api_key_env` names"
            )
        return server

    @field_validator("api_key_env")
    @classmethod
    def _names_a_variable(cls, name: str | None) -> str | None:
        if name is not None and not _VARIABLE.fullmatch(name):  # it may be the key: not repeated
            raise _wrong(
                "is no name of an environment variable; export the key in one and give its name"
            )
        return name

    @model_validator(mode="after")
    def _one_lean(self) -> Self:
        kinds = ("project", "toolchain", "server")
        named = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(named) > 1:
            why = "has a toolchain of its own" if named[:2] == list(kinds[:2]) else "is one Lean"
            listed = " and ".join(f"`{kind}`" for kind in named)
            raise _wrong(f"`{named[0]}` {why}; keep one of {listed}", named[1])
        if self.allow_imports and self.server is not None:
            message = "the server says what programs may import: start it with --allow-import"
            raise _wrong(message, "allow_imports")
        if self.allow_imports and not named:
            message = "the embedded Lean has a fixed list of imports; name a Lake project as"
            raise _wrong(f"{message} `project`", "allow_imports")
        for field in _OF_A_SERVER:
            if field in self.model_fields_set and getattr(self, field) and self.server is None:
                raise _wrong(f"is for a server; name it in `server`, or drop `{field}`", field)
        return self

    @property
    def folder(self) -> Path | None:
        """The project's folder, whatever the working directory is later."""
        return None if self.project is None else Path(self.project).expanduser().absolute()
