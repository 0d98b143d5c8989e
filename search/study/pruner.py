"""The rungs' rules as an Optuna pruner: everything it goes by is read from the study.

One of the files for Optuna; see `search.study.study`. What a rung decided is noted with the trial
before anybody acts on it, so a driver that was killed in between and the one after it agree.
"""

from __future__ import annotations

from collections.abc import Mapping

import optuna
from optuna.trial import FrozenTrial, TrialState
from pydantic import TypeAdapter

from search.study.notes import note_in_trial, noted_in_trial
from search.trial.rung_rules import Climber, RungDecision, RungRules, decide

_DECISION = TypeAdapter(RungDecision)
_NOTED = "rung_"


class RungPruner(optuna.pruners.BasePruner):
    """Stops a trial at its last reported step where the rules say so.

    Args:
        rules: who goes on from a rung.
    """

    def __init__(self, rules: RungRules) -> None:
        self._rules = rules

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        """See `optuna.pruners.BasePruner.prune`."""
        step = trial.last_step
        return step is not None and not self.decision(study, trial, step).goes_on

    def decision(self, study: optuna.Study, trial: FrozenTrial, step: int) -> RungDecision:
        """What becomes of a trial that reported at a step; what was noted of it stays."""
        noted = decisions_of(trial).get(step)
        if noted is not None:
            return noted
        earlier = [
            Climber(found, one.value if one.state is TrialState.COMPLETE else None)
            for one in study.get_trials(deepcopy=False)
            if one.number != trial.number and (found := _decision(one, step)) is not None
        ]
        return decide(
            trial.intermediate_values[step],
            step=step,
            number=trial.number,
            earlier=earlier,
            rules=self._rules,
        )


def note_decision(trial: optuna.Trial, decision: RungDecision) -> None:
    """Keep with the trial what was decided."""
    note_in_trial(trial, f"{_NOTED}{decision.step}", _DECISION.dump_json(decision).decode())


def decisions_of(trial: FrozenTrial) -> Mapping[int, RungDecision]:
    """What was decided of a trial at each rung, by its step."""
    found = {step: _decision(trial, step) for step in sorted(trial.intermediate_values)}
    return {step: decision for step, decision in found.items() if decision is not None}


def _decision(trial: FrozenTrial, step: int) -> RungDecision | None:
    noted = noted_in_trial(trial).get(f"{_NOTED}{step}")
    return _DECISION.validate_json(noted) if noted else None
