"""From a training configuration to the trainer that follows it."""

from __future__ import annotations

from trainers.config import TrainingConfig
from trainers.fine_tuning import FineTuner
from trainers.trainer import Trainer


def make_trainer(config: TrainingConfig) -> Trainer:
    """The trainer for a configuration; nothing is loaded until it trains."""
    return FineTuner(config)
