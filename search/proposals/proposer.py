"""The seam for whoever proposes arms."""

from __future__ import annotations

from typing import Protocol

from search.proposals.view import StudyView
from search.recipes.pool import Draft
from search.settings.proposals import Growing, Source


class Proposer(Protocol):
    """Thinks of arms for one pool. It may take its time: it never runs where trials are told."""

    source: Source
    name: str
    """By which a study remembers it: the source, and the language model where there is one. Who is
    retired stays retired under this name."""
    parameter: Growing

    def propose(self, view: StudyView, *, seed: int) -> Draft | None:
        """A draft, or None while there is nothing to make one from.

        The draft need not be new, short or clean: the gate looks at it. A proposer whose drafts
        are refused again and again is retired.

        Args:
            view: the study at this moment.
            seed: of everything drawn; another one at every call.

        Raises:
            SearchError: its language model cannot be reached, or the budget is spent.
        """
        ...
