"""Runs a study's trials on Ray Tune. The only Tune code.

Tune is the executor and the study is the truth: there is no Tune checkpoint and no Tune restore,
because Tune's snapshot lags behind the study's storage and a driver killed in between cannot be
restored from it. The searcher asks the study for proposals (the trials a dead driver left running
come first) and tells it outcomes; the scheduler asks it who goes on from a rung.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from ray import tune
from ray.tune import (
    Callback,
    FailureConfig,
    PlacementGroupFactory,
    RunConfig,
    TuneConfig,
)
from ray.tune.schedulers import FIFOScheduler, TrialScheduler
from ray.tune.search import Searcher

from engines import environment, notices
from engines.budget import carried
from engines.errors import Stopped, first_line
from engines.ledger import Ledger
from search.comparisons.finalists import fresh_seeds
from search.errors import KNOWN, NodeLost, TooFewExamples
from search.recipes.recipe import Recipe
from search.recipes.space import baseline_parameters, recipe_of
from search.study.records import SHOWN, Failure
from search.study.study import SearchStudy
from search.trial.disk import disk_full, is_disk_full
from search.trial.job import Job
from search.trial.outcome import KnownRows
from search.trial.rungs import climb
from search.trial.trial import run_trial, train_only
from search.trial.workshop import Workshop
from search.workers.bridge import ENOUGH, FAILURE, LINE, LINES, OUTCOME, Bridge, Watcher
from search.workers.learner import Slot
from search.workers.nodes import OwnNode
from search.workers.placement import bundles
from stores.manifests import maker
from stores.stages import StageStore

_WORKER_RETRIES = 2
"""How often a trial whose process died is begun again; its finished stages are read."""


def run_trials(
    job: Job,
    study: SearchStudy,
    *,
    watcher: Watcher,
    scratch: Path,
    ready: Callable[[], bool] = lambda: True,
) -> str:
    """Run trials until the study has as many scores as its settings ask for.

    Returns early when more trials failed than `search.max_failed_trials`, and when the budget is
    spent: then with the reason. Trials stopped by that are gone on with by the next driver.

    Args:
        job: what trials are run from.
        study: what is asked for trials, and told of them.
        watcher: told of what happens.
        scratch: where Tune may write.
        ready: whether the next trial can be proposed now; asked after every trial too, and it
            must not block.
    """
    search = job.settings.search
    # a worker that died is begun again, or its trial told with the reason, and the study does not
    # live by what Tune saves of it: no traceback of Ray's
    for name in ("tune_controller", "experiment_state"):
        logging.getLogger(f"ray.tune.execution.{name}").setLevel(logging.CRITICAL)
    # what is limited is kept for the trials until they are done
    ahead = search.final_seeds if job.purse is None else 0
    bridge = Bridge(study, watcher, ready=ready, search=search, ahead=ahead)
    # an empty bundle for the trial, which only waits
    resources = PlacementGroupFactory([{}, *bundles(job.settings.resources)])
    tuner = tune.Tuner(
        tune.with_resources(tune.with_parameters(_trial, job=job), resources),
        tune_config=TuneConfig(
            search_alg=StudySearcher(bridge),
            scheduler=_Scheduler(bridge),
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
    try:
        tuner.fit()
    finally:
        bridge.require_study()
    return bridge.stopped


def _trial(config: dict[str, Any], job: Job) -> None:
    """One trial in a worker. Whatever goes wrong in it is this trial's failure alone."""
    if "ahead" in config:
        _work_ahead(config["ahead"], job)
        return
    telling = threading.Lock()  # a notice may come from any thread

    def tell(told: dict[str, Any]) -> None:
        with telling:
            tune.report(told)

    ledger = Ledger(on_line=lambda line: tell({"line": LINE.dump_json(line).decode()}))
    made_by = maker(job.identity, f"trial {config['number']}")
    stages = StageStore(job.stages, ledger=ledger, maker=made_by)
    try:
        shown = SHOWN.validate_json(config["shown"])
        recipe = recipe_of(config["parameters"], job.settings.recipe, job.demos, shown=shown)
        with (
            carried(job.purse),
            notices.heard_by(lambda text: tell({"notice": text})),
            Slot.workshop(job) as workshop,
        ):
            known = _climb(recipe, job, workshop, stages)
            outcome = run_trial(
                recipe, plan=job.plan, workshop=workshop, stages=stages, known=known
            )
        ending = {"outcome": OUTCOME.dump_json(outcome).decode(), "failure": ""}
    except NodeLost:
        raise  # Tune begins the trial again on another node
    except Stopped as error:
        ending = _stopped(error)
    except TooFewExamples as error:
        ending = _failed(Failure(str(error), error.candidates, error.refused))
    except KNOWN as error:
        ending = _failed(Failure(str(error)))
    except Exception as error:  # noqa: BLE001 - a bug costs one trial; the study keeps its traceback
        ending = _unexpected(error)
    tune.report({**ending, "lines": LINES.dump_json(tuple(ledger.lines)).decode()})


