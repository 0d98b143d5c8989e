"""Run folders with strange names, and run folders that are copied or moved."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from mlflow import MlflowClient
from typer.testing import CliRunner

from search import cli
from search.report.run_view import view_run
from search.runs.folder import RunFolder
from search.runs.location import settle_store
from search.study.storage import open_to_read, open_to_write
from search.study.waiting import release
from search.tracking.registry import Registry
from search.tracking.tracker import Tracker
from tests.search_tests.frozen_run import final_of, frozen
from tests.search_tests.small_run import make_run

NAMES = [
    "run #1", "why?", "50%", "a%20b", "a b", "a&b", "a+b", "ä漢字", "it's", 'the "run"',
    "[b] [INST]", "$HOME", "~", "a{b}", "a;b", "a::b", "a\\b", "a=b", "two\nlines", "#?%",
]  # fmt: skip


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(one): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


def log(run: RunFolder) -> Tracker:
    """Log a run's trials in the store beside it, and register its winner."""
    records = view_run(run.path).records
    tracker = Tracker(
        run.mlflow_uri, artifacts=run.mlflow_files, study="small", identity="abc", settings={}
    )
    tracker.sync(records)
    final = final_of(0, passed=60)
    tracker.close(final)
    tracker.register(frozen(run), final)
    return tracker


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("file", ["study.db", "study.journal"])
def test_a_study_lies_in_its_run_folder_whatever_that_is_called(
    tmp_path: Path, name: str, file: str
) -> None:
    (tmp_path / name).mkdir()
    for opened in (open_to_write, open_to_read):
        storage = opened(tmp_path / name / file)
        assert storage.get_all_studies() == []
        release(storage)

    assert [one.name for one in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / file).is_file()


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    made = make_run(tmp_path_factory.mktemp("here"), trials=2, attached=True)
    run = RunFolder(made.rename(made.with_name("run #?% [1]")))
    log(run)
    return run


@pytest.mark.parametrize("name", NAMES)
def test_the_store_and_its_files_lie_in_the_run_folder_whatever_that_is_called(
    logged: RunFolder, tmp_path: Path, name: str
) -> None:
    run = RunFolder(tmp_path / "in" / name)
    shutil.copytree(logged.path, run.path)
    settle_store(run)
    client = MlflowClient(tracking_uri=run.mlflow_uri)
    experiment = client.get_experiment_by_name("small")
    assert experiment is not None
    made = client.create_run(experiment.experiment_id).info.run_id
    client.log_text(made, "hello", "note.txt")

    assert [one.name for one in (tmp_path / "in").iterdir()] == [name]
    (note,) = run.path.rglob("note.txt")
    assert note.is_relative_to(run.path / "mlflow-files")
    fetched = Path(client.download_artifacts(made, "note.txt", str(tmp_path)))
    assert fetched.read_text(encoding="utf-8") == "hello"


@pytest.mark.parametrize("move", [shutil.copytree, shutil.move])
def test_a_folder_that_was_copied_or_moved_keeps_its_study_and_its_store(
    logged: RunFolder, tmp_path: Path, move: object
) -> None:
    old, new = tmp_path / "old", RunFolder(tmp_path / "new #1 [b]")
    shutil.copytree(logged.path, old)
    settle_store(RunFolder(old))
    before = files_in(old)
    move(old, new.path)  # type: ignore[operator]

    settle_store(new)
    client = MlflowClient(tracking_uri=new.mlflow_uri)
    fetched = Registry.at(new.mlflow_uri).fetch("small", "winner", folder=tmp_path)
    tracker = log(new)  # a resumed driver

    assert (fetched / "pipeline.json").is_file()
    assert len(view_run(new.path).records) == 2
    for run in client.search_runs([tracker._experiment]):
        assert run.info.artifact_uri.startswith(new.mlflow_files + "/")
    assert client.list_artifacts(tracker._parent.info.run_id, "pipeline")
    assert files_in(old) == (before if move is shutil.copytree else {})


def test_a_store_that_lies_where_it_did_is_not_written(logged: RunFolder, tmp_path: Path) -> None:
    before = logged.mlflow_store.read_bytes()
    settle_store(logged)
    settle_store(RunFolder(tmp_path))  # and where there is none, none is made

    assert logged.mlflow_store.read_bytes() == before
    assert not list(tmp_path.iterdir())


def test_files_that_a_server_keeps_stay_where_they_are(logged: RunFolder, tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    shutil.copytree(logged.path, run.path)
    elsewhere = [("s3://bucket/files",), ("file:///data/files-of-mine",)]
    with sqlite3.connect(run.mlflow_store) as store:
        store.executemany(
            "INSERT INTO experiments (name, artifact_location) VALUES ('x' || random(), ?)",
            elsewhere,
        )

    settle_store(run)

    with sqlite3.connect(run.mlflow_store) as store:
        found = store.execute("SELECT artifact_location FROM experiments").fetchall()
    assert set(elsewhere) <= set(found)


def test_the_report_of_a_copy_reads_the_copy_alone(logged: RunFolder, tmp_path: Path) -> None:
    copy = tmp_path / "a copy #2"
    shutil.copytree(logged.path, copy)
    before = files_in(logged.path)

    reported = CliRunner().invoke(cli.app, ["report", str(copy)])

    assert reported.exit_code == 0
    assert (copy / "report.html").is_file()
    assert str(logged.path) not in (copy / "report.html").read_text(encoding="utf-8")
    assert files_in(logged.path) == before
