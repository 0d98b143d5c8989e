"""Python values as closed Lean terms.

Python's integers are unbounded, so they are Lean's `Int`, or `Nat` or a machine type where the
definition asks for one; what people get wrong is wrapping or clamping a value that the type cannot
hold. Here such a value has no literal, and the call it belongs to is left out.

Strings are code points in both languages: one Lean `Char` for each of Python's, no lone
surrogates. Floats have none: `Float` is opaque to Lean's kernel, so that no test about one could
ever be decided.
"""

from __future__ import annotations

import re

MAX_NUMBER_BITS = 4096
"""Larger numbers are left out: Python refuses to write very long ones down."""

_MACHINE_TYPE = re.compile(r"(U?)Int(8|16|32|64)")


class NotRepresentableError(ValueError):
    """A Python value that a Lean type cannot hold.

    `cause` is one of `negative`, `overflow`, `too_large`, `float`, `surrogate`, `other_type`.
    """

    def __init__(self, message: str, cause: str = "other_type") -> None:
        super().__init__(message, cause)
        self.cause = cause

    def __str__(self) -> str:
        """The message alone."""
        return str(self.args[0])


def to_lean_literal(value: object, lean_type: str) -> str:
    """A Python value as a closed Lean term of a type.

    >>> to_lean_literal([1, -2], "List Int")
    '[1, (-2)]'

    Raises:
        NotRepresentableError: the type cannot hold the value, or is not one of Int, Nat, Bool,
            Char, String, Unit, the machine integers of a stated width, List, Array and Option of
            these, and products.
    """
    kind = unparenthesised(lean_type)
    left, right = product(kind)
    if right:
        return _pair_literal(value, left, right)
    head, _, inner = kind.partition(" ")
    if inner and head in {"List", "Array"} and isinstance(value, list | tuple):
        elements = ", ".join(to_lean_literal(element, inner) for element in value)
        return f"#[{elements}]" if head == "Array" else f"[{elements}]"
    if inner and head == "Option":
        return "none" if value is None else f"(some {to_lean_literal(value, inner)})"
    return _atom_literal(value, kind)


def unparenthesised(lean_type: str) -> str:
    """A type without the brackets around the whole of it: `(Int) × (Int)` has none."""
    text = " ".join(lean_type.split())
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def product(kind: str) -> tuple[str, str]:
    """The two sides of the first outer `×`; the second is empty when there is none."""
    depth = 0
    for place, character in enumerate(kind):
        depth += (character == "(") - (character == ")")
        if depth == 0 and character == "×":
            return kind[:place].strip(), kind[place + 1 :].strip()
    return kind, ""


def machine_range(kind: str) -> tuple[int, int] | None:
    """The smallest and the largest value of a machine integer type; None for other types."""
    found = _MACHINE_TYPE.fullmatch(kind)
    if found is None:
        return None
    bits = int(found.group(2))
    if found.group(1):
        return 0, (1 << bits) - 1
    return -(1 << (bits - 1)), (1 << (bits - 1)) - 1


def _atom_literal(value: object, kind: str) -> str:
    if isinstance(value, bool):
        if kind == "Bool":
            return "true" if value else "false"
    elif isinstance(value, int):
        if kind in {"Int", "Nat"} or machine_range(kind):
            return _number_literal(value, kind)
    elif isinstance(value, str):
        if kind == "String":
            return '"' + "".join(_escaped(character, '"') for character in value) + '"'
        if kind == "Char" and len(value) == 1:
            return "'" + _escaped(value, "'") + "'"
    elif value is None and kind == "Unit":
        return "()"
    cause = "float" if isinstance(value, float | complex) else "other_type"
    raise NotRepresentableError(f"no literal of {kind} for a Python {type(value).__name__}", cause)


def _number_literal(value: int, kind: str) -> str:
    if value < 0 and (kind == "Nat" or kind.startswith("U")):
        raise NotRepresentableError(f"a {kind} is not negative", "negative")
    limits = machine_range(kind)
    if limits and not limits[0] <= value <= limits[1]:
        raise NotRepresentableError(f"{kind} ends at {limits[1]}", "overflow")
    if value.bit_length() > MAX_NUMBER_BITS:
        raise NotRepresentableError(f"a number of more than {MAX_NUMBER_BITS} bits", "too_large")
    return f"({value})" if value < 0 else str(value)


def _pair_literal(value: object, left: str, right: str) -> str:
    """A tuple as nested pairs: `(a, b, c)` is `(a, (b, c))` in Lean."""
    if not isinstance(value, list | tuple) or len(value) < 2:
        raise NotRepresentableError(f"no pair of {left} and {right}")
    rest = value[1] if len(value) == 2 else value[1:]
    return f"({to_lean_literal(value[0], left)}, {to_lean_literal(rest, right)})"


def _closing(text: str) -> int:
    """Where the bracket at the head of the text closes; -1 when it does not."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place
    return -1


def _escaped(character: str, quote: str) -> str:
    escapes = {quote: "\\" + quote, "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    if 0xD800 <= ord(character) <= 0xDFFF:
        raise NotRepresentableError("a lone surrogate is no Lean character", "surrogate")
    if character in escapes:
        return escapes[character]
    if character.isprintable() or ord(character) > 0xFFFF:
        return character
    return f"\\u{ord(character):04x}"