def _work_ahead(which: int, job: Job) -> None:
    """Fine-tune with the baseline and a fresh seed, as the final comparison is going to.

    The sealed problems stay closed. What goes wrong here goes wrong there too, and is told there.
    """
    settings = job.settings
    seed = fresh_seeds(settings.seed, runs=settings.search.final_seeds)[which]
    made_by = maker(job.identity, f"final: baseline {seed}")
    first = baseline_parameters(settings.baseline, settings.recipe)
    with suppress(Exception), Slot.workshop(job) as workshop:
        train_only(
            recipe_of(first, settings.recipe, job.demos),
            plan=dataclasses.replace(job.plan, seed=seed),
            workshop=workshop,
            stages=StageStore(job.stages, ledger=Ledger(), maker=made_by),
        )
    tune.report({"ahead": which})


def _climb(recipe: Recipe, job: Job, workshop: Workshop, stages: StageStore) -> KnownRows:
    """The rungs of a trial, where the study has some; Tune ends the trial in the report of one."""
    rungs = job.settings.search.rungs
    if rungs is None:
        return KnownRows()
    return climb(
        recipe,
        plan=job.plan,
        rungs=rungs,
        workshop=workshop,
        stages=stages,
        report=lambda step, value: tune.report({"rung": step, "value": value}),
    )


def _failed(failure: Failure) -> dict[str, str]:
    told = dataclasses.replace(failure, error=environment.struck(failure.error))
    return {"outcome": "", "failure": FAILURE.dump_json(told).decode()}


def _stopped(reason: Stopped) -> dict[str, str]:
    return {"outcome": "", "failure": "", "stopped": environment.struck(str(reason))}


def _unexpected(error: Exception) -> dict[str, str]:
    if is_disk_full(error):
        return _stopped(disk_full(error))
    summary = f"unexpected {type(error).__name__}: {first_line(str(error))}"
    return _failed(Failure(f"{summary}\n{environment.struck(traceback.format_exc())[-4000:]}"))


class StudySearcher(Searcher):  # type: ignore[misc]  # no types shipped
    """Proposals from the study, outcomes to the study, nothing kept here."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(metric="training_iteration", mode="max")
        self._bridge = bridge

    def set_search_properties(self, *_: object, **__: object) -> bool:
        """Tune's space and metric are not used."""
        return True

    def suggest(self, trial_id: str) -> dict[str, Any] | str | None:
        """See `Searcher.suggest`.

        What the study raised is raised here too: while no trial runs, Tune asks for the next one
        for ten minutes before it takes another step.
        """
        proposal = self._bridge.propose(trial_id)
        self._bridge.require_study()
        return cast("str", Searcher.FINISHED) if proposal == ENOUGH else proposal

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


class _Scheduler(FIFOScheduler):  # type: ignore[misc]  # no types shipped
    """First come, first served; ends the trials that a rung stops.

    Remembers why a worker died, which a searcher is not told.
    """

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge

    def on_trial_result(
        self,
        tune_controller: object,
        trial: Any,  # noqa: ANN401 - untyped
        result: dict[str, Any],
    ) -> str:
        """See `TrialScheduler.on_trial_result`; it is asked before anybody else is told."""
        on = self._bridge.goes_on(trial.trial_id, result)
        return cast("str", TrialScheduler.CONTINUE if on else TrialScheduler.STOP)

    def on_trial_error(self, tune_controller: object, trial: Any) -> None:  # noqa: ANN401 - untyped
        """Keep what Ray says, before the searcher is told that the trial is over."""
        self._bridge.reasons[trial.trial_id] = first_line(str(trial.get_error() or ""))


class _StageTeller(Callback):  # type: ignore[misc]  # no types shipped
    """Passes on what trials report while they run."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._node = OwnNode()

    def on_step_begin(self, *_: object, **__: object) -> None:
        """See `Callback.on_step_begin`; what is raised here ends the whole run."""
        self._bridge.require_study()
        self._node.require()

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

    def on_trial_recover(
        self,
        iteration: int,
        trials: list[Any],
        trial: Any,  # noqa: ANN401 - untyped
        **_: object,
    ) -> None:
        """See `Callback.on_trial_recover`."""
        self._bridge.again(trial.trial_id)
