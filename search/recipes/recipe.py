"""A recipe: everything one trial tries on the generator. It knows nothing of students."""

from __future__ import annotations

from dataclasses import dataclass

from evaluators.task import Demo
from search.settings.filters import Filter


@dataclass(frozen=True, slots=True)
class Recipe:
    """Generator instruction, demo set and knobs."""

    instruction: str
    demos: tuple[Demo, ...] = ()
    temperature: float = 0.7
    """Sampling temperature of the generator; 0 is greedy."""
    attempts: int = 1
    """Candidates drawn per context; the first that passes the filter becomes the example."""
    filter: Filter = "compiles"
    keep_docstring: bool = False
    """Train on the context's own docstring in place of the one the generator wrote."""
