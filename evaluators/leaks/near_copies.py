"""Docstrings copied with small changes: word n-grams, found by MinHash and by shared runs.

MinHash only proposes pairs; the exact share of common n-grams decides, so chance can hide a pair
just above the threshold but never invents one. Lean is not compared this way: short definitions
share most of their n-grams with many others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from datasketch import MinHash, MinHashLSH

GRAM_WORDS = 3
"""Words in an n-gram."""
JACCARD = 0.7
"""Share of common n-grams from which a docstring is a copy. Different functions of the embedded
grammar reach 0.69."""
_PROPOSED = 0.5
"""Where MinHash begins to propose: well below, so that its error hides nothing."""
_PERMUTATIONS = 128
RUN_WORDS = 20
"""Consecutive words in common from which one text quotes the other. Different functions of the
embedded grammar share up to 17; the 13 of Brown et al. (2020) is for web pages."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two texts that are alike, by their places in what was compared."""

    passage: int
    problem: int
    degree: float
    """Share of common n-grams, or words in the longest kept run."""


def resembling(passages: Sequence[str], problems: Sequence[str]) -> Iterator[Likeness]:
    """Pairs of normal texts of which at least `JACCARD` of the n-grams are common."""
    asked = [_grams(text, GRAM_WORDS) for text in problems]
    index = MinHashLSH(threshold=_PROPOSED, num_perm=_PERMUTATIONS)
    for place, grams in enumerate(asked):
        if grams:
            index.insert(place, _sketch(grams))
    for place, text in enumerate(passages):
        grams = _grams(text, GRAM_WORDS)
        for other in sorted(index.query(_sketch(grams))) if grams else ():
            common = len(grams & asked[other]) / len(grams | asked[other])
            if common >= JACCARD:
                yield Likeness(place, other, common)


def quoting(passages: Sequence[str], problems: Sequence[str]) -> Iterator[Likeness]:
    """Pairs of normal texts with at least `RUN_WORDS` consecutive words in common."""
    holders: dict[str, list[int]] = {}
    for place, text in enumerate(problems):
        for run in _grams(text, RUN_WORDS, whole=False):
            holders.setdefault(run, []).append(place)
    for place, text in enumerate(passages):
        runs = _grams(text, RUN_WORDS, whole=False)
        for other in sorted({found for run in runs for found in holders.get(run, ())}):
            yield Likeness(place, other, RUN_WORDS)


def _grams(text: str, words: int, *, whole: bool = True) -> set[str]:
    """The n-grams of a text; a text shorter than one is one itself, unless `whole` is off."""
    parts = text.split()
    if len(parts) < words:
        return {text} if whole and parts else set()
    return {" ".join(parts[at : at + words]) for at in range(len(parts) - words + 1)}


def _sketch(grams: set[str]) -> MinHash:
    sketch = MinHash(num_perm=_PERMUTATIONS, seed=1)
    sketch.update_batch([gram.encode() for gram in sorted(grams)])
    return sketch
