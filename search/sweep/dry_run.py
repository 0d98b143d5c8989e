"""`outerloop sweep --dry-run`: what every study of a sweep would do and cost, and the table."""

from __future__ import annotations

from evaluators.words import counted
from search.driver.dry_run import dry_run_lines
from search.sweep.shares import cap_lines
from search.sweep.sweep import Sweep


def sweep_dry_run_lines(sweep: Sweep) -> list[str]:
    """What a sweep would do, after checking all that can be checked before the first token.

    Raises:
        StudyError: one of the studies could not start, or more is spent than the sweep may.
    """
    searches = sweep.searches()
    lines = [f"sweep folder {sweep.folder}{' (exists)' if sweep.folder.exists() else ''}"]
    lines += cap_lines(sweep.budget, sweep.shares())
    for place, search in enumerate(searches.values(), start=1):
        lines += ["", f"student {place} of {len(searches)}: {search.settings.student}"]
        lines += dry_run_lines(search)
    students, seeds = len(searches), len(sweep.fresh_seeds)
    rows = 1 + sweep.best * students
    return [
        *lines,
        "",
        f"transfer    up to {counted(rows, 'recipe')} × {counted(students, 'student')} × "
        f"{counted(seeds, 'fine-tune')} on the "
        "search problems, each about as long as a trial; less what the final comparisons left",
        "shared      a recipe that several studies try is generated and checked once; the "
        "estimates above count it for each",
    ]
