from __future__ import annotations

from pathlib import Path

import pytest
from mlflow import MlflowClient

from evaluators.statistics.intervals import score_from_passes
from evaluators.statistics.runs import Replicate
from search.comparisons.sealed import Arm, compare
from search.runs.folder import RunFolder
from search.study.records import State, TrialRecord
from search.tracking.tracker import Tracker
from tests.search_tests.outcomes import COSTS, outcome_of
from tests.search_tests.texts import HOSTILE

SETTINGS = {"name": "small", "recipe.clauses.a": ["", "x"], "seed": 0}
RECORDS = [
    TrialRecord(
        0, State.COMPLETE, {"temperature": 0.5}, outcome_of(4), "", COSTS, began=100.0, ended=161.5
    ),
    TrialRecord(1, State.FAILED, {"temperature": 0.7}, None, "train: no examples", ()),
    TrialRecord(2, State.RUNNING, {"temperature": 0.9}, None, "", ()),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return RunFolder(tmp_path_factory.mktemp("run"))


def tracker_in(folder: RunFolder) -> Tracker:
    return Tracker(
        folder.mlflow_uri,
        artifacts=folder.mlflow_files,
        study="small",
        identity="abc",
        settings=SETTINGS,
    )


def test_finished_trials_are_logged_once_under_one_parent(folder: RunFolder) -> None:
    tracker_in(folder).sync(RECORDS)
    tracker_in(folder).sync(RECORDS)  # a resumed driver

    client = MlflowClient(tracking_uri=folder.mlflow_uri)
    experiment = client.get_experiment_by_name("small")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id], order_by=["start_time ASC"])
    parent = next(run for run in runs if "outerloop.study" in run.data.tags)
    children = {run.data.tags["outerloop.trial"]: run for run in runs if run is not parent}
    assert len(runs) == 3
    assert parent.data.params["recipe.clauses.a"] == '["", "x"]'
    assert children["0"].data.metrics["score"] == pytest.approx(0.4)
    assert children["0"].data.metrics["refused/test_failed"] == 1
    assert children["0"].data.params == {"temperature": "0.5"}
    # the trial's own minute, not the moment it took to log it
    assert (children["0"].info.start_time, children["0"].info.end_time) == (100_000, 161_500)
    assert children["1"].info.status == "FAILED"
    assert "score" not in children["1"].data.metrics
    assert children["1"].data.tags["outerloop.error"] == "train: no examples"


def test_a_child_run_that_was_cut_short_is_logged_anew(tmp_path: Path, folder: RunFolder) -> None:
    client = MlflowClient(tracking_uri=folder.mlflow_uri)
    tracker = tracker_in(folder)
    half = client.create_run(
        tracker._experiment,
        tags={"mlflow.parentRunId": tracker._parent.info.run_id, "outerloop.trial": "2"},
    )

    done = TrialRecord(2, State.COMPLETE, {"temperature": 0.9}, outcome_of(5), "", ())
    tracker_in(folder).sync([done])

    assert client.get_run(half.info.run_id).info.lifecycle_stage == "deleted"
    runs = client.search_runs([tracker._experiment], "tags.`outerloop.trial` = '2'")
    assert [run.data.metrics["score"] for run in runs] == [0.5]


def test_the_sealed_gain_is_logged_with_both_rules(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    arms = [
        Arm(name, trial, score_from_passes(flags), (Replicate.of(flags, seed=1),), {}, ())
        for name, trial, flags in (
            ("untuned", None, [False] * 4),
            ("baseline", 0, [False] * 4),
            ("best", 2, [True, False, False, False]),
        )
    ]
    final = compare(arms, seeds=(1,), problems_sha256="", times_opened=1)
    tracker_in(folder).close(final)

    client = MlflowClient(tracking_uri=folder.mlflow_uri)
    experiment = client.get_experiment_by_name("small")
    assert experiment is not None
    (parent,) = client.search_runs([experiment.experiment_id])
    assert parent.data.metrics["sealed/gain/difference"] == 0.25
    assert parent.data.metrics["sealed/gain/low"] < 0.01 < parent.data.metrics["sealed/gain/high"]
    assert parent.data.tags["outerloop.verdict"] == "not shown"
    assert parent.data.tags["outerloop.plain_rule"] == "met"


def test_whatever_a_clause_is_called_and_says_is_logged(tmp_path: Path, folder: RunFolder) -> None:
    run = RunFolder(tmp_path)
    run.mlflow_store.write_bytes(folder.mlflow_store.read_bytes())
    parameters = {
        f"clause.{number} {text}"[:100]: text for number, text in enumerate(("", *HOSTILE))
    }
    record = TrialRecord(7, State.FAILED, parameters, None, "\n".join(HOSTILE), ())

    tracker = Tracker(
        run.mlflow_uri, artifacts=run.mlflow_files, study="odd", identity="x", settings=parameters
    )
    tracker.sync([record])

    logged = tracker._children()[7]
    assert len(logged.data.params) == len(parameters)
    assert logged.data.params["clause.1 __INST_ Answer as _bold_you__bold_ like."] == HOSTILE[0]
    assert logged.data.params["clause.2 _a_ b_"] == "[a, b]"
    assert "‹U+001B›[31mred" in logged.data.tags["outerloop.error"]
