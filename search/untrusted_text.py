"""Text that somebody else wrote, made fit to be shown: on a page, at a terminal, in a note.

A template escapes it, so it cannot become markup. What escaping does not touch is handled here:
control characters, marks that reverse the direction of what follows, halves of characters, and
texts without an end.
"""

from __future__ import annotations

import unicodedata

LONGEST = 4000
"""Characters shown of one text."""


_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Categories of characters that nobody sees, or that do something instead of being seen."""


def fit(text: str, *, longest: int = LONGEST) -> str:
    """The text as it may be shown: what nobody could see is named, what is too long is cut."""
    left_out = len(text) - longest
    shown = visible(text[:longest])
    return f"{shown}\n… {left_out:,} more characters" if left_out > 0 else shown


def visible(text: str) -> str:
    """The whole text, with what nobody could see named; line ends and tabs stay."""
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in _HIDDEN:
        return character
    return f"‹U+{ord(character):04X}›"
