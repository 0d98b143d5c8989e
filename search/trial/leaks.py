"""Generated rows that give away a problem: left out of training, counted, and named.

Contexts and demos are held against the problems before the first token; what a generator writes is
known only now. What people get wrong: a context says nothing of a problem until it is in Lean, so
the same function under two descriptions is found here and nowhere before. Only copies count: the
same docstring, or the same Lean whatever its names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluators.eng2lean.problem import Problem
from evaluators.leaks.contamination import Method, Passage, overlaps
from search.generation.candidate import CheckedCandidate
from search.materials.contexts import Context
from search.materials.definition import split_definition
from search.recipes.recipe import Recipe
from search.trial.filtering import refusal

LEAK = "leak"
"""The reason under which they are counted; see `filtering.REFUSALS`."""


@dataclass(frozen=True, slots=True)
class Leak:
    """One candidate that the student must not learn from."""

    context_id: str
    attempt: int
    pair: str
    """The candidate and the problem, with what they have in common."""


def leaks_of(
    checked: Sequence[CheckedCandidate],
    recipe: Recipe,
    contexts: Sequence[Context],
    problems: Sequence[Problem],
) -> tuple[Leak, ...]:
    """The candidates that could become examples and give one of these problems away."""
    docstrings = {one.id: one.docstring for one in contexts}
    passages: list[Passage] = []
    ways: list[CheckedCandidate] = []
    for one in checked:
        candidate, definition = one.candidate, split_definition(one.candidate.lean)
        if definition is None or refusal(
            one, filter=recipe.filter, keep_docstring=recipe.keep_docstring
        ):
            continue
        own = docstrings[candidate.context_id] if recipe.keep_docstring else candidate.docstring
        lean = f"{definition.signature} :={definition.body}"
        passages.append(Passage(str(len(ways)), "row", own, lean))
        ways.append(one)
    found: dict[int, Leak] = {}
    for overlap in overlaps(passages, problems, by=(Method.DOCSTRING, Method.LEAN)):
        place = int(overlap.passage_id)
        candidate = ways[place].candidate
        row = f"row of context {candidate.context_id}, attempt {candidate.attempt}"
        pair = str(overlap).replace(f"row {overlap.passage_id}", row, 1)
        found.setdefault(place, Leak(candidate.context_id, candidate.attempt, pair))
    return tuple(found[place] for place in sorted(found))


def without(
    checked: Sequence[CheckedCandidate], leaks: Sequence[Leak]
) -> Sequence[CheckedCandidate]:
    """The candidates that give nothing away."""
    gone = {(leak.context_id, leak.attempt) for leak in leaks}
    if not gone:
        return checked
    return [
        one for one in checked if (one.candidate.context_id, one.candidate.attempt) not in gone
    ]


def leak_counts(leaks: Sequence[Leak]) -> dict[str, int]:
    """How many rows the reason `leak` refused; empty where there are none."""
    return {LEAK: len(leaks)} if leaks else {}
