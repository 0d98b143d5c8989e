"""Everything that can go wrong while judging, as a tree.

EvaluatorsError
├── EvaluationError     a student that cannot be loaded, problems that cannot be judged
├── TaskUnknown         no final task of that name
├── RowsError           a contexts, problems or demos file, or a row of one
├── BenchmarkError      a benchmark of which no problem can be read
├── StatementError      a text that cannot be read as one theorem statement
├── ContaminationError  what is learnt from holds what is asked
└── StatisticsError     numbers that cannot be compared: none at all, pairs that do not match
"""

from __future__ import annotations


class EvaluatorsError(Exception):
    """Base of every error of this package; one line for a person."""


class EvaluationError(EvaluatorsError):
    """An evaluation cannot start or go on."""


class StatementError(EvaluatorsError):
    """A text that cannot be read as one theorem statement."""


class TaskUnknown(EvaluatorsError):
    """There is no final task of that name."""


class RowsError(EvaluatorsError):
    """A contexts, problems or demos file is missing, empty or has a row that cannot be one."""


class BenchmarkError(EvaluatorsError):
    """A benchmark that cannot be read, or of which no problem is left."""


class ContaminationError(EvaluatorsError):
    """A problem of the final task stands in what the student or its generator learns from."""


class StatisticsError(EvaluatorsError):
    """Numbers from which nothing can be concluded."""
