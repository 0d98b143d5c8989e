"""A study's ledger as a person reads it: by kind of stage, and by whose stages they were.

What people get wrong: summing the trials alone. The finalists, the sealed comparison, proposals
and trials that were stopped have paid for stages too, and all of them stand here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from engines.ledger import Cost, StudyLedger, money
from evaluators.words import counted
from search.console import Column, Table, table

_COLUMNS = (
    "seconds", "CPU s", "GPU s", "tokens in", "cached", "tokens out", "money", "training tokens",
    "checks",
)  # fmt: skip
SUM = "spent in all"
_NAMES = {
    "nanodollars": "money",
    "unpriced_tokens": "tokens without a price",
    "cpu_seconds": "CPU seconds",
    "gpu_seconds": "GPU seconds",
    "checks": "checks",
}
_LISTED = 100
"""Trials and arms listed by themselves; those beyond stand in one line."""


def ledger_table(ledger: StudyLedger) -> Table:
    """One line a kind of stage, and the sum."""
    columns = [Column("stage", "left"), *map(Column, _COLUMNS)]
    costs = {**ledger.by_stage(), "spent": ledger.spent, "read instead": ledger.saved}
    rows = [(stage, *_cells(cost)) for stage, cost in costs.items()]
    return table(columns, rows, title="Ledger")


def so_far(ledger: StudyLedger) -> str:
    """What a study has spent before its final comparison, in one line."""
    used, kept = ledger.spent, ledger.saved
    ahead = sum(
        (cost for who, cost in ledger.by_trial().items() if who.startswith("final")), Cost()
    )
    early = (
        f" ({ahead.seconds:.0f} s of it ahead, for the final comparison)" if ahead.seconds else ""
    )
    paid = "" if money(used) == "–" else f" ({money(used)})"
    return (
        f"so far      {used.seconds:.0f} s of stage time{early}, {used.cpu_seconds:.0f} CPU s, "
        f"{used.input_tokens:,} generator tokens in and {used.output_tokens:,} out{paid}, "
        f"{counted(used.training_tokens, 'training token')}, "
        f"{counted(used.checks, 'check')}; "
        f"{kept.seconds:.0f} s more were read instead of run"
    )


def ledger_notes(ledger: StudyLedger) -> list[str]:
    """What the table cannot say of itself."""
    unpriced = ledger.spent.unpriced_tokens
    if not unpriced:
        return []
    return [
        f"No price is known for {unpriced:,} of the tokens; state `generator.price` to have their "
        "money counted."
    ]


def _cells(cost: Cost) -> list[str]:
    return [
        f"{cost.seconds:,.0f}",
        f"{cost.cpu_seconds:,.0f}",
        f"{cost.gpu_seconds:,.0f}",
        f"{cost.input_tokens:,}",
        f"{cost.cached_tokens:,}",
        f"{cost.output_tokens:,}",
        money(cost),
        f"{cost.training_tokens:,}",
        f"{cost.checks:,}",
    ]


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """What one stage, or one trial, cost."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LedgerSection:
    """Two tables with the same columns."""

    columns: tuple[str, ...]
    by_stage: tuple[LedgerLine, ...]
    by_trial: tuple[LedgerLine, ...]
    notes: tuple[str, ...]


def ledger_section(ledger: StudyLedger) -> LedgerSection:
    """A study's ledger as the page shows it; without a stage, no lines."""
    read = {"read instead of run": ledger.saved}
    stages = {**ledger.by_stage(), SUM: ledger.spent, **read}
    columns = _columns(stages)
    return LedgerSection(
        columns=tuple(_NAMES.get(name, name.replace("_", " ")) for name in columns),
        by_stage=_lines(stages, columns) if columns else (),
        by_trial=_lines({**_by_trial(ledger), SUM: ledger.spent}, columns) if columns else (),
        notes=tuple(ledger_notes(ledger)),
    )


def _by_trial(ledger: StudyLedger) -> dict[str, Cost]:
    """Whoever paid, the dearest in time first."""
    paid = {who: cost for who, cost in ledger.by_trial().items() if cost != Cost()}
    ranked = sorted(paid.items(), key=lambda one: -one[1].seconds)
    listed, rest = ranked[:_LISTED], ranked[_LISTED:]
    others = {counted(len(rest), "other"): sum((cost for _, cost in rest), Cost())} if rest else {}
    return {**dict(listed), **others}


def _lines(costs: Mapping[str, Cost], columns: Sequence[str]) -> tuple[LedgerLine, ...]:
    return tuple(
        LedgerLine(name, tuple(_amount(cost, column) for column in columns))
        for name, cost in costs.items()
    )


def _columns(costs: Mapping[str, Cost]) -> list[str]:
    """The fields of the ledger that are anywhere above zero; columns of zeros say nothing."""
    return [
        one.name for one in fields(Cost) if any(getattr(cost, one.name) for cost in costs.values())
    ]


def _amount(cost: Cost, column: str) -> str:
    if column == "nanodollars":
        return money(cost)
    value = getattr(cost, column)  # a field of Cost
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
