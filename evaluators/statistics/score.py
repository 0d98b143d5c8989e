"""A number with its error, its n and its interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """A pass rate over problems."""

    value: float
    """Share of problems passed, 0 to 1."""
    standard_error: float
    n: int
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""

    def __str__(self) -> str:
        """The score as people write it: `42.3 % [37.0, 47.8] (n = 300)`."""
        return (
            f"{self.value:.1%} [{self.low * 100:.1f}, {self.high * 100:.1f}] (n = {self.n})"
        ).replace("%", " %", 1)
