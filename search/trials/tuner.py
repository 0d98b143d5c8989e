"""Runs a study's trials on Ray Tune. The only Tune code.

Tune is the executor and the study is the truth: there is no Tune checkpoint and no Tune restore,
because Tune's snapshot lags behind the study's storage and a driver killed in between cannot be
restored from it. The searcher asks the study for proposals (the trials a dead driver left running
come first) and tells it outcomes; the scheduler passes on why a worker died.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from pydantic import TypeAdapter
from ray import tune  # noqa: TID251 - this is the one file for Ray Tune
from ray.tune import (  # noqa: TID251
    Callback,
    FailureConfig,
    PlacementGroupFactory,
    RunConfig,
    TuneConfig,
)
from ray.tune.schedulers import FIFOScheduler  # noqa: TID251
from ray.tune.search import Searcher  # noqa: TID251

from lean_sandbox.sandbox import Sandbox
from search.errors import BudgetSpent, NodeLost, SearchError, TooFewExamples, first_line
from search.money.ledger import Ledger, StageCost
from search.money.purse import Purse, carried
from search.study.recipe import Demo
from search.study.records import State, TrialRecord
from search.study.settings import StudySettings
from search.study.space import Parameters, recipe_of
from search.study.study import Failure, SearchStudy
from search.trials.actors import Slot
from search.trials.placement import bundles
from search.trials.stages import StageStore
from search.trials.trial import TrialOutcome, TrialPlan, run_trial
from search.trials.workshop import Parts

_OUTCOME = TypeAdapter(TrialOutcome)
_FAILURE = TypeAdapter(Failure)
_LINE = TypeAdapter(StageCost)
_LINES = TypeAdapter(tuple[StageCost, ...])

_WORKER_RETRIES = 2
"""How often a trial whose process died is begun again; its finished stages are read."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs to run any trial of a study."""

    settings: StudySettings
    parts: Parts
    plan: TrialPlan
    demos: Mapping[str, Demo]
    stages: Path
    sandbox: Sandbox
    identity: str = ""
    """The study's, so that a trial knows again what an earlier attempt of it has paid for."""
    purse: Purse | None = None
    """What trials spend from; None where nothing is limited."""


class Watcher(Protocol):
    """Told of what happens, in the driver, as it happens. It must not block."""

    def started(self, number: int, parameters: Parameters, *, adopted: bool) -> None:
        """A trial was handed to a worker."""
        ...

    def stage(self, number: int, line: StageCost) -> None:
        """A stage of a trial ended."""
        ...

    def finished(self, record: TrialRecord) -> None:
        """A trial ended, with a score or without."""
        ...

    def stopped(self, number: int, reason: str) -> None:
        """The budget does not allow what a trial would do next; it stays unfinished."""
        ...


def run_trials(job: Job, study: SearchStudy, *, watcher: Watcher, scratch: Path) -> str:
    """Run trials until the study has as many scores as its settings ask for.

    Returns early when more trials failed than `search.max_failed_trials`, and when the budget is
    spent: then with the reason. Trials stopped by that are gone on with by the next driver.
    """
    search = job.settings.search
    bridge = _Bridge(study, watcher, trials=search.trials, max_failed=search.max_failed_trials)
    # an empty bundle for the trial, which only waits
    resources = PlacementGroupFactory([{}, *bundles(job.settings.resources)])
    tuner = tune.Tuner(
        tune.with_resources(tune.with_parameters(_trial, job=job), resources),
        tune_config=TuneConfig(
            search_alg=_StudySearcher(bridge),
            scheduler=_ReasonKeeper(bridge),
            num_samples=-1,
            max_concurrent_trials=search.concurrent_trials,
            reuse_actors=True,
            trial_dirname_creator=lambda trial: str(trial.trial_id),
        ),
        run_config=RunConfig(
            name="tune",
            storage_path=str(scratch),
            failure_config=FailureConfig(max_failures=_WORKER_RETRIES),
            callbacks=[_StageTeller(bridge)],
            verbose=0,
        ),
    )
    tuner.fit()
    return bridge.stopped


def _trial(config: dict[str, Any], job: Job) -> None:
    """One trial in a worker. Whatever goes wrong in it is this trial's failure alone."""
    ledger = Ledger(on_line=lambda line: tune.report({"line": _LINE.dump_json(line).decode()}))
    maker = f"{job.identity}/trial {config['number']}" if job.identity else ""
    stages = StageStore(job.stages, ledger=ledger, maker=maker)
    try:
        recipe = recipe_of(config["parameters"], job.settings.recipe, job.demos)
        with carried(job.purse), Slot.workshop(job.parts, job.settings, job.sandbox) as workshop:
            outcome = run_trial(recipe, plan=job.plan, workshop=workshop, stages=stages)
        ending = {"outcome": _OUTCOME.dump_json(outcome).decode(), "failure": ""}
    except BudgetSpent as error:
    except NodeLost:
        raise  # Tune begins the trial again on another node
        ending = {"outcome": "", "failure": "", "stopped": str(error)}
    except TooFewExamples as error:
        ending = _failed(Failure(str(error), error.candidates, error.refused))
    except SearchError as error:
        ending = _failed(Failure(str(error)))
    except Exception as error:  # noqa: BLE001 - a bug costs one trial; the study keeps its traceback
        summary = f"unexpected {type(error).__name__}: {first_line(str(error))}"
        ending = _failed(Failure(f"{summary}\n{traceback.format_exc()[-4000:]}"))
    tune.report({**ending, "lines": _LINES.dump_json(tuple(ledger.lines)).decode()})


