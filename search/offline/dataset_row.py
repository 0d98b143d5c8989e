"""One row of a generated data set: a candidate, what was found of it, and where it came from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evaluators.task import Checked, Context, Form, Task
from search.generation.prompting import named
from search.recipes.recipe import Recipe
from search.trial.rows import Row, rows_under


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """One attempt on one context. It is accepted where `reason` is empty."""

    context_id: str
    attempt: int
    """Which attempt on its context, from 0."""
    prompt: str
    """What a student reads; empty where there is no training pair in the candidate."""
    completion: str
    """What a student should write."""
    description: str
    """What `prompt` says in words: generated, or the context's own where the recipe keeps it."""
    outcome: str
    """The checker's: `accepted`, `refused`, …; `unchecked` where there was nothing to check."""
    reason: str
    """Why it is no training pair; empty for accepted rows."""
    faithful: bool | None
    """Whether it agrees with all that is known of its context; null where that was not decided."""
    checker: str
    """Which checker spoke; empty where none was asked."""
    licence: str
    """The context's licence."""
    contributor: str
    """The context's contributor."""
    outputs: dict[str, str]
    """The candidate as it was written and checked, by the names of the form's outputs, which
    stand beside the other fields in a file."""

    @property
    def accepted(self) -> bool:
        """Whether the row is a training pair."""
        return not self.reason

    @property
    def flat(self) -> dict[str, Any]:
        """The fields of a file."""
        return {name: getattr(self, name) for name in FIXED} | self.outputs

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(self.flat, ensure_ascii=False)

    @classmethod
    def of(cls, values: object, form: Form) -> DatasetRow:
        """The row whose JSON these values are.

        Raises:
            ValueError: they are those of no such row.
        """
        names = {field.name for field in form.outputs}
        if not isinstance(values, dict) or values.keys() != names | set(FIXED):
            raise ValueError("not a row of a data set")
        outputs = {field.name: values[field.name] for field in form.outputs}
        return cls(**{name: values[name] for name in FIXED}, outputs=outputs)


FIXED = tuple(name for name in DatasetRow.__dataclass_fields__ if name != "outputs")
"""The fields of every row, whatever the task."""


def dataset_rows(
    checked: Sequence[Checked], contexts: Sequence[Context], recipe: Recipe, task: Task
) -> list[DatasetRow]:
    """A row for every candidate of whole contexts, in their order."""
    return [_row(row, task.form) for row in rows_under(checked, recipe, contexts, task)]


def _row(row: Row, form: Form) -> DatasetRow:
    finding, context, example = row.checked.finding, row.context, row.example
    return DatasetRow(
        context_id=row.candidate.context_id,
        attempt=row.candidate.attempt,
        prompt=example.prompt if example else "",
        completion=example.completion if example else "",
        description=row.description,
        outcome=row.outcome,
        reason=row.reason,
        faithful=row.checked.faithful,
        checker=finding.checker if finding else "",
        licence=context.licence if context else "",
        contributor=context.contributor if context else "",
        outputs=named(form.outputs, row.candidate.outputs),
    )
