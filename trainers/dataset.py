"""Training pairs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """One training pair that passed the filter."""

    prompt: str
    """What the student reads; what it is asked later must read the same."""
    completion: str
    """What the student should write."""
    context_id: str
    """The context it was made from."""
