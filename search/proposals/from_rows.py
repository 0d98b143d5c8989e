"""Demo sets from what good trials wrote and Lean and Python agreed with."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from evaluators.task import Checked, Context, Demo, Task
from search.proposals.view import StudyView
from search.recipes.pool import Draft
from search.recipes.space import DEMO_SET
from search.settings.proposals import Growing, Source
from search.trial.rows import rows_of

_GOOD = 3
"""Trials that rows are taken from: the best so many."""
_DRAWS = 20


class Rows:
    """Rows of one good trial as demos: other students' teachers learn from what worked.

    Args:
        many: demos in a set.
    """

    source: Source = "rows"
    name: str = source
    parameter: Growing = "demo_set"

    def __init__(self, many: int) -> None:
        self._many = many

    def propose(self, view: StudyView, *, seed: int) -> Draft | None:
        """See `Proposer.propose`; None before a trial with faithful rows has a score."""
        chance = random.Random(seed)
        best = view.scored[:_GOOD]
        known = {frozenset(arm.demos) for arm in view.arms[DEMO_SET] if arm.demos}
        for record in chance.sample(best, len(best)):
            rows = faithful_demos(view.stages.checked(record) or (), view.contexts, view.task)
            for _ in range(_DRAWS if len(rows) >= self._many else 0):
                demos = tuple(chance.sample(rows, self._many))
                if frozenset(demos) not in known:
                    return Draft(
                        demos=demos, origin=self.source, parents=(f"trial {record.number}",)
                    )
        return None


def faithful_demos(
    checked: Sequence[Checked], contexts: Mapping[str, Context], task: Task
) -> list[Demo]:
    """One demo of each context of which a candidate is a training pair, and faithful."""
    rows = rows_of(checked, contexts, task, filter="faithful", keep_docstring=False)
    return [
        Demo(row.context.inputs, row.candidate.outputs)
        for row in rows
        if not row.reason and row.context is not None
    ]
