"""What `outerloop report` prints: the same lines a search prints when it is done."""

from __future__ import annotations

from search.comparisons.transfer_table import transfer_lines
from search.console import Table
from search.report.arms_table import arms_table
from search.report.ledger import ledger_notes, ledger_table
from search.report.proxy_table import proxies_table
from search.report.recipe_words import repeats_line
from search.report.run_view import RunView, standing
from search.report.rung_lines import rung_lines
from search.report.terminal import (
    best_line,
    final_lines,
    refusal_lines,
    trials_table,
)


def report_text(view: RunView) -> list[str | Table]:
    """A run as lines and tables; of a run without a score, one line that says so."""
    parts: list[str | Table] = [
        f"run folder  {view.path}",
        f"study       {view.study}, student {view.student}",
        f"standing    {standing(view)}",
        *(f"not shown   {notice}" for notice in view.notices),
    ]
    if not any(record.outcome for record in view.records):
        return parts
    parts += ["", trials_table(view.records), "", proxies_table(view.records), ""]
    parts += [*arms_table(view.records, view.arms), *refusal_lines(view.records, view.task), ""]
    ledger = view.ledger
    parts += [ledger_table(ledger), *ledger_notes(ledger), ""]
    parts += [*rung_lines(view.records), best_line(view.records, seed=0)]
    parts += [repeats_line(view.repeats)] if view.repeats else []
    if view.final is not None:
        parts += ["", *final_lines(view.final)]
    if view.transfer is not None:
        parts += transfer_lines(view.transfer)
    return [*parts, ""]
