"""What the service costs beside the stages: per trial, and per proposal in a study of thousands.

    python -m benchmarks.search_overhead [--trials 200] [--past 0 1000 5000]

Part one runs a whole search on machines that do nothing, two trials at a time: the study's
database, the stage store, MLflow, files for the dashboard and lines for the terminal are the real
ones. What a trial takes beyond its stages' own seconds is the service. Bare Ray Tune runs as many
trials that report one number, two at a time and with its processes kept as well, in the same run.
The first ten trials, in which processes start, are left out of both and told apart.

Part two times the calls that grow with the study, on a study filled with finished trials.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

from engines import environment

environment.prepare()

import optuna  # noqa: E402 - the environment comes first
from optuna.distributions import (  # noqa: E402
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from ray import tune  # noqa: E402

from engines.ledger import Cost, StageCost, spent  # noqa: E402
from search.console import Console  # noqa: E402
from search.driver.plan import Search  # noqa: E402
from search.driver.search import run_search  # noqa: E402
from search.recipes.space import Distribution, OneOf, Real, Whole, distributions  # noqa: E402
from search.report.trial_pages import Attachments  # noqa: E402
from search.settings.file import load_study, with_overrides  # noqa: E402
from search.study.notes import PREFIX  # noqa: E402
from search.study.records import COSTS, OUTCOME, read_records  # noqa: E402
from search.study.storage import open_to_write  # noqa: E402
from search.study.study import SearchStudy  # noqa: E402
from search.tracking.tracker import Tracker  # noqa: E402
from search.workers.learner import cluster  # noqa: E402
from tests.search_tests.fakes import fake_parts  # noqa: E402
from tests.search_tests.outcomes import outcome_of  # noqa: E402
from tests.search_tests.small_study import write_small_study  # noqa: E402

AT_A_TIME = 2
STARTING = 10
"""Trials that are left out of the rate: processes start in them."""
PROBLEMS = 200
"""Of a stored outcome, as the embedded study has them."""


def main() -> None:
    """Run both parts and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--past", type=int, nargs="*", default=[0, 1000, 5000])
    parser.add_argument("--proposals", type=int, default=15)
    parser.add_argument("--storages", nargs="*", default=["study.db", "study.journal"])
    given = parser.parse_args()
    print(f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f} before the run")
    with tempfile.TemporaryDirectory() as folder:
        if given.trials:
            per_trial(Path(folder), given.trials)
        if given.past:
            growing(Path(folder), given.past, given.proposals, given.storages)


def per_trial(folder: Path, trials: int) -> None:
    """Print what a trial costs ours and bare Tune."""
    write_small_study(folder, trials=trials)
    with timed_calls() as calls:
        ends, stages = ours(folder, trials)
    rate(f"ours, {trials} trials that do nothing", ends)
    idle = AT_A_TIME * (ends[-1] - ends[STARTING - 1]) / (len(ends) - STARTING) - stages
    print(f"  of it each trial's stages: {stages:.3f} s; not in a stage: {idle:.3f} s a trial")
    for name, seconds in sorted(calls.items(), key=lambda one: -sum(one[1])):
        mean, total = 1000 * statistics.mean(seconds), sum(seconds)
        print(f"  {name:<28} {len(seconds):>5} calls, {mean:7.1f} ms each, {total:6.1f} s in all")
    rate(f"bare Ray Tune, {trials} trials that report a number", bare(folder, trials))


def rate(what: str, ends: Sequence[float]) -> None:
    """Print the seconds a trial from the end of the tenth on, and when the first ended."""
    seconds = (ends[-1] - ends[STARTING - 1]) / (len(ends) - STARTING)
    print(f"{what}, {AT_A_TIME} at a time: {seconds:.3f} s a trial (first after {ends[0]:.1f} s)")


def ours(folder: Path, trials: int) -> tuple[list[float], float]:
    """When each trial ended, in seconds from the start of the search; stage seconds a trial."""
    study = folder / "study.yaml"
    # with the other filter some of the fakes' recipes leave nothing to train on
    text = study.read_text(encoding="utf-8").replace("[compiles, faithful]", "[compiles]")
    study.write_text(text, encoding="utf-8")
    search = Search(
        settings=with_overrides(load_study(study), trials=trials),
        study_text=text,
        run_dir=folder / "run",
        parts=fake_parts(),
    )
    begun = time.time()
    with (folder / "printed.txt").open("w", encoding="utf-8") as printed:
        run_search(search, console=Console(file=printed))
    stored = optuna.load_study(
        study_name=None, storage=open_to_write(folder / "run" / "study.db", None)
    )
    ends = [one.datetime_complete.timestamp() for one in stored.trials if one.datetime_complete]
    records = read_records(folder / "run" / "study.db", "small")
    if len(ends) != trials:
        raise RuntimeError(f"{len(ends)} of {trials} trials ended: {records[-1].error}")
    costs = [spent(one.costs) for one in records[STARTING:]]
    return sorted(end - begun for end in ends), statistics.mean(one.seconds for one in costs)


def _one_number(config: dict[str, float]) -> None:
    tune.report({"x": config["x"]})


