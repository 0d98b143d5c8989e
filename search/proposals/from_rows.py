"""Demo sets from what good trials wrote and Lean and Python agreed with."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from search.generation.candidate import CheckedCandidate
from search.materials.contexts import Context
from search.materials.definition import split_definition
from search.proposals.view import StudyView
from search.recipes.pool import Draft
from search.recipes.recipe import Demo
from search.recipes.space import DEMO_SET
from search.settings.proposals import Growing, Source

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
            rows = faithful_demos(view.stages.checked(record) or (), view.contexts)
            for _ in range(_DRAWS if len(rows) >= self._many else 0):
                demos = tuple(chance.sample(rows, self._many))
                if frozenset(demos) not in known:
                    return Draft(
                        demos=demos, origin=self.source, parents=(f"trial {record.number}",)
                    )
        return None


def faithful_demos(
    checked: Sequence[CheckedCandidate], contexts: Mapping[str, Context]
) -> list[Demo]:
    """One demo of each context of which a candidate is a definition that agrees with Python."""
    found: dict[str, Demo] = {}
    for one in checked:
        candidate, context = one.candidate, contexts.get(one.candidate.context_id)
        if context is None or one.faithful is not True or context.id in found:
            continue
        if candidate.docstring.strip() and split_definition(candidate.lean) is not None:
            found[context.id] = Demo(
                python=context.python,
                docstring_in=context.docstring,
                docstring=candidate.docstring,
                lean=candidate.lean,
            )
    return list(found.values())
