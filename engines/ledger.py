"""What each stage cost: seconds, tokens, money, checks.

Costs are written into the stage's own manifest, once, by the process that ran the stage. A trial
that reads a stage names it in its ledger too, but does not pay again: `spent` sums what a trial
ran, in this attempt or in one that was killed; `saved` what others had run before. Money is kept
in whole nanodollars, so that the sum by stage, by trial and of the study are the same number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

NANO = 1_000_000_000
"""Nanodollars in a dollar; a price of $1 a million tokens is 1,000 nanodollars a token."""
_LEAST = NANO // 10_000
"""The least money that four digits show."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one computation used."""

    seconds: float = 0.0
    """Wall-clock seconds."""
    cpu_seconds: float = 0.0
    """Processor seconds of the trial and of its learner, and the seconds that Lean workers were
    busy for it."""
    gpu_seconds: float = 0.0
    """Seconds a GPU was held for, times the share of it that was held."""
    input_tokens: int = 0
    """Tokens the generator read."""
    cached_tokens: int = 0
    """Those of them that an endpoint had in its cache."""
    output_tokens: int = 0
    """Tokens the generator wrote."""
    nanodollars: int = 0
    """What the tokens cost; 0 for a generator on this machine."""
    unpriced_tokens: int = 0
    """Tokens of an endpoint whose price nobody knows; their money is missing above."""
    training_tokens: int = 0
    """Tokens the student saw in training."""
    checks: int = 0
    """Programs that Lean was asked about."""

    @property
    def dollars(self) -> float:
        """What the tokens cost, in US dollars."""
        return self.nanodollars / NANO

    @property
    def tokens(self) -> int:
        """Tokens the generator read and wrote."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Cost) -> Cost:
        """Field by field."""
        return Cost(
            **{
                one.name: getattr(self, one.name) + getattr(other, one.name)
                for one in dataclasses.fields(self)
            }
        )


@dataclass(frozen=True, slots=True)
class StageCost:
    """One line of the ledger."""

    stage: str
    key: str
    """The stage's folder in the store."""
    cached: bool
    """Whether the stage was read and not run."""
    cost: Cost
    own: bool = False
    """Whether a read stage was run by an earlier attempt of this very trial."""

    @property
    def paid(self) -> bool:
        """Whether this trial ran the stage."""
        return self.own or not self.cached


def spent(lines: Iterable[StageCost]) -> Cost:
    """The sum over the stages that were run."""
    return sum((line.cost for line in lines if line.paid), Cost())


def saved(lines: Iterable[StageCost]) -> Cost:
    """The sum over the stages that were read instead of run."""
    return sum((line.cost for line in lines if not line.paid), Cost())


@dataclass(slots=True)
class Ledger:
    """The lines of one trial, in the order its stages ended."""

    on_line: Callable[[StageCost], None] | None = None
    """Told of every line as it is written: this is how progress reaches the terminal."""
    lines: list[StageCost] = field(default_factory=list)

    def record(self, line: StageCost) -> None:
        """Add a line and tell whoever listens."""
        self.lines.append(line)
        if self.on_line is not None:
            self.on_line(line)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A line of the study's ledger, and whose it is."""

    who: str
    """`trial 3`, or `final: best`."""
    line: StageCost


@dataclass(frozen=True, slots=True)
class StudyLedger:
    """Everything a study paid for and read; each stage paid once, whoever names it twice."""

    entries: tuple[LedgerEntry, ...]

    @classmethod
    def of(cls, entries: Iterable[LedgerEntry]) -> StudyLedger:
        """The ledger of the entries; a stage that two of them paid for is paid by the first."""
        kept: list[LedgerEntry] = []
        paid: set[tuple[str, str]] = set()
        for entry in entries:
            line, name = entry.line, (entry.line.stage, entry.line.key)
            if line.paid and name in paid:
                line = dataclasses.replace(line, cached=True, own=False)
            elif line.paid:
                paid.add(name)
            kept.append(LedgerEntry(entry.who, line))
        return cls(tuple(kept))

    @property
    def spent(self) -> Cost:
        """What the study paid."""
        return spent(entry.line for entry in self.entries)

    @property
    def saved(self) -> Cost:
        """What it read instead of running it."""
        return saved(entry.line for entry in self.entries)

    def by_stage(self) -> dict[str, Cost]:
        """What was paid, by kind of stage, in the order the kinds first appear."""
        return self._by(lambda entry: entry.line.stage)

    def by_trial(self) -> dict[str, Cost]:
        """What was paid, by whose stage it was."""
        return self._by(lambda entry: entry.who)

    def _by(self, name: Callable[[LedgerEntry], str]) -> dict[str, Cost]:
        sums: dict[str, Cost] = {}
        for entry in self.entries:
            here = entry.line.cost if entry.line.paid else Cost()
            sums[name(entry)] = sums.get(name(entry), Cost()) + here
        return sums


def money(cost: Cost) -> str:
    """Dollars, with a + where some tokens have no price; a dash where nothing costs money."""
    if not cost.nanodollars:
        return "no price known" if cost.unpriced_tokens else "–"
    known = f"${cost.dollars:.4f}" if cost.nanodollars >= _LEAST else "<$0.0001"
    return known + (" +" if cost.unpriced_tokens else "")
