from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from lean_sandbox.process import (
    DeadlinePassed,
    LineProcess,
    ProcessDied,
    TooMuchOutput,
    run,
)


def python(code: str) -> LineProcess:
    return LineProcess([sys.executable, "-c", code], cwd=Path.cwd(), environment={})


def soon() -> float:
    return time.monotonic() + 20


def test_lines_go_both_ways() -> None:
    process = python("import sys\nfor line in sys.stdin: print(line.strip() * 2, flush=True)")
    process.write_line(b"ab", deadline=soon())
    assert process.read_line(deadline=soon(), max_bytes=100) == b"abab"
    process.kill()


def test_a_silent_process_passes_its_deadline() -> None:
    process = python("import time; time.sleep(3600)")
    with pytest.raises(DeadlinePassed):
        process.read_line(deadline=time.monotonic() + 0.2, max_bytes=100)
    process.kill()
    assert process.returncode == -9


def test_a_process_that_does_not_read_passes_its_deadline() -> None:
    process = python("import time; time.sleep(3600)")
    with pytest.raises(DeadlinePassed):
        process.write_line(b"x" * 10_000_000, deadline=time.monotonic() + 0.5)
    process.kill()


def test_a_flood_without_line_ends_is_cut() -> None:
    process = python("import sys\nwhile True: sys.stdout.write('x' * 65536)")
    with pytest.raises(TooMuchOutput):
        process.read_line(deadline=soon(), max_bytes=1_000_000)
    process.kill()


def test_an_ended_process_is_seen_on_reading() -> None:
    process = python("raise SystemExit(7)")
    with pytest.raises(ProcessDied):
        process.read_line(deadline=soon(), max_bytes=100)
    assert process.exit_status(patience_seconds=120) == 7
    process.kill()


def test_killing_takes_the_children_along() -> None:
    process = python(
        "import os, time\nchild = os.fork()\nif child: print(child, flush=True)\ntime.sleep(3600)"
    )
    child = int(process.read_line(deadline=soon(), max_bytes=100))
    process.kill()
    deadline = soon()
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def test_a_process_gets_only_the_environment_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "do not tell")
    process = python("import os; print('SECRET' in os.environ, flush=True)")
    assert process.read_line(deadline=soon(), max_bytes=100) == b"False"
    process.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="the system call is Linux's")
def test_a_runaway_process_ends_itself_when_nobody_is_left_to_kill_it() -> None:
    process = python("print('begun', flush=True)\nwhile True: pass")
    process.read_line(deadline=soon(), max_bytes=100)
    process.allow_cpu(0.5)
    assert process.exit_status(patience_seconds=60) == -signal.SIGXCPU
    process.kill()


def test_a_trusted_command_that_hangs_is_killed() -> None:
    with pytest.raises(DeadlinePassed):
        run(
            [sys.executable, "-c", "import time; time.sleep(3600)"],
            cwd=Path.cwd(),
            timeout_seconds=0.3,
        )


def test_another_thread_can_end_a_process_under_its_reader() -> None:
    process = python("import time; time.sleep(3600)")
    threading.Timer(0.2, process.interrupt).start()
    with pytest.raises(ProcessDied):
        process.read_line(deadline=soon(), max_bytes=100)
    assert process.exit_status(patience_seconds=120) == -signal.SIGKILL
    process.interrupt()
    process.kill()
