"""What a study may spend: the caps of the study file, and what is held against them.

A cap holds inside a step: what a request may cost at worst is set aside before it is sent, and
what does not fit is not sent (see `engines.budget`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from engines.ledger import NANO, Cost
from engines.settings import BudgetSettings


@dataclass(frozen=True, slots=True)
class Amount:
    """What is counted against caps."""

    nanodollars: int = 0
    tokens: int = 0
    checks: int = 0

    @classmethod
    def of(cls, cost: Cost) -> Amount:
        """The part of a cost that caps know of."""
        return cls(cost.nanodollars, cost.tokens, cost.checks)

    def __add__(self, other: Amount) -> Amount:
        """Kind by kind."""
        mine, theirs = self.kinds(), other.kinds()
        return Amount(**{name: mine[name] + theirs[name] for name in mine})

    def kinds(self) -> dict[str, int]:
        """The numbers by kind."""
        return {one.name: int(getattr(self, one.name)) for one in fields(self)}


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits by kind; None is none."""

    nanodollars: int | None = None
    tokens: int | None = None
    checks: int | None = None
    seconds: float | None = None
    share: float = 1.0
    """How much of the study's caps these are; the rest is kept for the final comparison."""

    @classmethod
    def of(cls, settings: BudgetSettings, *, final: bool) -> Caps:
        """The caps of the trials, or of everything."""
        share = 1.0 if final else 1.0 - settings.kept_for_final

        def part(whole: float | None) -> int | None:
            return None if whole is None else int(whole * share)

        return cls(
            nanodollars=part(None if settings.money is None else settings.money * NANO),
            tokens=part(settings.tokens),
            checks=part(settings.checks),
            seconds=None if settings.hours is None else settings.hours * 3600 * share,
            share=share,
        )

    def exceeded_by(self, amount: Amount) -> str:
        """The first kind of which an amount is more than its cap; empty where it fits."""
        limits = {
            "nanodollars": self.nanodollars,
            "tokens": self.tokens,
            "checks": self.checks,
        }
        for kind, counted in amount.kinds().items():
            limit = limits[kind]
            if limit is not None and counted > limit:
                return kind
        return ""

    def sentence(self, kind: str, spent: Amount, seconds: float) -> str:
        """Why nothing more is sent: the cap, what is spent of it, the way out."""
        cap, used = {
            "nanodollars": (_dollars(self.nanodollars), _dollars(spent.nanodollars)),
            "tokens": (f"{self.tokens or 0:,}", f"{spent.tokens:,}"),
            "checks": (f"{self.checks or 0:,}", f"{spent.checks:,}"),
            "seconds": (f"{(self.seconds or 0) / 3600:.2f}", f"{seconds / 3600:.2f}"),
        }[kind]
        setting = {"nanodollars": "money", "seconds": "hours"}.get(kind, kind)
        of_trials = "the trials' share of " if self.share < 1 else ""
        return (
            f"{used} of {of_trials}budget.{setting} = {cap} are spent and the next request does "
            f"not fit; raise budget.{setting} and run again with --resume"
        )


def _dollars(nanodollars: int | None) -> str:
    return f"${(nanodollars or 0) / NANO:.4f}"
