"""Everything that can go wrong while judging, as a tree.

EvaluatorsError
├── EvaluationError     a student that cannot be loaded, settings that cannot be met
└── StatisticsError     numbers that cannot be compared: none at all, pairs that do not match
"""

from __future__ import annotations


class EvaluatorsError(Exception):
    """Base of every error of this package; one line for a person."""


class EvaluationError(EvaluatorsError):
    """An evaluation cannot start or go on."""


class StatisticsError(EvaluatorsError):
    """Numbers from which nothing can be concluded."""
