"""Sentences: what texts are cut into, compared by and put together from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from evaluators.leaks.normal_forms import normal_text

_END = re.compile(r"(?<=[.!?:;])\s+|\n+")


def cleaned(text: str) -> str:
    """A text without what no person sees: control and format characters, spaces at line ends."""
    seen = "".join(
        char for char in text if char == "\n" or unicodedata.category(char) not in {"Cc", "Cf"}
    )
    lines = [" ".join(line.split()) for line in seen.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def sentences(text: str) -> list[str]:
    """The sentences and lines of a text, in order."""
    return [part.strip() for part in _END.split(text) if part.strip()]


def said(text: str) -> frozenset[str]:
    """What a text says, whatever the order, case and punctuation of its sentences."""
    return frozenset(normal_text(one) for one in sentences(text)) - {""}


def without(text: str, known: Iterable[str]) -> str:
    """A text without the sentences that other texts hold."""
    told = frozenset[str]().union(*(said(one) for one in known))
    kept = [one for one in sentences(text) if normal_text(one) not in told]
    if len(kept) == len(sentences(text)):
        return text.strip()  # line breaks and all
    return " ".join(kept)
