"""A search on real parts is stopped by a signal: one line, no C++ stack, and it can go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = "from search.cli import main; main()"


@pytest.mark.slow
@pytest.mark.lean
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_search_that_is_stopped_while_trials_run_ends_in_one_line(
    tmp_path: Path, ending: signal.Signals
) -> None:
    arguments = ["search", "examples/embedded.yaml", "--run-dir", str(tmp_path / "run")]
    printed = tmp_path / "printed.txt"
    with printed.open("w", encoding="utf-8") as file:
        driver = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments, "--trials", "2"],
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONIOENCODING": "ascii"},
            start_new_session=True,
        )
    deadline = time.monotonic() + 300
    while "trial   0  starts" not in printed.read_text(encoding="utf-8"):
        assert driver.poll() is None, printed.read_text(encoding="utf-8")
        assert time.monotonic() < deadline
        time.sleep(0.2)

    os.killpg(driver.pid, ending)

    assert driver.wait(200) == 130
    lines = printed.read_text(encoding="utf-8").rstrip().splitlines()
    assert lines[-1] == "outerloop: stopped; the same command with --resume goes on"
    assert [line for line in lines if "***" in line or "Traceback" in line] == []
