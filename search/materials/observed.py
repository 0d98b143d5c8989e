"""Contexts with more known calls: inputs drawn for each function, values from Python itself.

A context with calls can be judged for faithfulness; one that nobody knows any call of cannot. What
a function does not say (it raises, never ends, rolls dice, has no types) adds no call.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence

from evaluators.behaviour.calls import BehaviourSettings, observe
from search.errors import StudyError
from search.materials.contexts import Call, Context
from stores.content import JSONValue


def with_observed_calls(
    contexts: Sequence[Context], *, inputs: int, seed: int
) -> tuple[Context, ...]:
    """Each context with up to so many further calls.

    Raises:
        StudyError: no Python process can be started.
    """
    settings = BehaviourSettings(inputs=inputs)
    try:
        return tuple(_observed(context, settings, seed) for context in contexts)
    except OSError as error:
        raise StudyError(
            f"contexts.drawn_inputs: no Python process can be started ({error}); set it to 0"
        ) from error


def _observed(context: Context, settings: BehaviourSettings, seed: int) -> Context:
    digest = hashlib.sha256(f"{seed}/{context.id}".encode()).digest()
    seen = observe(
        context.python,
        context.name,
        seed=int.from_bytes(digest[:8], "big"),
        known=context.calls,
        settings=settings,
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