def _failed(failure: Failure) -> dict[str, str]:
    return {"outcome": "", "failure": _FAILURE.dump_json(failure).decode()}


class _Bridge:
    """Tune's trial ids on one side, the study's numbers on the other."""

    def __init__(
        self, study: SearchStudy, watcher: Watcher, *, trials: int, max_failed: int
    ) -> None:
        self._study = study
        self._watcher = watcher
        self._trials = trials
        self._max_failed = max_failed
        self._numbers: dict[str, int] = {}
        self._lines: dict[str, dict[tuple[str, str], StageCost]] = {}
        self.stopped = ""
        self.reasons: dict[str, str] = {}

    def __getstate__(self) -> dict[str, object]:
        """Nothing: Tune writes itself down for a restore that never happens here."""
        return {}

    def propose(self, tune_id: str) -> dict[str, Any] | str | None:
        """The next trial's configuration, or Tune's word for "enough".

        None means "ask again": while trials run, one of them may fail and need replacing.
        """
        if self._enough():
            return None if self._numbers else cast("str", Searcher.FINISHED)
        proposal = self._study.propose()
        self._numbers[tune_id] = proposal.number
        self._watcher.started(proposal.number, proposal.parameters, adopted=proposal.adopted)
        return {"number": proposal.number, "parameters": dict(proposal.parameters)}

    def told(self, tune_id: str, result: Mapping[str, Any]) -> None:
        """Pass a stage's end on to whoever watches."""
        if "line" in result:
            line = _LINE.validate_json(result["line"])
            self._lines.setdefault(tune_id, {})[line.stage, line.key] = line
            self._watcher.stage(self._numbers[tune_id], line)

    def ended(self, tune_id: str, result: Mapping[str, Any] | None) -> None:
        """Tell the study how a trial ended; without a result, its worker died."""
        number = self._numbers.pop(tune_id)
        told = tuple(self._lines.pop(tune_id, {}).values())  # all there is of a dead worker
        lines = _LINES.validate_json(result["lines"]) if result and "lines" in result else told
        if result and result.get("stopped"):
            self.stopped = str(result["stopped"])
            self._watcher.stopped(number, self.stopped)
            return
        if result and result.get("outcome"):
            self._study.complete(number, _OUTCOME.validate_json(result["outcome"]), lines)
        else:
            failure = Failure(f"worker: {self.reasons.get(tune_id, 'its process died')}")
            if result and result.get("failure"):
                failure = _FAILURE.validate_json(result["failure"])
            self._study.fail(number, failure, lines)
        self._watcher.finished(self._study.record(number))

    def _enough(self) -> bool:
        mine = set(self._numbers.values())
        records = self._study.records()
        orphans = any(one.state is State.RUNNING and one.number not in mine for one in records)
        failed = sum(one.state is State.FAILED for one in records)
        if failed > self._max_failed or self.stopped:
            return True
        return not orphans and len(records) - failed >= self._trials


class _StudySearcher(Searcher):  # type: ignore[misc]  # no types shipped
    """Proposals from the study, outcomes to the study, nothing kept here."""

    def __init__(self, bridge: _Bridge) -> None:
        super().__init__(metric="training_iteration", mode="max")
        self._bridge = bridge

    def set_search_properties(self, *_: object, **__: object) -> bool:
        """Tune's space and metric are not used."""
        return True

    def suggest(self, trial_id: str) -> dict[str, Any] | str | None:
        """See `Searcher.suggest`."""
        return self._bridge.propose(trial_id)

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Stages are told by `_StageTeller`."""

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """See `Searcher.on_trial_complete`."""
        self._bridge.ended(trial_id, None if error else result)

    def save(self, checkpoint_path: str) -> None:
        """Nothing to save: the study's storage is the checkpoint."""
        Path(checkpoint_path).write_text("{}", encoding="utf-8")

    def restore(self, checkpoint_path: str) -> None:
        """Nothing to restore."""


class _ReasonKeeper(FIFOScheduler):  # type: ignore[misc]  # no types shipped
    """First come, first served; remembers why a worker died, which a searcher is not told."""

    def __init__(self, bridge: _Bridge) -> None:
        super().__init__()
        self._bridge = bridge

    def on_trial_error(self, tune_controller: object, trial: Any) -> None:  # noqa: ANN401 - untyped
        """Keep what Ray says, before the searcher is told that the trial is over."""
        self._bridge.reasons[trial.trial_id] = first_line(str(trial.get_error() or ""))


class _StageTeller(Callback):  # type: ignore[misc]  # no types shipped
    """Passes on what trials report while they run."""

    def __init__(self, bridge: _Bridge) -> None:
        self._bridge = bridge

    def on_trial_result(
        self,
        iteration: int,
        trials: list[Any],
        trial: Any,  # noqa: ANN401 - untyped
        result: dict[str, Any],
        **_: object,
    ) -> None:
        """See `Callback.on_trial_result`."""
        self._bridge.told(trial.trial_id, result)
