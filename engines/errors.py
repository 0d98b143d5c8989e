"""Everything that can go wrong with a language model or its budget, as a tree."""

from __future__ import annotations

from search.errors import SearchError, TrialStopped


class BudgetSpent(TrialStopped):
    """What would be sent next does not fit the caps. No failure of the trial: it can go on."""


class GeneratorUnavailable(SearchError):
    """The generator's model cannot be loaded or reached, or keeps failing."""


def first_line(text: str) -> str:
    """The line of an error's text that says what happened."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else "no reason given"
