"""A study's ledger: what its trials say they paid for, and what the stage store knows besides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from engines.ledger import LedgerEntry, StudyLedger
from search.study.records import TrialRecord
from stores.manifests import made_in


def study_ledger(records: Sequence[TrialRecord], final: Iterable[LedgerEntry] = ()) -> StudyLedger:
    """Everything the trials and the final comparison paid for and read."""
    trials = [
        LedgerEntry(f"trial {record.number}", line) for record in records for line in record.costs
    ]
    return StudyLedger.of([*trials, *final])


def made_by(store: Path, identity: str) -> StudyLedger:
    """Everything a study ran, trials that were stopped or killed included.

    Args:
        store: the stage store; other studies may share it.
        identity: the study's.
    """
    return StudyLedger.of(
        LedgerEntry(stage.who, stage.line()) for stage in made_in(store, identity)
    )


def whole_ledger(
    records: Sequence[TrialRecord],
    final: Iterable[LedgerEntry] = (),
    *,
    store: Path,
    identity: str,
) -> StudyLedger:
    """What trials and final comparison paid for, and what the store knows of beside it."""
    known = study_ledger(records, final).entries
    names = {(entry.line.stage, entry.line.key) for entry in known if entry.line.paid}
    others = [
        entry
        for entry in made_by(store, identity).entries
        if (entry.line.stage, entry.line.key) not in names
    ]
    return StudyLedger.of([*known, *others])
