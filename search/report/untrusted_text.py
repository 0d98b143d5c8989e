"""Text that a model wrote, made fit to stand in a page.

A template escapes it, so it cannot become markup. What escaping does not touch is handled here:
control characters, marks that reverse the direction of what follows, halves of characters, and
texts without an end.
"""

from __future__ import annotations

import unicodedata

LONGEST = 4000
"""Characters shown of one text."""


def fit(text: str, *, longest: int = LONGEST) -> str:
    """The text as it may be shown: what nobody could see is named, what is too long is cut."""
    cut = text[:longest]
    shown = "".join(_visible(character) for character in cut)
    left_out = len(text) - len(cut)
    return f"{shown}\n… {left_out:,} more characters" if left_out else shown


def _visible(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}:
        return character
    return f"‹U+{ord(character):04X}›"
