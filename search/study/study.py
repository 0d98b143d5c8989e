"""The study: what was tried and what came of it, in a storage that outlives every process.

The only Optuna code. The study is the search's one truth: a trial is finished when the study
says so, and everything else (tables, MLflow, the manifest) can be rebuilt from it. Finished trials
cannot be changed, so a trial's outcome is written before it is told.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, cast

import optuna
from optuna.trial import FrozenTrial, TrialState

from engines.json_text import read_json
from engines.ledger import StageCost, saved, spent
from evaluators.task import Demo
from search.recipes.pool import ArmPool
from search.recipes.space import Distribution, Parameters, ParameterValue, Pooled
from search.settings.changes import Change, allowed, changes, refuse_changes
from search.settings.storage_address import Place
from search.study.lease import Lease
from search.study.notes import (
    StudyBoard,
    name_the_score,
    note_in_study,
    note_in_trial,
    noted_in_study,
)
from search.study.orphans import Orphans
from search.study.pruner import RungPruner, note_decision
from search.study.records import (
    COSTS,
    OUTCOME,
    REPEATS,
    SHOWN,
    Failure,
    TrialRecord,
    record_of,
    understood,
)
from search.study.samplers import FreshSampler, Sampler, for_optuna, optunas_own
from search.study.storage import names_of, open_to_write, refuse_another
from search.study.waiting import Patience, release
from search.trial.outcome import TrialOutcome
from search.trial.rung_rules import FULL, RungDecision, RungRules


@dataclass(frozen=True, slots=True)
class Proposal:
    """A trial to run: its number and what to try."""

    number: int
    parameters: Parameters
    adopted: bool = False
    """Whether a dead driver had begun it; it keeps its number and its parameters."""
    shown: tuple[Demo, ...] | None = None
    """The demos of a demo set that was proposed while the study ran; None for one of its file."""


class Attacher(Protocol):
    """Puts something for a person beside a trial that is about to be told."""

    def attach(self, trial: optuna.Trial, record: TrialRecord) -> None:
        """Attach it, or leave it where it is attached already.

        Raises:
            OSError: there is no place for it; the trial is told without.
        """
        ...


class SearchStudy:
    """A study in its storage, opened for writing by one driver at a time.

    Args:
        place: the study's file in the run folder, or a database.
        name: the study's name in it.
        space: the parameters; fixed for the study's life.
        sampler: who proposes.
        startup_trials: trials proposed by chance first.
        seed: of the sampler.
        patience: how long a storage that is gone is waited for; None does not wait.

    Raises:
        StudyError: the storage cannot be used, or holds what this version cannot read.
        StudyExists: the file holds a study of another name.
    """

    def __init__(
        self,
        place: Place,
        *,
        name: str,
        space: Mapping[str, Distribution],
        sampler: Sampler,
        startup_trials: int,
        seed: int,
        patience: Patience | None = None,
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        storage = open_to_write(place, patience)
        if isinstance(place, Path):
            refuse_another(names_of(storage), place, name=name)
        self._place = place
        self._lease: Lease | None = None
        self._space = {name: for_optuna(one) for name, one in space.items()}
        self._study = optuna.create_study(
            storage=storage, study_name=name, direction="maximize", load_if_exists=True
        )
        name_the_score(self._study)
        # a resumed sampler must not draw again what it drew before
        seed += len(self._study.get_trials(deepcopy=False))
        self.pools = {
            name: ArmPool(name, seeds=one.seeds, notes=self)
            for name, one in space.items()
            if isinstance(one, Pooled)
        }
        self._know_tried()
        self._sampler = FreshSampler(
            optunas_own(sampler, startup_trials=startup_trials, seed=seed),
            space=self._space,
            pools=self.pools,
            repeats=cast("int", self.noted(REPEATS) or 0),
            seed=seed,
        )
        self._study.sampler = self._sampler
        self._left_behind = Orphans()
        self._finished: dict[int, TrialRecord] = {}
        self._attacher: Attacher | None = None
        self._pruner = RungPruner(RungRules())

    @contextmanager
    def driven(self, say: Callable[[str], None], *, lease: Lease | None = None) -> Iterator[None]:
        """Hold the study's lease, so that no other machine's driver writes to it meanwhile.

        Args:
            say: told in one line when another's lease is waited for.
            lease: in place of the one among the study's facts.

        Raises:
            StudyInUse: another live driver has it.
        """
        held = lease or Lease(StudyBoard(self._study))
        with held.held(say):
            self._lease = held
            try:
                yield
            finally:
                self._lease = None

    def close(self) -> None:
        """Close its connections."""
        release(self._study._storage)

    @property
    def identity(self) -> str:
        """Names this study and no other, wherever it is logged."""
        known = self.noted("identity")
        if known is None:
            known = uuid.uuid4().hex
            self.note("identity", known)
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
        before = self.noted("settings")
        found = changes(read_json(str(before)), settings) if before is not None else []
        refuse_changes(self._study.study_name, found, may_change=may_change)
        self.note("settings", json.dumps(settings, sort_keys=True))
        return allowed(found, may_change)

    def begin_with(self, parameters: Parameters) -> None:
        """Make these the first trial, unless the study has begun."""
        if not self._study.get_trials(deepcopy=False):
            numbers = {
                name: pool.number_of(str(parameters[name])) for name, pool in self.pools.items()
            }
            self._study.enqueue_trial({**parameters, **numbers}, user_attrs={"origin": "baseline"})

    def attach_with(self, attacher: Attacher) -> None:
        """Have something put beside every trial that ends from now on."""
        self._attacher = attacher

    def prune_with(self, rules: RungRules) -> None:
        """Say who goes on from a rung, from now on."""
        self._pruner = RungPruner(rules)
        self._study.pruner = self._pruner

    @property
    def exhausted(self) -> bool:
        """Whether every recipe of the space was tried, so that there is nothing new to propose."""
        return self._sampler.exhausted(self._study)

    @property
    def repeats(self) -> int:
        """How often a recipe was drawn that had been tried; another was proposed in its place."""
        return self._sampler.repeats

    def propose(self) -> Proposal:
        """The next trial: one that nobody runs any more, or a new one."""
        self._require_lease()
        orphan = self._left_behind.take(self._study)
        if orphan is not None:
            trial = self._live(orphan)
            trial.set_user_attr("attempts", trial.user_attrs.get("attempts", 1) + 1)
        else:
            trial = self._study.ask()
            self._left_behind.hear_of(trial.number, lambda number: self._frozen(number).state)
        before = self._sampler.repeats
        parameters, shown = self._parameters(trial)
        if self._sampler.repeats > before:
            self.note(REPEATS, self._sampler.repeats)
        return Proposal(trial.number, parameters, adopted=orphan is not None, shown=shown)

    def rung(self, number: int, step: int, value: float) -> RungDecision:
        """Tell the study what a trial was worth at a rung; whether it goes on.

        A trial reports each rung once: asked again, by a driver that adopted it too, the study
        gives the answer it gave.
        """
        trial = self._live(number)
        if step not in self._frozen(number).intermediate_values:
            trial.report(value, step)
        decision = self._pruner.decision(self._study, self._frozen(number), step)
        note_decision(trial, decision)
        return decision

    def prune(self, number: int, costs: tuple[StageCost, ...]) -> None:
        """Tell the study that a rung stopped a trial: it has no score, and failed in nothing."""
        self._finish(number, {}, costs, None, state=TrialState.PRUNED)

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
            **{f"proxy_{proxy.name}": proxy.value for proxy in outcome.proxies},
        }
        notes = {
            "outcome": OUTCOME.dump_json(outcome).decode(),
            "refused": json.dumps(outcome.refused),
        }
        if FULL not in (reported := self._frozen(number).intermediate_values) and reported:
            self._live(number).report(score.value, FULL)
        self._finish(number, facts, costs, score.value, state=TrialState.COMPLETE, notes=notes)

    def fail(self, number: int, failure: Failure, costs: tuple[StageCost, ...]) -> None:
        """Tell the study that a trial has no score, and why; the sampler sees no number."""
        facts: dict[str, object] = {
            "error": failure.error[:6000],
            "candidates": failure.candidates,
        }
        notes = {"refused": json.dumps(failure.refused)}
        self._finish(number, facts, costs, None, state=TrialState.FAIL, notes=notes)

    def records(self) -> list[TrialRecord]:
        """Every trial that was begun, by number."""
        trials = self._study.get_trials(deepcopy=False)
        return [self._record(trial) for trial in trials if trial.state is not TrialState.WAITING]

    def record(self, number: int) -> TrialRecord:
        """One trial that was begun."""
        return self._record(self._frozen(number))

    def note(self, name: str, value: object) -> None:
        """Remember a fact of the whole study."""
        note_in_study(self._study, name, value)

    def noted(self, name: str) -> object:
        """A fact of the whole study, None where nobody noted it."""
        return cast("object", noted_in_study(self._study).get(name))

    def noted_under(self, prefix: str) -> dict[str, object]:
        """Every fact of the whole study whose name begins so."""
        facts = noted_in_study(self._study)
        return {name: fact for name, fact in facts.items() if name.startswith(prefix)}

    def _finish(
        self,
        number: int,
        facts: Mapping[str, object],
        costs: tuple[StageCost, ...],
        value: float | None,
        *,
        state: TrialState,
        notes: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._require_lease()
        trial = self._live(number)
        total = spent(costs)
        numbers = {
            "seconds": total.seconds,
            "seconds_saved": saved(costs).seconds,
            "generator_tokens": total.input_tokens + total.output_tokens,
            "checks": total.checks,
        }
        for name, text in {**notes, "costs": COSTS.dump_json(costs).decode()}.items():
            note_in_trial(trial, name, text)
        for name, fact in {**facts, **numbers}.items():
            trial.set_user_attr(name, fact)
        self._attach(trial, state)
        if state is not TrialState.PRUNED:
            self._study.tell(number, value, state=state, skip_if_finished=True)
        elif not self._frozen(number).state.is_finished():
            # Optuna's `tell` would take the last rung's value for a pruned trial's score
            self._study._storage.set_trial_state_values(trial._trial_id, state, None)

    def _require_lease(self) -> None:
        if self._lease is not None:
            self._lease.require()

    def _attach(self, trial: optuna.Trial, state: TrialState) -> None:
        """What a person sees beside the trial; without a place for it the score counts alike."""
        if self._attacher is None:
            return
        ending = copy(self._study._storage.get_trial(trial._trial_id))
        ending.state = state
        with suppress(OSError):
            self._attacher.attach(trial, record_of(ending))

    def _frozen(self, number: int) -> FrozenTrial:
        return self._study._storage.get_trial(self._id_of(number))

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
            known = understood(trial, of=str(self._place))
            if trial.state.is_finished():
                self._finished[trial.number] = known
        return known

    def _know_tried(self) -> None:
        """Which arms earlier drivers' trials tried."""
        for trial in self._study.get_trials(deepcopy=False) if self.pools else ():
            for name in self.pools.keys() & trial.params.keys():
                self.pools[name].was_tried(int(trial.params[name]))

    def _parameters(
        self, trial: optuna.Trial
    ) -> tuple[dict[str, ParameterValue], tuple[Demo, ...] | None]:
        """What the trial tries; what an adopted trial had been given already stays.

        A pool's number is known to the storage alone: everywhere else stands its value.
        """
        drawn = {
            name: cast("ParameterValue", trial._suggest(name, one))
            for name, one in self._space.items()
        }
        arms = {name: pool.arm(int(drawn[name])) for name, pool in self.pools.items()}
        for name, arm in arms.items():
            self.pools[name].was_tried(arm.number)
        shown = next((arm.demos for arm in arms.values() if arm.demos is not None), None)
        if arms:
            values = {name: arm.value for name, arm in arms.items()}
            note_in_trial(trial, "pooled", json.dumps(values))
            drawn |= values
        if shown is not None:
            note_in_trial(trial, "shown", SHOWN.dump_json(shown).decode())
        return drawn, shown
