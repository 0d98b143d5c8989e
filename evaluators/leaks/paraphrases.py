"""Descriptions of one task in different words: shared content words, the rare ones counting most.

For a passage and a problem, words in common speak for a paraphrase and words that only one of
them has speak against it; each weighs log(1 + N / n), n being the number of the N texts that hold
it. Kinds of arguments and result that agree or differ count as well, where both are known.

What people get wrong: a threshold alone names every short, common description ("the sum of a
list"). So a pair is named only when the evidence for it clearly outweighs that against it, when
the problem is the passage's closest, and when at most two other passages are closer to the
problem. docs/contamination.md says how the weights were chosen, and what they find.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from evaluators.leaks.near_copies import Likeness
from evaluators.leaks.normal_forms import content_words, description, first_sentence, name_text
from evaluators.leaks.shapes import UNKNOWN, Shape

CLOSEST = 3
"""Passages that are named for one problem."""
LEAST_EVIDENCE = 5.0
"""About that of two shared words which one text in ten holds."""
_PASSAGE_WORDS = 60
"""A passage's later words are details."""
_NAME_SHARED, _NAME_MISSING = 0.7, 0.5
_SENTENCE_SHARED, _SENTENCE_MISSING = 0.35, 0.25
_KIND = 2.0
"""For each kind that agrees, against each that differs."""
_ROWS = 2048
"""Passages held against all problems at once."""

_Matrix = Any  # scipy's sparse arrays are generic in ways mypy cannot follow


@dataclass(frozen=True, slots=True)
class Described:
    """A description with the name of what it describes."""

    docstring: str
    name: str
    """Empty where there is none."""
    shape: Shape = ()
    """Empty where it is not known."""


def paraphrasing(
    passages: Sequence[Described], problems: Sequence[Described]
) -> Iterator[Likeness]:
    """Pairs that probably describe one task; the degree is the evidence."""
    if not passages or not problems:
        return
    read = [_Reading.of(one, at_most=_PASSAGE_WORDS) for one in passages]
    asked = [_Reading.of(one) for one in problems]
    weigh = _Weights([*read, *asked])
    closest: list[tuple[int, int, float, bool]] = []
    for start in range(0, len(read), _ROWS):
        evidence = weigh.evidence(read[start : start + _ROWS], asked)
        nearest = evidence.argmax(axis=1)
        for problem in range(len(asked)):
            column = evidence[:, problem]
            for row in np.argsort(-column, kind="stable")[:CLOSEST]:
                mutual = bool(nearest[row] == problem)
                closest.append((problem, start + int(row), float(column[row]), mutual))
    yield from _chosen(closest)


def closest(passages: Sequence[Described], problem: Described, *, at_most: int) -> list[Likeness]:
    """The passages nearest to one problem, the nearest first, however far away they are.

    The degree is the evidence, weighed among these passages; from `LEAST_EVIDENCE` on two
    descriptions have something in common, below 0 more speaks against it than for it.
    """
    if not passages:
        return []
    read = [_Reading.of(one, at_most=_PASSAGE_WORDS) for one in passages]
    asked = [_Reading.of(problem)]
    weigh = _Weights([*read, *asked])
    evidence = np.concatenate(
        [
            weigh.evidence(read[start : start + _ROWS], asked)[:, 0]
            for start in range(0, len(read), _ROWS)
        ]
    )
    order = np.argsort(-evidence, kind="stable")[:at_most]
    return [Likeness(int(place), 0, float(evidence[place])) for place in order]


def shared_words(one: str, other: str) -> list[str]:
    """Words of one description whose meaning the other has too, as the first writes them.

    >>> shared_words("The sum of all even numbers.", "Adds up the integers that are even.")
    ['sum', 'even', 'numbers']
    """
    theirs = set(content_words(description(other)))
    words = dict.fromkeys(re.findall(r"[a-z]+|\d+", description(one).lower()))
    return [word for word in words if theirs.intersection(content_words(word))]


def same_name(passages: Sequence[Described], problems: Sequence[Described]) -> Iterator[Likeness]:
    """Pairs with the same name of two words or more, however it is written."""
    asked: dict[str, list[int]] = {}
    for place, problem in enumerate(problems):
        asked.setdefault(name_text(problem.name), []).append(place)
    for place, passage in enumerate(passages):
        name = name_text(passage.name)
        for other in asked.get(name, ()) if " " in name else ():
            yield Likeness(place, other, 1.0)


