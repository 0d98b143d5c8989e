"""How busy one driver keeps many workers: a simulation around the real study.

    python -m benchmarks.simulated_cluster [--workers 8 16 32 64] [--trials 600] [--long 5000]

Real: the study in its storage and its sampler, and the bridge that Ray Tune asks and tells. Every
call is made, timed, and takes its time from the one driver, in turn. Simulated: the workers, whose
stages take the seconds of recorded trials (`benchmarks/data/stage_seconds.jsonl`) on a clock of
their own, and Ray Tune, which is two numbers, `--tune-serial` and `--tune-latency`, both measured
by `--measure-tune` on bare Tune. Left out: MLflow, which logs in a thread of its own. A worker is
busy while it is in a stage; waiting for the driver, and the end of the study, count as idle.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from engines import environment

environment.prepare()

from ray import tune  # noqa: E402 - the environment comes first

from benchmarks.search_overhead import AT_A_TIME, PROBLEMS, bare  # noqa: E402
from engines.ledger import Cost, StageCost  # noqa: E402
from search.recipes.space import Parameters, distributions  # noqa: E402
from search.settings.file import load_study  # noqa: E402
from search.settings.study import StudySettings  # noqa: E402
from search.study.records import TrialRecord  # noqa: E402
from search.study.study import SearchStudy  # noqa: E402
from search.trial.rung_rules import RungDecision  # noqa: E402
from search.workers.bridge import LINE, LINES, OUTCOME, Bridge  # noqa: E402
from tests.search_tests.outcomes import outcome_of  # noqa: E402
from tests.search_tests.small_study import write_small_study  # noqa: E402

RECORDED = Path(__file__).with_name("data") / "stage_seconds.jsonl"
EVENTS = 6
"""What Tune handles for a trial: four stages' ends, its outcome, and its end."""

T = TypeVar("T")


class Nobody:
    """A watcher that says nothing."""

    def started(self, number: int, parameters: Parameters, *, adopted: bool) -> None:
        """See `Watcher`."""

    def stage(self, number: int, line: StageCost) -> None:
        """See `Watcher`."""

    def rung(self, number: int, decision: RungDecision) -> None:
        """See `Watcher`."""

    def finished(self, record: TrialRecord) -> None:
        """See `Watcher`."""

    def again(self, number: int) -> None:
        """See `Watcher`."""

    def notice(self, number: int, text: str) -> None:
        """See `Watcher`."""

    def stopped(self, number: int, reason: str) -> None:
        """See `Watcher`."""


@dataclass
class Driver:
    """The one process that is asked and told; whoever comes while it works waits."""

    clock: Callable[[], float]
    tune_event: float
    """Seconds that Tune itself works on one event."""
    free_at: float = 0.0
    worked: float = 0.0

    def does(self, arrived: float, call: Callable[[], T]) -> tuple[float, T]:
        """When the call is done on the simulated clock, and what it gave."""
        begun = self.clock()
        given = call()
        took = self.clock() - begun + self.tune_event
        self.worked += took
        self.free_at = max(arrived, self.free_at) + took
        return self.free_at, given


