"""Overlap between the final task's problems and what a student or its generator may learn from.

Two grades. *Copies*: the same docstring or Lean after normalising, or a docstring copied with
small changes; they stop a run. *Likely*: the same name, or a description of the same task in other
words; found by evidence, so they come with false alarms, and the caller says whether they stop it.
No overlap found is no proof that there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from evaluators.errors import ContaminationError
from evaluators.leaks.normal_forms import declared_name, normal_lean, normal_text
from evaluators.leaks.shapes import Shape, shape_of_doctests, shape_of_signature
from evaluators.problem import Problem

__all__ = [
    "COPIES",
    "LIKELY",
    "Method",
    "Overlap",
    "Passage",
    "normal_lean",
    "normal_text",
    "overlaps",
    "refuse_overlaps",
]


class Method(StrEnum):
    """How an overlap is found; the value is the word in messages."""

    DOCSTRING = "docstring"
    """The same English, whatever its case, spacing and punctuation."""
    LEAN = "lean"
    """The same Lean, whatever its names and comments."""
    MINHASH = "minhash"
    """Most word n-grams in common; see `near_copies.resembling`."""
    NGRAM = "ngram"
    """A long run of words in common; see `near_copies.quoting`."""
    NAME = "name"
    """The same name, however it is written; see `paraphrases.same_name`."""
    WORDS = "words"
    """The same content words; see `paraphrases.paraphrasing`."""


COPIES = (Method.DOCSTRING, Method.LEAN, Method.MINHASH, Method.NGRAM)
"""What stops a run."""
LIKELY = (Method.NAME, Method.WORDS)
"""What a person should look at."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Something learnt from: a context, a demo, an example."""

    id: str
    kind: str
    """What to call it in a message: `context`, `demo`, `example`."""
    docstring: str
    lean: str = ""
    """The Lean definition, with its signature; empty when there is none."""
    name: str = ""
    """The function's name; the Lean definition's when empty."""
    shape: Shape = ()
    """See `evaluators.leaks.shapes`; that of the docstring's examples when empty."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """One passage that gives one problem away."""

    passage_id: str
    kind: str
    problem_id: str
    by: Method
    text: str
    """The passage's text, or name."""
    problem_text: str = ""
    """The problem's, where it differs from the passage's."""
    degree: float = 1.0
    """What the method measures: share of n-grams, words in common, evidence."""

    def __str__(self) -> str:
        """One line for a person."""
        line = f"{self.kind} {self.passage_id} and problem {self.problem_id}: {self.by}"
        pair = f"{_short(self.text)!r}"
        return f"{line} {pair}" + (
            f" ~ {_short(self.problem_text)!r}" if self.problem_text else ""
        )


def overlaps(
    passages: Iterable[Passage],
    problems: Sequence[Problem],
    *,
    by: Sequence[Method] = COPIES,
) -> list[Overlap]:
    """Every pair of a passage and a problem that one of the methods finds, copies first.

    A pair stands once, under the first method that finds it.
    """
    learnt = list(passages)
    found: dict[tuple[int, int], Overlap] = {}
    for method in by:
        for passage, problem, degree in _pairs(method, learnt, problems):
            if (passage, problem) not in found:
                found[passage, problem] = _overlap(
                    method, learnt[passage], problems[problem], degree
                )
    return list(found.values())


def refuse_overlaps(
    passages: Iterable[Passage],
    problems: Sequence[Problem],
    *,
    by: Sequence[Method] = COPIES,
) -> None:
    """Stop when a problem was given away.

    Raises:
        ContaminationError: names the first pair and the number of pairs.
    """
    found = overlaps(passages, problems, by=by)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise ContaminationError(
            f"{found[0]}{more}: what is learnt from must not hold what is asked; remove one side"
        )


def _pairs(
    method: Method, passages: Sequence[Passage], problems: Sequence[Problem]
) -> Iterator[tuple[int, int, float]]:
    """Places of a passage and a problem, and what the method measured."""
    if method is Method.DOCSTRING:
        texts = [normal_text(one.docstring) for one in passages]
        yield from _equal(texts, [normal_text(one.docstring) for one in problems])
    elif method is Method.LEAN:
        texts = [normal_lean(one.lean) for one in passages]
        yield from _equal(texts, [normal_lean(one.reference) for one in problems])
    elif method in COPIES:
        yield from _near_copies(method, passages, problems)
    else:
        yield from _likely(method, passages, problems)


def _equal(texts: Sequence[str], asked: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    places: dict[str, list[int]] = {}
    for place, text in enumerate(asked):
        if text:
            places.setdefault(text, []).append(place)
    for place, text in enumerate(texts):
        for other in places.get(text, ()):
            yield place, other, 1.0


def _near_copies(
    method: Method, passages: Sequence[Passage], problems: Sequence[Problem]
) -> Iterator[tuple[int, int, float]]:
    from evaluators.leaks.near_copies import quoting, resembling

    find = resembling if method is Method.MINHASH else quoting
    texts = [normal_text(one.docstring) for one in passages]
    for like in find(texts, [normal_text(one.docstring) for one in problems]):
        yield like.passage, like.problem, like.degree


def _likely(
    method: Method, passages: Sequence[Passage], problems: Sequence[Problem]
) -> Iterator[tuple[int, int, float]]:
    from evaluators.leaks.paraphrases import Described, paraphrasing, same_name

    find = same_name if method is Method.NAME else paraphrasing
    learnt = [
        Described(one.docstring, _name(one), one.shape or shape_of_doctests(one.docstring))
        for one in passages
    ]
    asked = [
        Described(one.docstring, declared_name(one.signature), shape_of_signature(one.signature))
        for one in problems
    ]
    for like in find(learnt, asked):
        yield like.passage, like.problem, like.degree


def _overlap(method: Method, passage: Passage, problem: Problem, degree: float) -> Overlap:
    text, other = passage.docstring, problem.docstring
    if method is Method.LEAN:
        text, other = passage.lean, problem.reference
    if method is Method.NAME:
        text, other = _name(passage), declared_name(problem.signature)
    if method in {Method.DOCSTRING, Method.LEAN}:
        other = ""
    return Overlap(passage.id, passage.kind, problem.id, method, text, other, degree)


def _name(passage: Passage) -> str:
    return passage.name or declared_name(passage.lean)


def _short(text: str) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= 80 else shown[:79] + "…"