def _name_words(described: Described) -> frozenset[str]:
    return frozenset(content_words(name_text(described.name)))


def _chosen(closest: list[tuple[int, int, float, bool]]) -> Iterator[Likeness]:
    ranked = sorted(closest, key=lambda one: (one[0], -one[2], one[1]))
    taken: Counter[int] = Counter()
    for problem, passage, degree, mutual in ranked:
        taken[problem] += 1
        if taken[problem] <= CLOSEST and mutual and degree >= LEAST_EVIDENCE:
            yield Likeness(passage, problem, degree)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The content words of one description."""

    words: frozenset[str]
    sentence: frozenset[str]
    name: frozenset[str]
    shape: Shape

    @classmethod
    def of(cls, described: Described, *, at_most: int | None = None) -> _Reading:
        text = description(described.docstring)
        return cls(
            words=frozenset(content_words(text)[:at_most]),
            sentence=frozenset(content_words(first_sentence(text))),
            name=_name_words(described),
            shape=described.shape,
        )


class _Weights:
    """How much each word says, learnt from all texts that are compared."""

    def __init__(self, readings: Sequence[_Reading]) -> None:
        holders = Counter(word for one in readings for word in one.words | one.name)
        self._places = {word: place for place, word in enumerate(holders)}
        weights = [math.log(1 + len(readings) / count) for count in holders.values()]
        self._weights = np.array(weights)

    def evidence(
        self, passages: Sequence[_Reading], problems: Sequence[_Reading]
    ) -> npt.NDArray[np.float64]:
        """The evidence for every pair: a row a passage, a column a problem."""
        text = self._table([one.words for one in passages])
        text_and_name = self._table([one.words | one.name for one in passages])
        whole = self._table([one.words | one.name for one in problems])
        name = self._table([one.name for one in problems])
        sentence = self._table([one.sentence for one in problems])
        shared = self._shared(text, whole)
        missing = self._heavy(text)[:, None] - shared
        named = self._shared(text_and_name, name)
        not_named = self._heavy(name)[None, :] - named
        said = self._shared(text_and_name, sentence)
        not_said = self._heavy(sentence)[None, :] - said
        total: npt.NDArray[np.float64] = (
            shared
            - missing
            + _NAME_SHARED * named
            - _NAME_MISSING * not_named
            + _SENTENCE_SHARED * said
            - _SENTENCE_MISSING * not_said
            + _KIND * _kinds_in_common(passages, problems)
        )
        return total

    def _table(self, readings: Sequence[frozenset[str]]) -> _Matrix:
        rows, columns = [], []
        for row, words in enumerate(readings):
            for word in sorted(words & self._places.keys()):
                rows.append(row)
                columns.append(self._places[word])
        shape = (len(readings), len(self._places))
        return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)

    def _shared(self, left: _Matrix, right: _Matrix) -> npt.NDArray[np.float64]:
        weighted = left.multiply(self._weights[None, :]).tocsr()
        shared: npt.NDArray[np.float64] = (weighted @ right.T).toarray()
        return shared

    def _heavy(self, table: _Matrix) -> npt.NDArray[np.float64]:
        heavy: npt.NDArray[np.float64] = table @ self._weights
        return heavy


def _kinds_in_common(
    passages: Sequence[_Reading], problems: Sequence[_Reading]
) -> npt.NDArray[np.float64]:
    """How well the shapes agree, for every pair; few shapes are different, so each once."""
    left, rows = np.unique([" ".join(one.shape) for one in passages], return_inverse=True)
    right, columns = np.unique([" ".join(one.shape) for one in problems], return_inverse=True)
    table = np.array([[_agreement(a.split(), b.split()) for b in right] for a in left])
    agreeing: npt.NDArray[np.float64] = table[np.ix_(rows.ravel(), columns.ravel())]
    return agreeing


def _agreement(left: Sequence[str], right: Sequence[str]) -> float:
    """+1 for the same result and +1 for the same arguments; -1 for each that differs."""
    if not left or not right:
        return 0.0
    results = left[-1], right[-1]
    same = 0.0 if UNKNOWN in results else 1.0 if results[0] == results[1] else -1.0
    mine, yours = Counter(left[:-1]), Counter(right[:-1])
    if mine == yours:
        return same + 1.0
    extra, lacking = (mine - yours).total(), (yours - mine).total()
    return same - (extra / 2 + lacking)
