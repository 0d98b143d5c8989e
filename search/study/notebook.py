"""What a study remembers of itself, seen by those who need no more of it."""

from __future__ import annotations

from typing import Protocol


class Notebook(Protocol):
    """A study's memory."""

    def note(self, name: str, value: object) -> None:
        """Remember a fact."""
        ...

    def noted(self, name: str) -> object:
        """A fact; None where nobody noted it."""
        ...
