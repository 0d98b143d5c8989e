"""Running trials that nobody runs.

A dead driver leaves some. What people get wrong: a live one can too. A storage that goes away
after it has made a trial and before it has said so is asked again and makes another; nobody heard
of the first, and a study that waits for every running trial would never be done.
"""

from __future__ import annotations

from collections.abc import Callable

import optuna
from optuna.trial import TrialState


class Orphans:
    """One driver's look at a study: the trials to be adopted, by number."""

    def __init__(self) -> None:
        self._numbers: list[int] | None = None
        self._heard_of: set[int] = set()
        self._all_below = 0
        """Every smaller number was heard of."""

    def take(self, study: optuna.Study) -> int | None:
        """The next trial to adopt; what was running at the first call is a dead driver's."""
        if self._numbers is None:
            trials = study.get_trials(deepcopy=False)
            begun = [one for one in trials if one.state is not TrialState.WAITING]
            self._heard_of = {one.number for one in begun}
            self._numbers = [one.number for one in begun if one.state is TrialState.RUNNING]
        return self._numbers.pop(0) if self._numbers else None

    def hear_of(self, number: int, state_of: Callable[[int], TrialState]) -> None:
        """A trial was made for this driver; those below it that it never heard of are its too."""
        self._heard_of.add(number)
        while self._all_below in self._heard_of:
            self._heard_of.remove(self._all_below)
            self._all_below += 1
        for gap in range(self._all_below, number):
            if gap not in self._heard_of and state_of(gap) is TrialState.RUNNING:
                self._heard_of.add(gap)
                self._numbers = [*(self._numbers or []), gap]
