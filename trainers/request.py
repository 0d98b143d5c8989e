"""What is asked of a trainer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trainers.config import TrainingConfig
from trainers.dataset import Example


@dataclass(frozen=True, slots=True)
class FineTune:
    """One fine-tune: `trainers.fine_tuning.fine_tune` does it.

    The same examples, student, configuration and seed give the same weights on the same machine.
    """

    examples: tuple[Example, ...]
    student: str
    """A model folder, or a hub id."""
    config: TrainingConfig
    seed: int
    out_dir: Path
    """Where the weights are left."""
