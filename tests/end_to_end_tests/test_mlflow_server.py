"""A real MLflow server, which keeps runs, files and the registry for several machines."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from search.driver.winner import best_record
from search.materials.contexts import load_contexts
from search.offline.pipeline import Pipeline
from search.report.run_view import view_run
from search.runs.folder import RunFolder
from search.settings.file import load_study
from search.tracking.files import TrialFiles
from search.tracking.tracker import Logged, Tracker
from tests.search_tests.eng2lean import TASK
from tests.search_tests.frozen_run import final_of, frozen
from tests.search_tests.small_run import make_run


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)),
        *("--backend-store-uri", f"sqlite:///{tmp_path}/server.db", "--workers", "1"),
        *("--artifacts-destination", str(tmp_path / "kept")),
    ]
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (tmp_path / "server.log").open("w") as log:
        running = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            assert running.poll() is None, (tmp_path / "server.log").read_text(encoding="utf-8")
            try:
                urllib.request.urlopen(f"{address}/health", timeout=2).read()
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(30)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_server_keeps_the_winner_and_another_machine_exports_it_by_alias(
    server: str, tmp_path: Path
) -> None:
    run = RunFolder(make_run(tmp_path, trials=3))
    settings = load_study(run.study_file)
    contexts = load_contexts(settings.contexts.path, TASK)
    records = view_run(run.path).records
    best = best_record(list(records))
    final = final_of(best.number, passed=0)
    pipeline = frozen(run)
    tracker = Tracker(
        server,
        artifacts=None,
        study="small",
        identity="abc",
        settings={"seed": 0},
        logged=Logged(TrialFiles(run.stages, TASK, contexts)),
    )
    tracker.sync(records)
    tracker.close(final)
    assert tracker.register(pipeline, final) == 1

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code = "from search.cli import main; main()"
    exported = subprocess.run(
        [sys.executable, "-c", code, "export", "small", "--alias", "winner", "--out", "got"],
        cwd=elsewhere,
        env={**os.environ, "MLFLOW_TRACKING_URI": server},
        capture_output=True,
        text=True,
        check=False,
    )
    assert exported.returncode == 0, exported.stderr
    assert Pipeline.load(elsewhere / "got").hash == Pipeline.load(pipeline).hash