@dataclass
class Simulation:
    """A study of so many trials on so many workers."""

    bridge: Bridge
    driver: Driver
    workers: int
    latency: float
    """Seconds from a proposal until the worker is in the first stage."""
    recorded: Sequence[dict[str, float]]
    draw: random.Random
    in_stages: float = 0.0
    ends: list[float] = field(default_factory=list)
    driver_at: list[float] = field(default_factory=list)
    """Seconds the driver had worked when each trial ended."""

    def run(self) -> float:
        """Run it; the simulated seconds it takes."""
        names = itertools.count()
        waiting: list[tuple[float, int, str, list[StageCost], int]] = []
        now = 0.0
        for _ in range(self.workers):
            self._begin(0.0, next(names), waiting)
        while waiting:
            now, order, name, lines, stage = heapq.heappop(waiting)
            if stage < len(lines):
                line = lines[stage]
                self.driver.does(now, partial(self._told, name, line))
                if stage + 1 < len(lines):  # the worker does not wait for the driver
                    ends = now + lines[stage + 1].cost.seconds
                    heapq.heappush(waiting, (ends, order, name, lines, stage + 1))
                    continue
            self.driver.does(now, lambda: None)  # Tune takes in the outcome
            done, _ = self.driver.does(now, partial(self._ended, name, lines))
            self.ends.append(done)
            self.driver_at.append(self.driver.worked)
            self._begin(now, next(names), waiting)
        return now

    def _begin(
        self, now: float, order: int, waiting: list[tuple[float, int, str, list[StageCost], int]]
    ) -> None:
        name = f"t{order}"
        asked, given = self.driver.does(now, partial(self.bridge.propose, name))
        if not isinstance(given, dict):
            return  # the study has what it wants: this worker is done
        seconds = self.draw.choice(self.recorded)
        lines = [
            StageCost(stage, f"{order:064x}", False, Cost(seconds=took))
            for stage, took in seconds.items()
        ]
        self.in_stages += sum(seconds.values())
        begins = asked + self.latency
        heapq.heappush(waiting, (begins + lines[0].cost.seconds, order, name, lines, 0))

    def _told(self, name: str, line: StageCost) -> None:
        self.bridge.told(name, {"line": LINE.dump_json(line).decode()})

    def _ended(self, name: str, lines: list[StageCost]) -> None:
        outcome = outcome_of(self.draw.randrange(PROBLEMS), PROBLEMS)
        result = {
            "outcome": OUTCOME.dump_json(outcome).decode(),
            "lines": LINES.dump_json(tuple(lines)).decode(),
        }
        self.bridge.ended(name, result)


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[8, 16, 32, 64])
    parser.add_argument("--trials", type=int, default=600, help="for each number of workers")
    parser.add_argument("--long", type=int, default=5000, help="trials on the most workers")
    parser.add_argument("--tune-serial", type=float, default=0.03, help="driver seconds a trial")
    parser.add_argument("--tune-latency", type=float, default=0.3, help="seconds to begin a trial")
    parser.add_argument("--measure-tune", type=int, default=0, help="on so many trials")
    parser.add_argument("--storage", default="study.db", help="or study.journal")
    parser.add_argument("--cpu-clock", action="store_true", help="for a machine that is not idle")
    given = parser.parse_args()
    print(f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f} before the run")
    recorded = [json.loads(line) for line in RECORDED.read_text("utf-8").splitlines()]
    mean = sum(sum(one.values()) for one in recorded) / len(recorded)
    print(f"{len(recorded)} recorded trials, {mean:.0f} s each")
    if given.measure_tune:
        given.tune_serial, given.tune_latency = measured_tune(given.measure_tune)
    print(f"Tune: {given.tune_serial:.3f} s of the driver and {given.tune_latency:.3f} s a trial")
    settings = load_study(Path("examples/embedded.yaml"))
    for workers in given.workers:
        simulate(settings, given, recorded, workers, given.trials)
    if given.long:
        simulation = simulate(settings, given, recorded, max(given.workers), given.long)
        growth(simulation)


def simulate(
    settings: StudySettings,
    given: argparse.Namespace,
    recorded: Sequence[dict[str, float]],
    workers: int,
    trials: int,
) -> Simulation:
    """Run one study from its first trial to its last and print how busy it kept them."""
    with tempfile.TemporaryDirectory() as folder:
        study = SearchStudy(
            Path(folder) / given.storage,
            name="simulated",
            space=distributions(settings.recipe),
            sampler="tpe",
            startup_trials=max(5, workers),
            seed=0,
        )
        search = settings.search.model_copy(
            update={"trials": trials, "concurrent_trials": workers}
        )
        simulation = Simulation(
            bridge=Bridge(study, Nobody(), ready=lambda: True, search=search),
            driver=Driver(
                time.process_time if given.cpu_clock else time.perf_counter,
                tune_event=given.tune_serial / EVENTS,
            ),
            workers=workers,
            latency=given.tune_latency,
            recorded=recorded,
            draw=random.Random(0),
        )
        seconds = simulation.run()
        study.close()
    share = simulation.in_stages / (workers * seconds)
    print(
        f"{workers:>3} workers, {trials:>5} trials: {seconds / 3600:6.2f} h, {share:6.1%} busy, "
        f"{3600 * trials / seconds:7.0f} trials an hour, "
        f"driver {1000 * simulation.driver.worked / trials:4.0f} ms a trial, "
        f"{simulation.driver.worked / seconds:.1%} of its time",
        flush=True,
    )
    return simulation


def growth(simulation: Simulation) -> None:
    """Print time and the driver's work by the number of trials."""
    count = len(simulation.ends)
    marks = [count * part // 5 for part in range(1, 6)]
    for before, mark in zip([0, *marks], marks, strict=False):
        hours = simulation.ends[mark - 1] / 3600
        worked = simulation.driver_at[mark - 1] - (
            simulation.driver_at[before - 1] if before else 0
        )
        print(
            f"  {mark:>5} trials after {hours:6.2f} h ({3600 * hours / mark:.3f} s each), "
            f"driver {1000 * worked / (mark - before):4.0f} ms a trial since the line above"
        )


def measured_tune(trials: int) -> tuple[float, float]:
    """Bare Tune's seconds a trial: of the driver's processor, and of the worker beyond it."""
    with tempfile.TemporaryDirectory() as folder:
        write_small_study(Path(folder), trials=1)
        used: list[float] = []

        def five(config: dict[str, float]) -> None:
            for _ in range(EVENTS - 1):
                tune.report({"x": config["x"]})

        ends = bare(Path(folder), trials, five, lambda: used.append(time.process_time()))
    first = len(ends) // 10
    wall = AT_A_TIME * (ends[-1] - ends[first]) / (len(ends) - 1 - first)
    serial = (used[-1] - used[first]) / (len(used) - 1 - first)
    return serial, max(0.0, wall - serial)


if __name__ == "__main__":
    main()
