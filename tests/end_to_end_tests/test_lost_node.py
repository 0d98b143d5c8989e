"""A node of a Ray cluster is taken away in the middle of a trial."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from ray.cluster_utils import Cluster

from search.study.records import State, read_records
from tests.search_tests.small_study import write_small_study

ROOT = Path(__file__).parents[2]
TRIALS = 6
WAIT_SECONDS = 200


@pytest.fixture
def nodes() -> Iterator[Cluster]:
    """A head that runs no trial; nodes are added to it."""
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    yield cluster
    cluster.shutdown()


def start(folder: Path, address: str, *, lean_for: str) -> subprocess.Popen[bytes]:
    study = write_small_study(folder, trials=TRIALS)
    own = f"resources:\n  lean_for: {lean_for}\n  lean_workers: 1\n  trainer: {{cpus: 1}}"
    text = re.sub(r"resources:\n  trainer: .*", own, study.read_text(encoding="utf-8"))
    study.write_text(text, encoding="utf-8")
    with (folder / "printed.txt").open("w", encoding="utf-8") as printed:
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.end_to_end_tests.drive_on_cluster",
                str(folder),
                str(TRIALS),
                "3",
            ],
            cwd=ROOT,
            env={**os.environ, "RAY_ADDRESS": address},
            stdout=printed,
            stderr=subprocess.STDOUT,
        )


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("lean_for", ["study", "trial"])
def test_a_node_lost_in_mid_trial_costs_that_trials_running_stage_and_nothing_else(
    tmp_path: Path, nodes: Cluster, lean_for: str
) -> None:
    cpus = 2 if lean_for == "trial" else 1
    added = [nodes.add_node(num_cpus=cpus) for _ in range(2)]
    nodes.wait_for_nodes()
    driver = start(tmp_path, nodes.address, lean_for=lean_for)
    try:
        deadline = time.monotonic() + WAIT_SECONDS
        while len(lines(tmp_path / "began.log")) < 3:  # two trials run, one has trained
            assert driver.poll() is None, (tmp_path / "printed.txt").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        victim = lines(tmp_path / "began.log")[2]
        gone = next(node for node in added if node.node_id == victim.split()[0])
        nodes.remove_node(gone, allow_graceful=False)
        nodes.add_node(num_cpus=cpus)
        assert driver.wait(WAIT_SECONDS) == 0, (tmp_path / "printed.txt").read_text()
    finally:
        if driver.poll() is None:
            driver.kill()
            driver.wait(30)

    printed = (tmp_path / "printed.txt").read_text(encoding="utf-8")
    assert len(re.findall(r"^trial +\d+  again ", printed, flags=re.MULTILINE)) == 1
    trials = read_records(tmp_path / "run" / "study.db", "small")
    assert [one.number for one in trials] == list(range(len(trials)))
    assert sum(one.state is State.COMPLETE for one in trials) == TRIALS
    # a recipe whose rows are all refused fails by itself, and is replaced
    lost = [one for one in trials if one.state is not State.COMPLETE]
    assert all(one.error.startswith("select: ") for one in lost)
    ran = Counter(lines(tmp_path / "ran.log"))
    assert [line for line, times in ran.items() if times > 1] == []
    began = Counter(line.split(maxsplit=1)[1] for line in lines(tmp_path / "began.log"))
    assert [line for line, times in began.items() if times > 1] == [victim.split(maxsplit=1)[1]]
    assert began[victim.split(maxsplit=1)[1]] == 2
