"""Python behaviour as Lean propositions.

Python's numbers are unbounded integers, so they are Lean's `Int`, or `Nat` where a definition asks
for it. A call whose arguments or value the definition's own types cannot hold (a negative number
for `Nat`, a float, a number of thousands of digits) is left out: it says nothing about the
definition. Strings are code points in both languages. `//` and `%` agree with Lean's `Int./` and
`Int.%` for positive divisors only; that is the definition's business, since values come from
Python itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

MAX_NUMBER_BITS = 4096
"""Larger numbers are left out: Python refuses to write very long ones down."""


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
            Char, String, List, Array and Option of these, and products.
    """
    kind = _unparenthesised(lean_type)
    left, right = _product(kind)
    if right:
        return _pair_literal(value, left, right)
    head, _, inner = kind.partition(" ")
    if inner and head in {"List", "Array"} and isinstance(value, list | tuple):
        elements = ", ".join(to_lean_literal(element, inner) for element in value)
        return f"#[{elements}]" if head == "Array" else f"[{elements}]"
    if inner and head == "Option":
        return "none" if value is None else f"(some {to_lean_literal(value, inner)})"
    return _atom_literal(value, kind)


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


def _atom_literal(value: object, kind: str) -> str:
    if kind == "Bool" and isinstance(value, bool):
        return "true" if value else "false"
    if kind in {"Int", "Nat"} and isinstance(value, int) and not isinstance(value, bool):
        return _number_literal(value, kind)
    if kind == "String" and isinstance(value, str):
        return '"' + "".join(_escaped(character, '"') for character in value) + '"'
    if kind == "Char" and isinstance(value, str) and len(value) == 1:
        return "'" + _escaped(value, "'") + "'"
    raise NotRepresentableError(f"no literal of {kind} for a Python {type(value).__name__}")


def _number_literal(value: int, kind: str) -> str:
    if value < 0 and kind == "Nat":
        raise NotRepresentableError("a Nat is not negative")
    if value.bit_length() > MAX_NUMBER_BITS:
        raise NotRepresentableError(f"a number of more than {MAX_NUMBER_BITS} bits")
    return f"({value})" if value < 0 else str(value)


def _pair_literal(value: object, left: str, right: str) -> str:
    """A tuple as nested pairs: `(a, b, c)` is `(a, (b, c))` in Lean."""
    if not isinstance(value, list | tuple) or len(value) < 2:
        raise NotRepresentableError(f"no pair of {left} and {right}")
    rest = value[1] if len(value) == 2 else value[1:]
    return f"({to_lean_literal(value[0], left)}, {to_lean_literal(rest, right)})"


def _unparenthesised(lean_type: str) -> str:
    text = " ".join(lean_type.split())
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closing(text: str) -> int:
    """Where the bracket at the head of the text closes; -1 when it does not."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place
    return -1


def _product(kind: str) -> tuple[str, str]:
    """The two sides of the first outer `×`; the second is empty when there is none."""
    depth = 0
    for place, character in enumerate(kind):
        depth += (character == "(") - (character == ")")
        if depth == 0 and character == "×":
            return kind[:place].strip(), kind[place + 1 :].strip()
    return kind, ""


def _escaped(character: str, quote: str) -> str:
    escapes = {quote: "\\" + quote, "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    if 0xD800 <= ord(character) <= 0xDFFF:
        raise NotRepresentableError("a lone surrogate is no Lean character")
    if character in escapes:
        return escapes[character]
    if character.isprintable() or ord(character) > 0xFFFF:
        return character
    return f"\\u{ord(character):04x}"
