"""Kills parts of a running search at random moments, and looks at what that did.

The search is the product's own: the command line, the embedded student and contexts, real Lean,
real fine-tunes; its generator is asked over HTTP, and its trials run on a Ray cluster.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
from ray.cluster_utils import Cluster

from engines.budget import Purse
from engines.caps import Amount, Caps
from search.study.ledger import made_by
from search.study.records import State, TrialRecord, read_study
from tests.end_to_end_tests.local_head import free_port

ROOT = Path(__file__).parents[2]
STUDY = """\
name: chaos
seed: 3
generator:
  model: openai/embedded
  api_base: http://127.0.0.1:{port}/v1
  max_new_tokens: 160
  concurrent_calls: 16
contexts: {{limit: 24}}
problems: {{search_limit: 16, sealed_limit: 16}}
recipe:
  base: Translate the Python function to Lean 4.
  clauses:
    numbers: ["", "Use Int for numbers."]
    docstring: ["", "Write the docstring casually.", "Write the docstring formally."]
  temperature: {{low: 0.0, high: 1.0}}
  attempts: {{low: 1, high: 2}}
training: {{method: full, max_steps: 8, batch_size: 8, min_examples: 4}}
search: {{trials: 1000, max_failed_trials: 1000, concurrent_trials: 2, startup_trials: 5}}
resources: {{lean_workers: 1}}
budget: {{tokens: 1000000000, checks: 10000000}}
"""
KINDS = ("driver", "trial actor", "Lean worker", "generator server", "Ray node")


class Chaos:
    """A search, its surroundings, and the means to kill each of them.

    Args:
        folder: where everything is written.
        seed: of the moments and of the victims.
    """

    def __init__(self, folder: Path, *, seed: int) -> None:
        self.folder = folder
        self.killed: list[str] = []
        self.missed: Counter[str] = Counter()
        self.ended_by_itself: list[str] = []
        self.crashes: list[str] = []
        self.manifests: dict[str, str] = {}
        self._random = random.Random(seed)
        self._port = free_port()
        (folder / "study.yaml").write_text(STUDY.format(port=self._port), encoding="utf-8")
        # the head runs no trial: whoever loses it has lost the cluster, as with a real one
        head = {"num_cpus": 0, "include_dashboard": False}
        self._cluster = Cluster(initialize_head=True, head_node_args=head)
        self._server = self._serve()
        self._nodes = [self._cluster.add_node(num_cpus=1) for _ in range(2)]
        self._cluster.wait_for_nodes()
        self.driver = self._drive()

    @property
    def run(self) -> Path:
        return self.folder / "run"

    def kill_something(self) -> None:
        """Wait for a random moment, then kill a random one of what is there.

        Four times of five the search has finished a stage since the last kill; the fifth time it
        is killed while it picks itself up.
        """
        if self._random.random() < 0.8:
            self._wait_for_a_stage(seconds=150)
        time.sleep(self._random.uniform(0, 10))
        self._note_finished_stages()
        if self.driver.poll() is not None:
            self._note_ending()
            self.driver = self._drive()
            return
        kills: dict[str, Callable[[], bool]] = {
            "driver": self._kill_driver,
            "trial actor": lambda: self._kill_process(_is_trial),
            "Lean worker": lambda: self._kill_process(_is_lean),
            "generator server": self._kill_server,
            "Ray node": self._kill_node,
        }
        # those that were killed least are the likeliest, so that thirty kills meet all kinds
        times = Counter(self.killed) + self.missed
        kind = self._random.choices(KINDS, [1 / (1 + times[one]) ** 2 for one in KINDS])[0]
        if kills[kind]():
            self.killed.append(kind)
        else:  # there is none just now
            self.missed[kind] += 1

    def finish(self, *, seconds: float) -> int:
        """Let the search come to its end, with two scores more than it has; its exit status.

        Its driver is killed once more, when it has opened the sealed problems.
        """
        self.driver.kill()
        self.driver.wait(30)
        self._note_finished_stages()
        scored = sum(one.state is State.COMPLETE for one in self.records())
        killed_at_the_end = False
        for _ in range(6):  # what the last kills left behind may end a driver once more
            self.driver = self._drive("--trials", str(scored + 2))
            if not killed_at_the_end and self._wait_for_line("Sealed problems, opened", seconds):
                killed_at_the_end = True
                time.sleep(self._random.uniform(0, 10))
                self._note_finished_stages()
                if self.driver.poll() is None:
                    self.driver.kill()
                    self.driver.wait(30)
                    self.killed.append("driver")
                    continue
            if self.driver.wait(seconds) == 0:
                return 0
            self._note_ending()
        return 1

    def close(self) -> None:
        for process in (self.driver, self._server):
            process.kill()
            process.wait(30)
        self._cluster.shutdown()

    def records(self) -> list[TrialRecord]:
        return list(read_study(self.run / "study.db").records)

    def printed(self) -> str:
        return (self.folder / "printed.txt").read_text(encoding="utf-8")

    def _wait_for_a_stage(self, *, seconds: float) -> None:
        deadline, before = time.monotonic() + seconds, len(self.manifests)
        while time.monotonic() < deadline and self.driver.poll() is None:
            self._note_finished_stages()
            if len(self.manifests) > before:
                return
            time.sleep(0.5)

    def _wait_for_line(self, words: str, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.driver.poll() is None:
            if words in self.printed():
                return True
            time.sleep(0.2)
        return False

    def _note_ending(self) -> None:
        """A search may end by itself where it says why in one line; anything else is a crash."""
        last = (self.printed().strip().splitlines() or ["nothing"])[-5:]
        said = [line for line in last if line.startswith("outerloop: ")]
        self.ended_by_itself.append((said or last)[-1])
        if not said:
            self.crashes.append("\n".join(last))

    def _note_finished_stages(self) -> None:
        for path in self.run.glob("stages/*/[!.]*/manifest.json"):
            name = path.relative_to(self.run).as_posix()
            self.manifests.setdefault(name, fingerprint(path))

    def _drive(self, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", "from search.cli import main; main()", "search"]
        command += ["study.yaml", "--run-dir", "run", "--resume", *options]
        with (self.folder / "printed.txt").open("w", encoding="utf-8") as printed:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, "RAY_ADDRESS": self._cluster.address, "PYTHONPATH": str(ROOT)},
                stdout=printed,
                stderr=subprocess.STDOUT,
            )

    def _serve(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end_tests.generator_server", str(self._port)],
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
        )

    def _kill_driver(self) -> bool:
        self.driver.kill()
        self.driver.wait(30)
        self.driver = self._drive()
        return True

    def _kill_server(self) -> bool:
        self._server.kill()
        self._server.wait(30)
        time.sleep(self._random.uniform(0, 3))
        self._server = self._serve()
        return True

    def _kill_node(self) -> bool:
        node = self._nodes.pop(self._random.randrange(len(self._nodes)))
        self._cluster.remove_node(node, allow_graceful=False)
        self._nodes.append(self._cluster.add_node(num_cpus=1))
        return True

    def _kill_process(self, wanted: Callable[[psutil.Process], bool]) -> bool:
        found = []
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):
                if wanted(process):
                    found.append(process)
        if not found:
            return False
        with suppress(psutil.NoSuchProcess):
            self._random.choice(sorted(found, key=lambda one: one.pid)).kill()
            return True
        return False


def _is_trial(process: psutil.Process) -> bool:
    """A process that runs a trial, its fine-tune, or an arm of the final comparison."""
    # Ray's own agents bear such titles too, and a node that loses one of its agents ends
    return bool(
        re.match(r"ray::(ImplicitFunc|LearnerActor|ArmActor)", " ".join(process.cmdline()))
    )


def _is_lean(process: psutil.Process) -> bool:
    """A worker's own process; its name is that of its main thread, so the command tells."""
    return Path(next(iter(process.cmdline()), "")).name == "node"


