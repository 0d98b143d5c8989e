"""Python behaviour as Lean propositions.

Python's numbers are unbounded integers, so they are Lean's `Int`, or `Nat` where a definition asks
for it. A call whose arguments or value the definition's own types cannot hold (a negative number
for `Nat`, a float) is left out: it says nothing about the definition. Strings are code points in
both languages. `//` and `%` agree with Lean's `Int./` and `Int.%` for positive divisors only; that
is the definition's business, since values come from Python itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


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


class NotRepresentableError(ValueError):
    """A Python value that a Lean type cannot hold."""


def to_lean_literal(value: object, lean_type: str) -> str:
    """A Python value as a closed Lean term of a type.

    >>> to_lean_literal([1, -2], "List Int")
    '[1, (-2)]'

    Raises:
        NotRepresentableError: the type cannot hold the value, or is not one of Int, Nat, Bool,
            String, Option and List of these, and products.
    """
    kind = _unparenthesised(lean_type)
    if kind == "Bool" and isinstance(value, bool):
        return "true" if value else "false"
    if kind in {"Int", "Nat"} and isinstance(value, int) and not isinstance(value, bool):
        if value < 0 and kind == "Nat":
            raise NotRepresentableError(f"{value} is no Nat")
        return f"({value})" if value < 0 else str(value)
    if kind == "String" and isinstance(value, str):
        return _string_literal(value)
    if kind.startswith(("List ", "Array ")) and isinstance(value, list | tuple):
        head, inner = kind.split(" ", 1)
        items = ", ".join(to_lean_literal(item, inner) for item in value)
        return f"#[{items}]" if head == "Array" else f"[{items}]"
    if kind.startswith("Option "):
        inner = kind.split(" ", 1)[1]
        return "none" if value is None else f"(some {to_lean_literal(value, inner)})"
    raise NotRepresentableError(f"no literal of {lean_type} for {value!r}")


def call_tests(
    name: str, calls: Sequence[KnownCall], lean_types: Sequence[str]
) -> tuple[str, ...]:
    """Propositions `name a b = v`, one for each call that the types can hold.

    Args:
        name: the Lean definition's name.
        calls: known calls of the Python function.
        lean_types: the definition's parameter types, then its result type.
    """
    tests = []
    for call in calls:
        if len(call.arguments) != len(lean_types) - 1:
            continue
        try:
            arguments = [
                to_lean_literal(argument, lean_type)
                for argument, lean_type in zip(call.arguments, lean_types[:-1], strict=True)
            ]
            value = to_lean_literal(call.value, lean_types[-1])
        except NotRepresentableError:
            continue
        tests.append(f"{' '.join([name, *arguments])} = {value}")
    return tuple(tests)


def _unparenthesised(lean_type: str) -> str:
    text = " ".join(lean_type.split())
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    return text


def _string_literal(value: str) -> str:
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    written = []
    for character in value:
        if 0xD800 <= ord(character) <= 0xDFFF:
            raise NotRepresentableError("a lone surrogate is no Lean character")
        if character in escapes:
            written.append(escapes[character])
        elif character.isprintable():
            written.append(character)
        else:
            written.append(f"\\u{ord(character):04x}" if ord(character) < 0x10000 else character)
    return '"' + "".join(written) + '"'
