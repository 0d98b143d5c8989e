"""Everything that can go wrong with a language model or its budget, as a tree.

    EnginesError
    ├── ModelUnavailable        a model cannot be loaded, reached or kept alive
    ├── ModelUnusable           what a model's files say keeps it from being asked or trained
    ├── PromptRefused           one prompt has no answer; others may have: a refused row
    ├── EnvironmentWrong        a variable of the environment holds what nobody can use
    ├── BudgetUnusable          the file that a budget is kept in cannot be used
    └── Stopped                 nothing more can be asked for now; it can go on later
        ├── BudgetSpent         what would be sent next does not fit the caps; it was not sent
        └── EndpointExhausted   a model's endpoint wants no more requests for now

Every error survives pickling, because Ray carries it between processes.
"""

from __future__ import annotations


class EnginesError(Exception):
    """Base of every error of this package."""


class ModelUnavailable(EnginesError):
    """A language model cannot be loaded or reached, or keeps failing."""


class ModelUnusable(EnginesError):
    """What a model's files say keeps it from being asked or trained."""


class PromptRefused(EnginesError):
    """A model gave one prompt no answer that is of use; no fault of the others.

    Args:
        code: why, as one of the reasons of refused rows.
        words: what was said, in one line.
    """

    def __init__(self, code: str, words: str) -> None:
        super().__init__(code, words)
        self.code = code
        self.words = words

    def __str__(self) -> str:
        """The reason and the words in one line."""
        return f"{self.code}: {self.words}"


class EnvironmentWrong(EnginesError):
    """A variable of the environment holds what nobody can use."""


class BudgetUnusable(EnginesError):
    """The file that says what is spent cannot be opened or written."""


class Stopped(EnginesError):
    """Nothing more can be asked for now. No failure of a trial: it can go on."""


class BudgetSpent(Stopped):
    """What would be sent next does not fit the caps."""


class EndpointExhausted(Stopped):
    """A model's endpoint wants no more requests for now: its quota, or a long pause."""


def first_line(text: str) -> str:
    """The line of an error's text that says what happened."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else "no reason given"
