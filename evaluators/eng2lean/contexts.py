"""Contexts of Eng2Lean: Python functions with docstrings, and calls of them that are known.

A row is `{"id", "name", "python", "docstring", "calls", "licence", "contributor"}`. Only `id` and
`python` are always needed: the name can be read off the source, and a docstring inside `python` is
moved out of it. `license` and `source` stand in for `licence` and `contributor` where those are
missing.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from evaluators.behaviour.calls import BehaviourSettings, observe
from evaluators.eng2lean.python_source import read_function
from evaluators.json_rows import JsonRow
from evaluators.task import Context
from stores.content import JSONValue


@dataclass(frozen=True, slots=True)
class Call:
    """One known call of a context's function: the arguments and what Python returns."""

    arguments: tuple[JSONValue, ...]
    value: JSONValue


@dataclass(frozen=True, slots=True)
class PythonContext(Context):
    """One Python function; its inputs are the source without its docstring, and the docstring."""

    name: str = ""
    calls: tuple[Call, ...] = ()
    """Known calls for the faithfulness check; empty when nobody knows any."""

    @classmethod
    def of(
        cls,
        id: str,
        name: str,
        python: str,
        docstring: str,
        calls: Sequence[Call] = (),
        **rights: str,
    ) -> PythonContext:
        """A context from its parts; `rights` are licence and contributor."""
        return cls(id, (python, docstring), name=name, calls=tuple(calls), **rights)

    @property
    def python(self) -> str:
        """The function's source, without its docstring."""
        return self.inputs[0]

    @property
    def docstring(self) -> str:
        """What the function is said to do."""
        return self.inputs[1]


def read_context(row: JsonRow) -> PythonContext:
    """The context in a row.

    Raises:
        RowsError: the row cannot be one.
    """
    identity = row.text("id")
    try:
        function = read_function(row.text("python"), row.optional_text("name"))
    except ValueError as error:
        raise row.error(
            f"the Python of `{identity}` cannot be used: {error}; repair or drop the row"
        ) from error
    docstring = (row.optional_text("docstring") or function.docstring).strip()
    if not docstring:
        raise row.error(f"`{identity}` has no docstring; add a field `docstring` or drop the row")
    return PythonContext.of(
        identity,
        function.name,
        function.source,
        docstring,
        tuple(_call(row, value) for value in row.items("calls")),
        licence=row.optional_text("licence", "license") or "",
        contributor=row.optional_text("contributor", "source") or "",
    )


def _call(row: JsonRow, value: object) -> Call:
    if not isinstance(value, dict) or "value" not in value:
        raise row.error('each of `calls` must be {"arguments": [...], "value": ...}')
    arguments = value.get("arguments")
    if not isinstance(arguments, list):
        raise row.error('each of `calls` must be {"arguments": [...], "value": ...}')
    return Call(tuple(cast("list[JSONValue]", arguments)), cast("JSONValue", value["value"]))


def with_observed_calls(context: PythonContext, *, inputs: int, seed: int) -> PythonContext:
    """A context with up to so many further calls: inputs drawn for it, values from Python itself.

    A context with calls can be judged for faithfulness; one that nobody knows any call of cannot.
    What a function does not say (it raises, never ends, rolls dice, has no types) adds no call.

    Raises:
        OSError: no Python process can be started.
    """
    digest = hashlib.sha256(f"{seed}/{context.id}".encode()).digest()
    seen = observe(
        context.python,
        context.name,
        seed=int.from_bytes(digest[:8], "big"),
        known=context.calls,
        settings=BehaviourSettings(inputs=inputs),
    )
    calls = tuple(
        Call(tuple(_json(argument) for argument in call.arguments), _json(call.value))
        for call in seen.calls
    )
    return dataclasses.replace(context, calls=context.calls + calls)


def _json(value: object) -> JSONValue:
    """A plain value without tuples, which a Lean pair is read from just as well."""
    if isinstance(value, list | tuple):
        return [_json(element) for element in value]
    assert value is None or isinstance(value, bool | int | float | str)
    return value
