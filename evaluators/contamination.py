"""Overlap between the final task's problems and what a student or its generator may learn from.

Two texts overlap when they are the same after normalising: docstrings by case, punctuation and
spacing; Lean also by the names of the definition and its parameters. That finds copies, not
paraphrases: no overlap found is no proof that there is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from evaluators.errors import ContaminationError
from evaluators.problem import Problem

_WORD = re.compile(r"\w+|[-+*/%^<>=]")  # x + 1 is not x - 1
_COMMENT = re.compile(r"--[^\n]*|/-.*?-/", re.DOTALL)
_LEAN_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[^\W\d][\w\'!?]*|\d+|[^\w\s]')
_HEADER = re.compile(r"\b(?:def|theorem|abbrev|lemma)\s+([^\s({:\[]+)(.*?)(?::=|$)", re.DOTALL)
_BINDER = re.compile(r"[({⦃]([^(){}:]+):")


@dataclass(frozen=True, slots=True)
class Passage:
    """Something learnt from: a context, a demo, an example."""

    id: str
    kind: str
    """What to call it in a message: `context`, `demo`, `example`."""
    docstring: str
    lean: str = ""
    """The Lean definition, with its signature; empty when there is none."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """One passage that gives one problem away."""

    passage_id: str
    kind: str
    problem_id: str
    by: str
    """What is the same: `docstring` or `lean`."""
    text: str
    """The passage's text."""

    def __str__(self) -> str:
        """One line for a person."""
        shown = " ".join(self.text.split())
        shown = shown if len(shown) <= 80 else shown[:79] + "…"
        return f"{self.kind} {self.passage_id} and problem {self.problem_id}: {self.by} {shown!r}"


def overlaps(passages: Iterable[Passage], problems: Sequence[Problem]) -> list[Overlap]:
    """Every pair of a passage and a problem with the same docstring or the same Lean."""
    docstrings = _by_form((normal_text(one.docstring), one.id) for one in problems)
    references = _by_form((normal_lean(one.reference), one.id) for one in problems)
    return [found for passage in passages for found in _found(passage, docstrings, references)]


def refuse_overlaps(passages: Iterable[Passage], problems: Sequence[Problem]) -> None:
    """Stop when a problem was given away.

    Raises:
        ContaminationError: names the first pair and the number of pairs.
    """
    found = overlaps(passages, problems)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise ContaminationError(
            f"{found[0]}{more}: what is learnt from must not hold what is asked; remove one side"
        )


def normal_text(text: str) -> str:
    """English without case, punctuation, accents' encoding and spacing.

    >>> normal_text("Return  x+1, doubled.")
    'return x + 1 doubled'
    """
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def normal_lean(lean: str) -> str:
    """A Lean definition's tokens, its own and its parameters' names replaced in order.

    >>> normal_lean("def twice (x : Int) : Int := x + x")
    'def v0 ( v1 : Int ) : Int := v1 + v1'
    """
    text = _COMMENT.sub(" ", lean)
    names: dict[str, str] = {}
    header = _HEADER.search(text)
    if header:
        binders = " ".join(_BINDER.findall(header.group(2)))
        for name in [header.group(1), *binders.split()]:
            names.setdefault(name, f"v{len(names)}")
    tokens = _LEAN_TOKEN.findall(text)
    return " ".join(names.get(token, token) for token in tokens).replace(": =", ":=")


def _by_form(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = {}
    for form, problem_id in pairs:
        if form:
            ids.setdefault(form, []).append(problem_id)
    return ids


def _found(
    passage: Passage, docstrings: dict[str, list[str]], references: dict[str, list[str]]
) -> Iterator[Overlap]:
    for problem_id in docstrings.get(normal_text(passage.docstring), []):
        yield Overlap(passage.id, passage.kind, problem_id, "docstring", passage.docstring)
    for problem_id in references.get(normal_lean(passage.lean), []):
        yield Overlap(passage.id, passage.kind, problem_id, "lean", passage.lean)
