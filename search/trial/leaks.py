"""Generated rows that give away a problem: left out of training, counted, and named.

Contexts and demos are held against the problems before the first token; what a generator writes is
known only now. What people get wrong: a context says nothing of a problem until it is in Lean, so
the same function under two descriptions is found here and nowhere before. Only copies count: the
same docstring, or the same Lean whatever its names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluators.leaks.contamination import Method, overlaps
from evaluators.problem import Problem
from evaluators.task import Checked, Context, Task
from search.recipes.recipe import Recipe
from search.trial.rows import SPARE, rows_under


@dataclass(frozen=True, slots=True)
class Leak:
    """One candidate that the student must not learn from."""

    context_id: str
    attempt: int
    pair: str
    """The candidate and the problem, with what they have in common."""

    @property
    def place(self) -> tuple[str, int]:
        """Context and attempt; see `search.trial.rows.Row.place`."""
        return self.context_id, self.attempt


def leaks_of(
    checked: Sequence[Checked],
    recipe: Recipe,
    contexts: Sequence[Context],
    problems: Sequence[Problem],
    task: Task,
) -> tuple[Leak, ...]:
    """The candidates that could become examples and give one of these problems away."""
    ways = [
        row for row in rows_under(checked, recipe, contexts, task) if row.reason in ("", SPARE)
    ]
    passages = [
        task.passage(str(place), "row", row.candidate.outputs, row.description)
        for place, row in enumerate(ways)
    ]
    found: dict[int, Leak] = {}
    for overlap in overlaps(passages, problems, by=(Method.DOCSTRING, Method.LEAN)):
        place = int(overlap.passage_id)
        candidate = ways[place].candidate
        row = f"row of context {candidate.context_id}, attempt {candidate.attempt}"
        pair = str(overlap).replace(f"row {overlap.passage_id}", row, 1)
        found.setdefault(place, Leak(candidate.context_id, candidate.attempt, pair))
    return tuple(found[place] for place in sorted(found))
