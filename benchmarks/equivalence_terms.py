"""Relations, connectives and operators on the outside of a Lean term, found in its text."""

from __future__ import annotations

from evaluators.equivalence.statement import Token, tokenize

RELATIONS = {"=": "=", "≠": "≠", "<": ">", ">": "<", "≤": "≥", "≥": "≤"}
_LOOSER = frozenset({"∧", "∨", "→", "↔", "¬", "∀", "∃", "fun", ",", "∈", ":", "|"})


def flip(text: str, signs: str) -> str | None:
    """A relation among `signs` written from the other side."""
    for sign in signs:
        sides = relation_sides(text, sign)
        if sides:
            return f"{sides[1]} {RELATIONS[sign]} {sides[0]}"
    return None


def relation_sides(text: str, sign: str) -> tuple[str, str] | None:
    """The sides of a text that is one relation and nothing looser."""
    outer = outer_tokens(text)
    places = [t for t in outer if t.text == sign]
    if len(places) != 1 or any(t.text in _LOOSER for t in outer):
        return None
    if any(t.text in {*RELATIONS, "∣"} and t.text != sign for t in outer):
        return None
    return text[: places[0].start].strip(), text[places[0].end :].strip()


def connective_sides(text: str, sign: str) -> tuple[str, str] | None:
    """The sides of the first outer connective, where nothing looser stands outside."""
    looser = {"↔": "∀∃→", "∧": "∀∃→↔∨", "∨": "∀∃→↔"}[sign]
    outer = outer_tokens(text)
    place = next((t for t in outer if t.text == sign), None)
    if place is None or any(t.text in looser for t in outer if t.start < place.start):
        return None
    if any(t.text in looser.replace("∀", "").replace("∃", "") for t in outer):
        return None
    return text[: place.start].strip(), text[place.end :].strip()


def commuted(text: str, operator: str) -> str:
    """The text with the last outer operator's sides exchanged, where that is the loosest one."""
    outer = outer_tokens(text)
    looser = {"+": "-", "*": "+-/%"}[operator]
    places = [t for t in outer if t.text == operator]
    if not places or any(t.text in looser or t.text in _LOOSER for t in outer):
        return text
    last = places[-1]
    return f"{text[last.end :].strip()} {operator} ({text[: last.start].strip()})"


def outer_tokens(text: str) -> list[Token]:
    """The tokens inside no bracket."""
    return [token for token in tokenize(text) if token.depth == 0]