def bare(
    folder: Path,
    trials: int,
    trial: Callable[[dict[str, float]], None] = _one_number,
    on_end: Callable[[], object] = lambda: None,
) -> list[float]:
    """When each trial of bare Tune ended, in seconds from its start."""
    ends: list[float] = []
    begun = time.time()

    class Clock(tune.Callback):  # type: ignore[misc]  # no types shipped
        def on_trial_complete(self, *_: object, **__: object) -> None:
            ends.append(time.time() - begun)
            on_end()

    with cluster(load_study(folder / "study.yaml")):
        begun = time.time()
        tuner = tune.Tuner(
            tune.with_resources(trial, {"CPU": 0.1}),
            param_space={"x": tune.uniform(0, 1)},
            tune_config=tune.TuneConfig(
                num_samples=trials, max_concurrent_trials=AT_A_TIME, reuse_actors=True
            ),
            run_config=tune.RunConfig(
                storage_path=str(folder / "tune"), callbacks=[Clock()], verbose=0
            ),
        )
        tuner.fit()
    return ends


@contextmanager
def timed_calls() -> Iterator[dict[str, list[float]]]:
    """The seconds of every call of the driver's own work, by name."""
    watched: list[tuple[Any, str]] = [
        (SearchStudy, "propose"),
        (SearchStudy, "complete"),
        (SearchStudy, "records"),
        (Attachments, "attach"),
        (Tracker, "sync"),
    ]
    seconds: dict[str, list[float]] = {}

    def timed(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def inner(*arguments: object, **named: object) -> object:
            begun = time.perf_counter()
            try:
                return call(*arguments, **named)
            finally:
                seconds.setdefault(name, []).append(time.perf_counter() - begun)

        return inner

    before = [(owner, name, getattr(owner, name)) for owner, name in watched]
    for owner, name, call in before:
        setattr(owner, name, timed(f"{owner.__name__}.{name}", call))
    try:
        yield seconds
    finally:
        for owner, name, call in before:
            setattr(owner, name, call)


def growing(folder: Path, past: Sequence[int], proposals: int, storages: Sequence[str]) -> None:
    """Print the calls' milliseconds by the number of finished trials."""
    settings = load_study(Path("examples/embedded.yaml"))
    space = distributions(settings.recipe)
    print(f"\nmilliseconds, median (worst) of {proposals}; {len(space)} parameters")
    print(
        f"{'storage':<15}{'past':>6}{'propose':>18}{'of it CPU':>11}{'complete':>18}{'records':>9}"
    )
    for name in storages:
        place = folder / name
        for count in past:
            fill(place, space, count)
            study = SearchStudy(
                place, name="filled", space=space, sampler="tpe", startup_trials=5, seed=count
            )
            one_round(study)  # the first reads everything once
            rows = [one_round(study) for _ in range(proposals)]
            study.close()
            proposed, cpu, completed, listed = zip(*rows, strict=True)
            print(
                f"{name:<15}{count:>6}{spread(proposed):>18}{1000 * statistics.median(cpu):>11.0f}"
                f"{spread(completed):>18}{1000 * statistics.median(listed):>9.0f}",
                flush=True,
            )


def one_round(study: SearchStudy) -> tuple[float, float, float, float]:
    """Seconds of a proposal, its CPU seconds, and those of telling and of listing."""
    begun, cpu = time.perf_counter(), time.process_time()
    number = study.propose().number
    proposed, used = time.perf_counter(), time.process_time()
    study.complete(number, outcome_of(number % PROBLEMS, PROBLEMS), costs(number))
    completed = time.perf_counter()
    study.records()
    return proposed - begun, used - cpu, completed - proposed, time.perf_counter() - completed


def fill(place: Path, space: dict[str, Distribution], count: int) -> None:
    """Bring a study to `count` finished trials."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    stored = optuna.create_study(
        storage=open_to_write(place, None),
        study_name="filled",
        direction="maximize",
        load_if_exists=True,
    )
    known = {name: as_optunas(one) for name, one in space.items()}
    draw = random.Random(count)
    for number in range(len(stored.get_trials(deepcopy=False)), count):
        passed = draw.randrange(PROBLEMS)
        stored.add_trial(
            optuna.trial.create_trial(
                params={name: drawn(one, draw) for name, one in known.items()},
                distributions=known,
                value=passed / PROBLEMS,
                system_attrs={
                    f"{PREFIX}outcome": OUTCOME.dump_json(outcome_of(passed, PROBLEMS)).decode(),
                    f"{PREFIX}costs": COSTS.dump_json(costs(number)).decode(),
                },
            )
        )


def as_optunas(one: Distribution) -> BaseDistribution:
    """A parameter's distribution in the storage."""
    if isinstance(one, OneOf):
        return CategoricalDistribution(one.values)
    if isinstance(one, Real):
        return FloatDistribution(one.low, one.high)
    assert isinstance(one, Whole)
    return IntDistribution(one.low, one.high)


def drawn(one: BaseDistribution, draw: random.Random) -> object:
    """A value by chance."""
    if isinstance(one, CategoricalDistribution):
        return draw.choice(one.choices)
    if isinstance(one, FloatDistribution):
        return draw.uniform(one.low, one.high)
    return draw.randint(one.low, one.high)


def costs(number: int) -> tuple[StageCost, ...]:
    """The ledger of a trial."""
    stages = ("generate", "check", "train", "evaluate")
    return tuple(StageCost(name, f"{number:064x}", False, Cost(seconds=1.0)) for name in stages)


def spread(seconds: Sequence[float]) -> str:
    """Median and worst in milliseconds."""
    return f"{1000 * statistics.median(seconds):.0f} ({1000 * max(seconds):.0f})"


if __name__ == "__main__":
    main()
