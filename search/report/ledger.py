"""A study's ledger as a person reads it: what each kind of stage cost, and each trial."""

from __future__ import annotations

from engines.ledger import Cost, StudyLedger, money
from evaluators.words import counted
from search.console import Column, Table, table

_COLUMNS = (
    "seconds", "CPU s", "GPU s", "tokens in", "cached", "tokens out", "money", "training tokens",
    "checks",
)  # fmt: skip


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
