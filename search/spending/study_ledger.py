"""A study's ledger, from its trials and from the arms of its final comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from engines.ledger import LedgerEntry, StageCost, StudyLedger


class HasCosts(Protocol):
    """A trial of the study; see `search.study.records.TrialRecord`."""

    @property
    def number(self) -> int:
        """The trial."""
        ...

    @property
    def costs(self) -> tuple[StageCost, ...]:
        """Its lines."""
        ...


class HasArmCosts(Protocol):
    """An arm of the final comparison; see `search.comparisons.sealed.Arm`."""

    @property
    def name(self) -> str:
        """Which arm."""
        ...

    @property
    def costs(self) -> tuple[StageCost, ...]:
        """Its lines."""
        ...


def study_ledger(records: Sequence[HasCosts], arms: Sequence[HasArmCosts] = ()) -> StudyLedger:
    """Everything the trials and the final comparison paid for and read."""
    return StudyLedger.of(_entries(records, arms))


def _entries(records: Sequence[HasCosts], arms: Sequence[HasArmCosts]) -> Iterator[LedgerEntry]:
    for record in records:
        yield from (LedgerEntry(f"trial {record.number}", line) for line in record.costs)
    for arm in arms:
        yield from (LedgerEntry(f"final: {arm.name}", line) for line in arm.costs)
