"""What a Python function does, as Lean propositions `name a b = v` about a definition.

Inputs are drawn from the function's types and its known calls, Python says the values, and Lean's
kernel decides the propositions. What people get wrong is where the languages differ:

- `//` and `%` round down in Python. Lean's `Int./` and `Int.%` are Euclidean: they agree for
  positive divisors only. Python's are `Int.fdiv` and `Int.fmod`.
- Python raises where Lean's total functions give a default (`x / 0 = 0`, `xs[9]!`, `"".front`). A
  call that raised says nothing about a definition, and is left out.
- `Nat` subtraction stops at 0, machine integers wrap around, Python's numbers do neither: a call
  whose arguments or value a definition's types cannot hold is left out; all others count.
- Floats are left out, since no kernel can decide anything about them.

`docs/behaviour.md` has the whole table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from evaluators.behaviour.input_shapes import (
    Shape,
    docstring_of,
    doctest_calls,
    is_straight_line,
    shapes_of_calls,
    shapes_of_hints,
    shapes_of_lean,
)
from evaluators.behaviour.lean_literals import NotRepresentableError, to_lean_literal
from evaluators.behaviour.python_calls import (
    CallLeftOut,
    ObservedCall,
    PythonLimits,
    observe_calls,
)

__all__ = [
    "Behaviour",
    "BehaviourSettings",
    "HiddenTests",
    "KnownCall",
    "NotRepresentableError",
    "call_tests",
    "hidden_tests",
    "observe",
    "to_lean_literal",
]

ShapesFrom = Literal["lean", "hints", "calls", "doctests", "nothing"]
"""Who said what the function takes."""


class KnownCall(Protocol):
    """One call of a Python function and its value."""

    @property
    def arguments(self) -> Sequence[Any]:
        """Positional arguments."""
        ...

    @property
    def value(self) -> Any:
        """What Python returned."""
        ...


class BehaviourSettings(BaseModel):
    """How a Python function is observed."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    inputs: int = Field(default=20, ge=1, le=1000)
    """Inputs drawn for one function."""
    limits: PythonLimits = PythonLimits()
    """What the function may use."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What was seen of one Python function."""

    calls: tuple[ObservedCall, ...]
    """Calls with a value, in the order they were drawn."""
    left_out: Mapping[str, int]
    """Calls without one, by reason (`python_calls.LEFT_OUT`), the commonest first."""
    shapes_from: ShapesFrom
    """`nothing` where nobody said what the function takes, so that nothing was drawn."""


@dataclass(frozen=True, slots=True)
class HiddenTests:
    """Propositions about one definition, and how many calls gave none."""

    tests: tuple[str, ...]
    left_out: Mapping[str, int]
    """Calls that the definition's types cannot hold, by `NotRepresentableError.cause`."""


def observe(
    source: str,
    name: str,
    *,
    seed: int,
    known: Sequence[KnownCall] = (),
    lean_types: Sequence[str] = (),
    settings: BehaviourSettings = BehaviourSettings(),  # noqa: B008 - frozen
) -> Behaviour:
    """Draw inputs for a Python function and ask it for the values.

    The types come from `lean_types`, else from the function's hints, else from the known calls,
    else from the examples in its docstring. The known calls themselves are not asked again.

    Args:
        source: Python that defines the function.
        name: the function's name.
        seed: the same seed draws the same inputs.
        known: calls whose values somebody knows.
        lean_types: the parameter types of the definition asked for, where there is one.
        settings: how many inputs, and what the function may use.

    Raises:
        OSError: no Python process can be started.
    """
    from evaluators.behaviour.drawn_inputs import draw_inputs

    examples = [tuple(call.arguments) for call in known]
    if not examples:
        examples = list(doctest_calls(docstring_of(source, name), name))
    shapes, shapes_from = _shapes(source, name, examples, lean_types, doctests=not known)
    if shapes is None:
        return Behaviour((), {}, "nothing")
    inputs = draw_inputs(
        shapes,
        count=settings.inputs,
        seed=seed,
        known=examples,
        large_numbers=is_straight_line(source),
    )
    seen = observe_calls(source, name, inputs, limits=settings.limits)
    left_out = Counter(one.reason for one in seen if isinstance(one, CallLeftOut))
    return Behaviour(
        calls=tuple(one for one in seen if isinstance(one, ObservedCall)),
        left_out=dict(left_out.most_common()),
        shapes_from=shapes_from,
    )


def hidden_tests(name: str, calls: Sequence[KnownCall], lean_types: Sequence[str]) -> HiddenTests:
    """Propositions `name a b = v`, one for each call that the types can hold.

    Args:
        name: the Lean definition's name.
        calls: known calls of the Python function.
        lean_types: the definition's parameter types, then its result type.
    """
    tests: list[str] = []
    left_out: Counter[str] = Counter()
    for call in calls:
        if len(call.arguments) != len(lean_types) - 1:
            left_out["arity"] += 1
            continue
        try:
            arguments = [
                to_lean_literal(argument, lean_type)
                for argument, lean_type in zip(call.arguments, lean_types[:-1], strict=True)
            ]
            value = to_lean_literal(call.value, lean_types[-1])
        except NotRepresentableError as why:
            left_out[why.cause] += 1
            continue
        tests.append(f"{' '.join([name, *arguments])} = {value}")
    return HiddenTests(tuple(dict.fromkeys(tests)), dict(left_out.most_common()))


def call_tests(
    name: str, calls: Sequence[KnownCall], lean_types: Sequence[str]
) -> tuple[str, ...]:
    """The tests of `hidden_tests` alone."""
    return hidden_tests(name, calls, lean_types).tests


def _shapes(
    source: str,
    name: str,
    examples: Sequence[tuple[object, ...]],
    lean_types: Sequence[str],
    *,
    doctests: bool,
) -> tuple[tuple[Shape, ...] | None, ShapesFrom]:
    shapes = shapes_of_lean(lean_types) if lean_types else None
    if shapes is not None:
        return shapes, "lean"
    shapes = shapes_of_hints(source, name)
    if shapes is not None:
        return shapes, "hints"
    shapes = shapes_of_calls(examples)
    if shapes is not None:
        return shapes, "doctests" if doctests else "calls"
    return None, "nothing"
