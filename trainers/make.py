"""From a training configuration to the trainer that follows it."""

from __future__ import annotations

from trainers.config import TrainingConfig
from trainers.trainer import Trainer


def make_trainer(config: TrainingConfig) -> Trainer:
    """The trainer for a configuration; no student is loaded until it trains.

    Imports torch and transformers: some seconds, once a process.
    """
    from trainers.fine_tuning import FineTuner

    return FineTuner(config)
