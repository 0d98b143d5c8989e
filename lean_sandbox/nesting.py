"""How deeply a Lean text nests its brackets: of code alone, not of comments and strings."""

from __future__ import annotations

from lean_sandbox.lexing import tokens

_OPENING, _CLOSING = "([{⟨", ")]}⟩"


def deepest(text: str) -> int:
    """The most brackets of code that are open at once; the braces in `s!"{x}"` are code."""
    depth = most = 0
    for token in tokens(text):
        if token.kind == "open" and token.text in _OPENING:
            depth += 1
            most = max(most, depth)
        elif token.kind == "close" and token.text in _CLOSING:
            depth = max(0, depth - 1)
    return most


def nests_deeper(text: str, limit: int) -> bool:
    """Whether more than `limit` brackets of code are open at once."""
    return sum(map(text.count, _OPENING)) > limit and deepest(text) > limit
