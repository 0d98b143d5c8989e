"""A study's ledger summed again from the manifests of its stages: what it paid for, and who."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from engines.json_text import read_json
from engines.ledger import Cost, LedgerEntry, StageCost, StudyLedger
from search.spending.study_ledger import HasArmCosts, HasCosts, study_ledger
from stores.stages import MANIFEST


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


def _entries(store: Path, identity: str) -> Iterator[LedgerEntry]:
    for path in sorted(store.glob(f"*/[!.]*/{MANIFEST}")):
        try:
            manifest = read_json(path.read_text(encoding="utf-8"))
            study, _, who = str(manifest.get("made_by", "")).partition("/")
            if not identity or study != identity:
                continue
            cost = Cost(**manifest["cost"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # a stage that cannot be read will be made again
        yield LedgerEntry(who, StageCost(path.parent.parent.name, path.parent.name, False, cost))
