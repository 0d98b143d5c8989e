"""Contexts: the Python functions with docstrings that a generator turns into examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

JSONValue: TypeAlias = (
    "None | bool | int | float | str | list[JSONValue] | dict[str, JSONValue]"
)


@dataclass(frozen=True, slots=True)
class Call:
    """One known call of a context's function: the arguments and what Python returns."""

    arguments: tuple[JSONValue, ...]
    value: JSONValue


@dataclass(frozen=True, slots=True)
class Context:
    """One Python function with its docstring."""

    id: str
    name: str
    python: str
    """The function's source, without its docstring."""
    docstring: str
    calls: tuple[Call, ...] = ()
    """Known calls for the faithfulness check; empty when nobody knows any."""
    licence: str = ""
    contributor: str = ""
