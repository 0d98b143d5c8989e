"""What a trial reserves, and what is said of a node that is gone; no Ray is started."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import ray

from engines import environment
from search.errors import LearnerLost, NodeLost, StudyError
from search.runs.folder import require_kept
from search.settings.study import Resources, TrainerResources
from search.workers.nodes import node_is_gone, plain_errors
from search.workers.placement import all_of, bundles, lean_bundles

HALF_A_GPU = TrainerResources(cpus=4, gpus=0.5)


def test_a_trial_that_shares_the_pool_reserves_its_learners_bundle_alone() -> None:
    shared = Resources(trainer=HALF_A_GPU, lean_workers=3)

    assert bundles(shared) == [{"CPU": 4.0, "GPU": 0.5}]
    assert list(lean_bundles(shared)) == []


def test_a_trial_with_lean_of_its_own_reserves_a_cpu_for_each_worker() -> None:
    own = Resources(trainer=HALF_A_GPU, lean_workers=3, lean_for="trial")

    assert bundles(own) == [{"CPU": 4.0, "GPU": 0.5}, {"CPU": 1.0}, {"CPU": 1.0}, {"CPU": 1.0}]
    assert list(lean_bundles(own)) == [1, 2, 3]
    assert all_of(own) == {"CPU": 7.0, "GPU": 0.5}


def test_a_cpu_learner_asks_for_no_gpu() -> None:
    assert bundles(Resources()) == [{"CPU": 1.0}]


def test_studies_of_before_this_setting_read_as_they_were_written() -> None:
    assert "lean_for" not in Resources().model_dump(mode="json")


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("The actor died because its node has died. Node Id: 06aa", True),
        ("The actor is dead because its worker process has died. Exit code: 137", False),
    ],
)
def test_a_dead_actors_node_is_told_from_a_dead_process(said: str, gone: bool) -> None:
    error = ray.exceptions.RayActorError("a1", said)

    assert node_is_gone(error) == gone
    with pytest.raises(NodeLost if gone else LearnerLost) as raised, plain_errors(LearnerLost):
        raise error
    assert isinstance(raised.value, NodeLost) == gone


def test_a_node_that_cannot_be_reached_counts_as_gone() -> None:
    assert node_is_gone(ray.exceptions.ActorUnavailableError("no route", b"\0" * 16))


def test_workers_are_not_told_again_what_their_job_was_submitted_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = {"runtime_env": {"env_vars": {"OMP_NUM_THREADS": "4"}}, "metadata": {}}
    monkeypatch.setenv("RAY_JOB_CONFIG_JSON_ENV_VAR", json.dumps(job))

    assert "OMP_NUM_THREADS" not in environment.for_workers()
    assert "OMP_NUM_THREADS" in environment.current()
    monkeypatch.delenv("RAY_JOB_CONFIG_JSON_ENV_VAR")
    assert environment.for_workers() == environment.current()


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"runtime_env": null}'])
def test_a_job_without_variables_leaves_all_of_ours(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_JOB_CONFIG_JSON_ENV_VAR", broken)

    assert environment.for_workers() == environment.current()


def test_a_run_folder_that_goes_with_the_job_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = tmp_path / "runtime_resources" / "working_dir_files" / "_ray_pkg_1"
    unpacked.mkdir(parents=True)
    monkeypatch.chdir(unpacked)
    require_kept({"--run-dir": Path("runs/a")})  # no job: whatever it is called
    monkeypatch.setenv("RAY_JOB_CONFIG_JSON_ENV_VAR", "{}")

    with pytest.raises(StudyError, match=r"runs/a lies in .* give --run-dir on a file system"):
        require_kept({"--stages-dir": None, "--run-dir": Path("runs/a")})
    require_kept({"--run-dir": Path(os.sep, "shared", "runs", "a")})
