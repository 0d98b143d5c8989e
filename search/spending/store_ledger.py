"""A study's ledger summed again from the manifests of its stages: what it paid for, and who."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engines.ledger import LedgerEntry, StudyLedger
from search.spending.study_ledger import HasArmCosts, HasCosts, study_ledger
from stores.manifests import made_in


def made_by(store: Path, identity: str) -> StudyLedger:
    """Everything a study ran, trials that were stopped or killed included.

    Args:
        store: the stage store; other studies may share it.
        identity: the study's.
    """
    return StudyLedger.of(_entries(store, identity))


def whole_ledger(
    records: Sequence[HasCosts],
    arms: Sequence[HasArmCosts] = (),
    *,
    store: Path,
    identity: str,
) -> StudyLedger:
    """The trials' and the arms' ledger, and what the store knows of beside it."""
    known = study_ledger(records, arms).entries
    names = {(one.line.stage, one.line.key) for one in known if one.line.paid}
    others = [
        one for one in _entries(store, identity) if (one.line.stage, one.line.key) not in names
    ]
    return StudyLedger.of([*known, *others])


def _entries(store: Path, identity: str) -> list[LedgerEntry]:
    return [LedgerEntry(stage.who, stage.line()) for stage in made_in(store, identity)]
