"""What each stage cost: seconds, tokens, Lean checks.

A stage that was read and not run keeps the cost of the run that made it, marked `cached`, so a
sum can say both what was spent and what was saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cost:
    """What one computation used."""

    seconds: float = 0.0
    input_tokens: int = 0
    """Tokens the generator read."""
    output_tokens: int = 0
    """Tokens the generator wrote."""
    training_tokens: int = 0
    """Tokens the student saw in training."""
    lean_checks: int = 0

    def __add__(self, other: Cost) -> Cost:
        """Field by field."""
        return Cost(
            seconds=self.seconds + other.seconds,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            training_tokens=self.training_tokens + other.training_tokens,
            lean_checks=self.lean_checks + other.lean_checks,
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


def spent(lines: Iterable[StageCost]) -> Cost:
    """The sum over the stages that were run."""
    return sum((line.cost for line in lines if not line.cached), Cost())


def saved(lines: Iterable[StageCost]) -> Cost:
    """The sum over the stages that were read instead of run."""
    return sum((line.cost for line in lines if line.cached), Cost())


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
