"""A cap over a whole sweep, dealt out to its students.

Each student's study and its column of the table get an equal share as a cap of their own, which
holds inside a step like every cap (`engines.budget`), so the shares hold the sum. What people
get wrong: caps that are raised, or shared by more students, between two runs. What a student has
spent beyond an equal share is its share, and the others get less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engines.budget import Purse
from engines.caps import Amount, Caps
from engines.ledger import NANO, Cost
from engines.settings import BudgetSettings
from search.errors import StudyError, StudyNotFound
from search.runs.folder import RunFolder
from search.settings.study import StudySettings
from search.spending.budgets import FILE
from search.study.ledger import study_ledger
from search.study.records import read_records

KINDS = ("money", "tokens", "checks", "hours")
"""What can be capped, as `BudgetSettings` names it."""
_WHOLE = ("tokens", "checks")


@dataclass(frozen=True, slots=True)
class Spent:
    """What a study has spent so far, in the units of `BudgetSettings`."""

    money: float = 0.0
    tokens: float = 0.0
    checks: float = 0.0
    hours: float = 0.0

    @classmethod
    def by(cls, run: RunFolder, settings: StudySettings) -> Spent:
        """What a run folder's study has spent; nothing where there is none.

        Raises:
            StudyError: the study or its budget cannot be read.
        """
        if (run.path / FILE).is_file():
            purse = Purse(run.path / FILE, Caps())
            return cls._of(purse.spent(), purse.seconds())
        cost = _known(run, settings)  # it ran without caps
        return cls._of(Amount.of(cost), cost.seconds / settings.search.concurrent_trials)

    @classmethod
    def _of(cls, amount: Amount, seconds: float) -> Spent:
        return cls(amount.nanodollars / NANO, amount.tokens, amount.checks, seconds / 3600)


def _known(run: RunFolder, settings: StudySettings) -> Cost:
    try:
        return Cost(**run.facts()["spent"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not finished, or another version's
    try:
        return study_ledger(read_records(run.existing_study(), settings.name)).spent
    except StudyNotFound:
        return Cost()


def shared_out(
    whole: BudgetSettings, own: BudgetSettings, spent: Mapping[str, Spent]
) -> dict[str, BudgetSettings]:
    """Each study's caps: its share of the sweep's, or its own where that is lower.

    Args:
        whole: the sweep's caps.
        own: the study file's, of each study.
        spent: what each student's study has spent, by the student's short name.

    Raises:
        StudyError: more is spent already than a cap allows.
    """
    caps: dict[str, dict[str, float | None]] = {name: {} for name in spent}
    for kind in KINDS:
        cap = getattr(whole, kind)
        if cap is None:
            continue
        used = {name: float(getattr(one, kind)) for name, one in spent.items()}
        for name, share in _shares(kind, cap, used).items():
            mine = getattr(own, kind)
            lower = share if mine is None else min(share, mine)
            caps[name][kind] = int(lower) if kind in _WHOLE else lower
    return {name: own.model_copy(update=one) for name, one in caps.items()}


def _shares(kind: str, cap: float, used: Mapping[str, float]) -> dict[str, float]:
    if sum(used.values()) > cap:
        raise StudyError(
            f"the sweep's studies have spent {shown(sum(used.values()))} of "
            f"--{option(kind)} {shown(cap)}; raise it to go on"
        )
    shares: dict[str, float] = {}
    left = cap
    for name, amount in sorted(used.items(), key=lambda one: -one[1]):  # the costliest first
        equal = left / (len(used) - len(shares))
        shares[name] = max(equal, amount)
        left -= shares[name]
    return {name: shares[name] for name in used}


def option(kind: str) -> str:
    """A cap's option on the command line."""
    return kind.replace("_", "-")


def shown(amount: float) -> str:
    """An amount for a person: whole where it is large, four digits where it is not."""
    return f"{amount:,.0f}" if amount >= 1000 else f"{amount:.4g}"


def cap_lines(whole: BudgetSettings, shares: Mapping[str, BudgetSettings]) -> list[str]:
    """What each student may spend; nothing where the sweep has no cap."""
    lines = []
    for kind in KINDS:
        cap = getattr(whole, kind)
        if cap is not None:
            each = ", ".join(f"{name} {shown(getattr(one, kind))}" for name, one in shares.items())
            lines.append(f"budget      --{option(kind)} {shown(cap)} over the whole sweep: {each}")
    return lines