def fingerprint(path: Path) -> str:
    """A file as it was written: its bytes, and when."""
    return f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_mtime_ns}"


def faults(chaos: Chaos) -> list[str]:
    """Everything that kills must not do, where they did it."""
    run, found = chaos.run, []
    for name, before in chaos.manifests.items():
        path = run / name
        if not path.exists() or fingerprint(path) != before:
            found.append(f"{name} was finished and made again")
    found += [f"{path} was spoilt" for path in run.glob("stages/*/.*spoilt*")]
    found += [f"a driver ended with {crash}" for crash in chaos.crashes]
    found += _faults_of_stages(run)
    records = chaos.records()
    if [one.number for one in records] != list(range(len(records))):
        found.append("trials were lost or doubled")
    for record in records:
        found += [f"trial {record.number}: {fault}" for fault in _faults_of(record, run)]
    if not (run / "manifest.json").exists():
        found.append("the study is not complete")
    elif json.loads((run / "final.json").read_text(encoding="utf-8"))["times_opened"] != 1:
        found.append("the sealed problems were opened for more than one winner")
    return found


def _faults_of_stages(run: Path) -> list[str]:
    """A trial that came back with other parameters or rows; a kill that became a verdict."""
    found, makers = [], Counter[tuple[str, str]]()
    for path in run.glob("stages/*/[!.]*/manifest.json"):
        stage = json.loads(path.read_text(encoding="utf-8"))
        makers[stage["stage"], stage["made_by"]] += 1
        payload = [one for one in path.parent.glob("*.json*") if one != path]
        if any(b"worker_died" in one.read_bytes() for one in payload):
            found.append(f"{path.parent} blames a program for a Lean worker that was killed")
    found += [f"{who} ran {stage} {times} times" for (stage, who), times in makers.items()
              if times > 1]  # fmt: skip
    return found + _faults_of_ledger(run)


def _faults_of_ledger(run: Path) -> list[str]:
    """What was paid for and not counted, against the caps or in the end."""
    summed, found = made_by(run / "stages", read_study(run / "study.db").identity).spent, []
    if (run / "manifest.json").exists():
        told = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["spent"]
        for kind in ("checks", "input_tokens", "output_tokens", "training_tokens"):
            if told[kind] != getattr(summed, kind):
                found.append(f"{kind}: {told[kind]} in the ledger, the stages say otherwise")
    if (run / "budget.db").exists():
        purse = Purse(run / "budget.db", Caps())
        purse.release_dead()
        if purse.held() != Amount():
            found.append(f"{purse.held()} are held by nobody who lives")
        paid = purse.spent()
        if paid.checks < summed.checks or paid.tokens < summed.tokens:
            found.append(f"the caps know of {paid}, the stages of {summed}")
    return found


def _faults_of(record: TrialRecord, run: Path) -> list[str]:
    if record.state is State.RUNNING:
        return ["left running"]
    if record.state is State.FAILED:
        return [] if record.outcome is None and record.error else ["failed with a number"]
    if record.outcome is None:
        return ["complete without an outcome"]
    key = record.outcome.stages["evaluate"]
    value = json.loads((run / "stages" / "evaluate" / key / "value.json").read_text("utf-8"))
    passed = [
        [one["passed"], *(more["passed"] for more in one.get("further", []))]
        for one in value["records"]
    ]
    shares = [sum(each) / len(each) for each in passed]
    if abs(record.outcome.score.value - sum(shares) / len(shares)) > 1e-9:
        return [f"scored {record.outcome.score.value}, its answers say otherwise"]
    return []
