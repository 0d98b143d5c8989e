"""Everything that can go wrong while training, as a tree.

TrainersError
└── TrainingError       no examples, a loss that is not finite, a student that cannot be loaded
"""

from __future__ import annotations


class TrainersError(Exception):
    """Base of every error of this package; one line for a person."""


class TrainingError(TrainersError):
    """A fine-tune cannot start, or ended with weights nobody should use."""
