"""The study: what was tried and what came of it, in a storage that outlives every process.

The only Optuna code. The study is the search's one truth: a trial is finished when the study
says so, and everything else (tables, MLflow, the manifest) can be rebuilt from it. Finished trials
cannot be changed, so a trial's outcome is written before it is told.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, cast

import optuna  # noqa: TID251 - this is the one file for Optuna
from optuna.trial import FrozenTrial, TrialState  # noqa: TID251

from search.money.ledger import StageCost, saved, spent
from search.study.changes import Change, allowed, changes, refuse_changes
from search.study.records import COSTS, OUTCOME, TrialRecord, record_of
from search.study.space import Choice, Distribution, Parameters, ParameterValue, Real
from search.study.storage import open_to_write
from search.trials.trial import TrialOutcome

Sampler = Literal["tpe", "random"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A trial to run: its number and what to try."""

    number: int
    parameters: Parameters
    adopted: bool = False
    """Whether a dead driver had begun it; it keeps its number and its parameters."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a trial has no score, and what its candidates were refused for if that is why."""

    error: str
    candidates: int = 0
    refused: dict[str, int] = field(default_factory=dict)


class Attacher(Protocol):
    """Puts something for a person beside a trial that is about to be told."""

    def attach(self, trial: optuna.Trial, record: TrialRecord) -> None:
        """Attach it, or leave it where it is attached already.

        Raises:
            OSError: there is no place for it; the trial is told without.
        """
        ...


