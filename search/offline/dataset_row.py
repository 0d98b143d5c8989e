"""One row of a generated data set: a candidate, what Lean said of it, and where it came from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from search.generation.candidate import CheckedCandidate
from search.materials.contexts import Context
from search.materials.definition import split_definition
from search.recipes.recipe import Recipe
from search.trial.filtering import REFUSALS, refusal, select
from trainers.dataset import student_prompt

SPARE = "spare"
"""The reason of a row that passed when an earlier attempt on its context had passed already."""

REASONS = {**REFUSALS, SPARE: "It passes, but an earlier attempt on its context was taken."}
"""What each reason means that is not one of Lean's own reason codes."""


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """One attempt on one context. It is accepted where `reason` is empty."""

    context_id: str
    prompt: str
    """What a student reads; empty where the candidate has no signature."""
    completion: str
    """What a student should write: the definition's body."""
    docstring: str
    """The docstring in `prompt`: generated, or the context's own where the recipe keeps it."""
    signature: str
    lean: str
    """The candidate as it was written and checked."""
    verdict: str
    """Lean's outcome (`accepted`, `refused`, `undecided`, `timeout`, `memory`); empty where there
    was nothing to check."""
    reason: str
    """Why it is no training pair; empty for accepted rows."""
    faithful: bool | None
    """Whether it agrees with Python on every known call; null where that was not decided."""
    licence: str
    """The context's licence."""
    contributor: str
    """The context's contributor."""
    attempt: int
    """Which attempt on its context, from 0."""
    lean_version: str
    """The Lean that spoke; empty where it was not asked."""

    @property
    def accepted(self) -> bool:
        """Whether the row is a training pair."""
        return not self.reason

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of(cls, values: object) -> DatasetRow:
        """The row whose JSON these values are.

        Raises:
            ValueError: they are those of no such row.
        """
        if not isinstance(values, dict) or values.keys() != cls.__dataclass_fields__.keys():
            raise ValueError("not a row of a data set")
        return cls(**values)


def dataset_rows(
    checked: Sequence[CheckedCandidate], contexts: Sequence[Context], recipe: Recipe
) -> list[DatasetRow]:
    """A row for every candidate of whole contexts, in their order."""
    by_id = {context.id: context for context in contexts}
    taken = {(one.candidate.context_id, one.candidate.attempt) for one in select(checked, recipe)}
    rows = []
    for one in checked:
        reason = refusal(one, filter=recipe.filter, keep_docstring=recipe.keep_docstring)
        if not reason and (one.candidate.context_id, one.candidate.attempt) not in taken:
            reason = SPARE
        rows.append(_row(one, by_id[one.candidate.context_id], recipe, reason))
    return rows


def _row(one: CheckedCandidate, context: Context, recipe: Recipe, reason: str) -> DatasetRow:
    candidate, verdict = one.candidate, one.verdict
    docstring = context.docstring if recipe.keep_docstring else candidate.docstring
    definition = split_definition(candidate.lean)
    return DatasetRow(
        context_id=context.id,
        prompt=student_prompt(docstring, definition.signature) if definition else "",
        completion=definition.body if definition else "",
        docstring=docstring,
        signature=definition.signature if definition else "",
        lean=candidate.lean,
        verdict=verdict.outcome.value if verdict else "",
        reason=reason,
        faithful=one.faithful,
        licence=context.licence,
        contributor=context.contributor,
        attempt=candidate.attempt,
        lean_version=verdict.lean_version if verdict else "",
    )
