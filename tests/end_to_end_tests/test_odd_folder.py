"""A search whose recipes hold brackets, in a folder with an odd name, and its copy."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient

from search.runs.folder import RunFolder
from search.study.records import State, read_study
from tests.search_tests.small_study import write_small_study

ROOT = Path(__file__).parents[2]
CLAUSE = "[/INST] Be [bold]careful[/bold] with [a, b]."


def searched(folder: Path, run: Path, trials: int, *options: str) -> str:
    """Run the small study to its end; what it prints."""
    driver = [sys.executable, "-m", "tests.end_to_end_tests.drive_small_study"]
    ended = subprocess.run(
        [*driver, str(folder), str(trials), "0", f"--run-dir={run}", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(one): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


@pytest.mark.timeout(600)
def test_brackets_and_odd_names_survive_a_search_its_resume_and_a_copy(tmp_path: Path) -> None:
    study = write_small_study(tmp_path)
    text = study.read_text(encoding="utf-8")
    for find, put in (
        ('["", "Be careful.", "Be quick."]', f'["{CLAUSE}"]'),
        ("baseline:\n", f'baseline:\n  clauses: {{care: "{CLAUSE}"}}\n'),
    ):
        assert find in text
        text = text.replace(find, put)
    study.write_text(text, encoding="utf-8")
    run, copy = tmp_path / "runs" / "run #1 [b] 50%?", tmp_path / "runs" / "a copy of #1"

    first = searched(tmp_path, run, 2)
    again = searched(tmp_path, run, 2, "--resume")
    shutil.copytree(run, copy)
    before = files_in(run)
    later = searched(tmp_path, copy, 3, "--resume")

    for told in (first, again, later):
        assert CLAUSE in told
    assert files_in(run) == before
    assert sorted(one.name for one in run.parent.iterdir()) == [copy.name, run.name]
    records = read_study(copy / "study.db").records
    assert [one.state for one in records] == [State.COMPLETE] * 3
    store = MlflowClient(tracking_uri=RunFolder(copy).mlflow_uri)
    experiment = store.get_experiment_by_name("small")
    assert experiment is not None
    logged = store.search_runs([experiment.experiment_id])
    assert len(logged) == 4
    assert all(one.info.artifact_uri.startswith(RunFolder(copy).mlflow_files) for one in logged)