class SearchStudy:
    """A study in a file, opened for writing by one driver at a time.

    Args:
        path: the study's file in the run folder.
        name: the study's name in it.
        space: the parameters; fixed for the study's life.
        sampler: who proposes.
        startup_trials: trials proposed by chance first.
        seed: of the sampler.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        space: Mapping[str, Distribution],
        sampler: Sampler,
        startup_trials: int,
        seed: int,
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        storage = open_to_write(path)
        self._space = dict(space)
        self._study = optuna.create_study(
            storage=storage, study_name=name, direction="maximize", load_if_exists=True
        )
        # a resumed sampler must not draw again what it drew before
        seed += len(self._study.get_trials(deepcopy=False))
        self._study.sampler = _sampler(sampler, startup_trials=startup_trials, seed=seed)
        self._adopted: set[int] = set()
        self._finished: dict[int, TrialRecord] = {}
        self._attacher: Attacher | None = None

    @property
    def identity(self) -> str:
        """Names this study and no other, wherever it is logged."""
        known = self._study.user_attrs.get("identity")
        if known is None:
            known = uuid.uuid4().hex
            self._study.set_user_attr("identity", known)
        return str(known)

    def describe(
        self, settings: Mapping[str, object], *, may_change: frozenset[str]
    ) -> list[Change]:
        """Tie the study to what it was made from, or check that it still is.

        Gives what changed of what may.

        Args:
            settings: flat settings, by dotted name.
            may_change: names whose change leaves earlier scores comparable.

        Raises:
            StudyChanged: the study was made from others.
        """
        before = self._study.user_attrs.get("settings")
        found = changes(json.loads(before), settings) if before is not None else []
        refuse_changes(self._study.study_name, found, may_change=may_change)
        self._study.set_user_attr("settings", json.dumps(settings, sort_keys=True))
        return allowed(found, may_change)

    def begin_with(self, parameters: Parameters) -> None:
        """Make these the first trial, unless the study has begun."""
        if not self._study.get_trials(deepcopy=False):
            self._study.enqueue_trial(dict(parameters), user_attrs={"origin": "baseline"})

    def attach_with(self, attacher: Attacher) -> None:
        """Have something put beside every trial that ends from now on."""
        self._attacher = attacher

    def propose(self) -> Proposal:
        """The next trial: one that a dead driver left behind, or a new one."""
        orphan = self._orphan()
        if orphan is not None:
            self._adopted.add(orphan.number)
            trial = self._live(orphan.number)
            trial.set_user_attr("attempts", trial.user_attrs.get("attempts", 1) + 1)
        else:
            trial = self._study.ask()
            self._adopted.add(trial.number)
        return Proposal(trial.number, self._parameters(trial), adopted=orphan is not None)

    def complete(self, number: int, outcome: TrialOutcome, costs: tuple[StageCost, ...]) -> None:
        """Tell the study a trial's score, and all that is known of it."""
        score = outcome.score
        facts: dict[str, object] = {
            "standard_error": score.standard_error,
            "n": score.n,
            "low": score.low,
            "high": score.high,
            "candidates": outcome.candidates,
            "examples": outcome.examples,
            "validity": outcome.validity,
            "faithfulness": outcome.faithfulness,
            "compiled": outcome.compiled,
            "undecided": outcome.undecided,
            "final_loss": outcome.final_loss,
            "refused": json.dumps(outcome.refused),
            **{f"proxy_{proxy.name}": proxy.value for proxy in outcome.proxies},
            "outcome": OUTCOME.dump_json(outcome).decode(),
        }
        self._finish(number, facts, costs, score.value)

    def fail(self, number: int, failure: Failure, costs: tuple[StageCost, ...]) -> None:
        """Tell the study that a trial has no score, and why; the sampler sees no number."""
        facts: dict[str, object] = {
            "error": failure.error[:6000],
            "candidates": failure.candidates,
            "refused": json.dumps(failure.refused),
        }
        self._finish(number, facts, costs, None)

    def records(self) -> list[TrialRecord]:
        """Every trial that was begun, by number."""
        trials = self._study.get_trials(deepcopy=False)
        return [self._record(trial) for trial in trials if trial.state is not TrialState.WAITING]

    def record(self, number: int) -> TrialRecord:
        """One trial that was begun."""
        return self._record(self._study._storage.get_trial(self._id_of(number)))

    def note(self, name: str, value: object) -> None:
        """Remember a fact of the whole study."""
        self._study.set_user_attr(name, value)

    def noted(self, name: str) -> object:
        """A fact of the whole study, None where nobody noted it."""
        return cast("object", self._study.user_attrs.get(name))

    def _finish(
        self,
        number: int,
        facts: Mapping[str, object],
        costs: tuple[StageCost, ...],
        value: float | None,
    ) -> None:
        trial = self._live(number)
        total = spent(costs)
        numbers = {
            "seconds": total.seconds,
            "seconds_saved": saved(costs).seconds,
            "generator_tokens": total.input_tokens + total.output_tokens,
            "lean_checks": total.lean_checks,
            "costs": COSTS.dump_json(costs).decode(),
        }
        for name, fact in {**facts, **numbers}.items():
            trial.set_user_attr(name, fact)
        state = TrialState.FAIL if value is None else TrialState.COMPLETE
        self._attach(trial, state)
        self._study.tell(number, value, state=state, skip_if_finished=True)

    def _attach(self, trial: optuna.Trial, state: TrialState) -> None:
        """What a person sees beside the trial; without a place for it the score counts alike."""
        if self._attacher is None:
            return
        ending = copy(self._study._storage.get_trial(trial._trial_id))
        ending.state = state
        with suppress(OSError):
            self._attacher.attach(trial, record_of(ending))

    def _orphan(self) -> FrozenTrial | None:
        running = self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        return next((trial for trial in running if trial.number not in self._adopted), None)

    def _live(self, number: int) -> optuna.Trial:
        return optuna.Trial(self._study, self._id_of(number))

    def _id_of(self, number: int) -> int:
        """The storage's id of a trial; asked for alone, because a study may hold thousands."""
        storage = self._study._storage
        return storage.get_trial_id_from_study_id_trial_number(self._study._study_id, number)

    def _record(self, trial: FrozenTrial) -> TrialRecord:
        """A trial as ours. A finished one never changes again, so it is understood once."""
        known = self._finished.get(trial.number)
        if known is None:
            known = record_of(trial)
            if trial.state.is_finished():
                self._finished[trial.number] = known
        return known

    def _parameters(self, trial: optuna.Trial) -> dict[str, ParameterValue]:
        """What the trial tries; what an adopted trial had been given already stays."""
        return {name: _suggest(trial, name, one) for name, one in self._space.items()}


def _sampler(name: Sampler, *, startup_trials: int, seed: int) -> optuna.samplers.BaseSampler:
    if name == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    return optuna.samplers.TPESampler(n_startup_trials=startup_trials, seed=seed)


def _suggest(trial: optuna.Trial, name: str, distribution: Distribution) -> ParameterValue:
    if isinstance(distribution, Choice):
        return cast("ParameterValue", trial.suggest_categorical(name, distribution.values))
    if isinstance(distribution, Real):
        return trial.suggest_float(name, distribution.low, distribution.high)
    return trial.suggest_int(name, distribution.low, distribution.high)
