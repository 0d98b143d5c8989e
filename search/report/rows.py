"""Generated rows for a person to read: a few of every kind, with what became of them.

What people get wrong: a sample by chance shows the commonest reason again and again. Here every
reason has its turn, and the true counts stand beside the rows shown.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from lean_sandbox.policy import REASONS
from search.generation.candidate import CheckedCandidate
from search.materials.contexts import Context
from search.settings.filters import Filter
from search.study.records import TrialRecord
from search.trial.filtering import REFUSALS, refusal

EXAMPLE = "kept"
"""The outcome of a row that may become an example."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One candidate, its verdict and what the filter made of it."""

    trial: int
    context_id: str
    python: str
    """Empty where the contexts cannot be read."""
    asked: str
    """The context's own docstring."""
    docstring: str
    lean: str
    outcome: str
    """What Lean said, `unchecked` where there was nothing to check."""
    reason: str
    """Why the recipe's filter refused it, or `kept`."""
    meaning: str
    detail: str


@dataclass(frozen=True, slots=True)
class RowSample:
    """Some rows of a trial and how many there are of each kind."""

    trial: int
    rows: tuple[ReportRow, ...]
    total: int
    counts: Mapping[str, int]
    """All rows by reason, the commonest first."""


def sample_rows(
    record: TrialRecord,
    checked: Sequence[CheckedCandidate],
    contexts: Mapping[str, Context],
    *,
    most: int,
) -> RowSample:
    """At most `most` rows of a trial, every reason in turn."""
    filter = cast("Filter", record.parameters.get("filter", "compiles"))
    own = bool(record.parameters.get("keep_docstring", False))
    reasons = [refusal(one, filter=filter, keep_docstring=own) or EXAMPLE for one in checked]
    places: dict[str, list[int]] = defaultdict(list)
    for place, reason in enumerate(reasons):
        places[reason].append(place)
    chosen = itertools.islice(_in_turn(list(places.values())), most)
    return RowSample(
        trial=record.number,
        rows=tuple(
            _row(record.number, checked[place], reasons[place], contexts) for place in chosen
        ),
        total=len(checked),
        counts=dict(Counter(reasons).most_common()),
    )


def meaning_of(reason: str) -> str:
    """What a reason code means, in a sentence."""
    if reason == EXAMPLE:
        return "Passed the recipe's filter."
    if reason in REFUSALS:
        return REFUSALS[reason]
    return REASONS[reason].meaning if reason in REASONS else ""


def _in_turn(groups: Sequence[Sequence[int]]) -> Iterator[int]:
    for turn in itertools.zip_longest(*groups):
        yield from (place for place in turn if place is not None)


def _row(
    trial: int, one: CheckedCandidate, reason: str, contexts: Mapping[str, Context]
) -> ReportRow:
    context = contexts.get(one.candidate.context_id)
    return ReportRow(
        trial=trial,
        context_id=one.candidate.context_id,
        python=context.python if context else "",
        asked=context.docstring if context else "",
        docstring=one.candidate.docstring,
        lean=one.candidate.lean,
        outcome=one.verdict.outcome.value if one.verdict else "unchecked",
        reason=reason,
        meaning=meaning_of(reason),
        detail=one.verdict.detail if one.verdict else "",
    )
