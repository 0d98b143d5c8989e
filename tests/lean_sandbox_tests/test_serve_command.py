"""`outerloop lean serve` as a process: what it prints, how it stops, what it keeps to itself."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from lean_sandbox.errors import SandboxUnavailable, ToolchainMissing
from search.commands import lean as lean_command
from tests.lean_sandbox_tests.served import free_port, without_key
from tests.lean_sandbox_tests.test_lean_command import run

KEY = "open-sesame-1234"


@contextlib.contextmanager
def process(*options: str, key: str = "") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process and its address, read from the first line it prints."""
    command = [sys.executable, "-m", "tests.lean_sandbox_tests.drive_serve", "serve", *options]
    environment = {**without_key(), **({"LEAN_SERVER_API_KEY": key} if key else {})}
    started = subprocess.Popen(
        command,
        cwd=Path(__file__).parents[2],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert started.stdout is not None
        line = started.stdout.readline()
        yield started, line.split()[0] if line else ""
    finally:
        started.kill()
        started.communicate()


def test_the_first_line_is_the_address_and_says_where_the_rest_is():
    port = free_port()
    with process("--port", str(port)) as (started, url):
        assert url == f"http://127.0.0.1:{port}"
        assert httpx.get(f"{url}/docs").status_code == 200
        assert "outerloop_lean" in httpx.get(f"{url}/metrics").text
        assert httpx.get(f"{url}/ready").status_code == 200
        started.terminate()
        out, err = started.communicate(timeout=240)
    assert out.splitlines()[-1].startswith("stopped")
    assert err == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_finishes_what_runs_and_takes_nothing_new(number):
    with process("--port", "0") as (started, url), ThreadPoolExecutor(1) as clients:
        httpx.get(f"{url}/health")
        answer = clients.submit(httpx.post, f"{url}/v1/check", json={"program": "stay"})
        while "taken_in 1.0" not in httpx.get(f"{url}/metrics").text:
            time.sleep(0.01)
        started.send_signal(number)
        assert answer.result().json()["outcome"] == "accepted"
        out, _ = started.communicate(timeout=240)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/health")
    assert started.returncode == 0
    assert out.splitlines() == [
        "the pool is closed",
        "stopped",
    ]


def test_the_key_is_in_no_argument_and_no_output():
    with process("--port", "0", key=KEY) as (started, url):
        arguments = Path(f"/proc/{started.pid}/cmdline")
        if arguments.exists():
            assert KEY.encode() not in arguments.read_bytes()
        for headers in ({}, {"Authorization": "Bearer no"}, {"Authorization": f"Bearer {KEY}"}):
            for path in ("/metrics", "/v1/status", "/docs", "/openapi.json", "/nowhere"):
                assert KEY not in httpx.get(url + path, headers=headers).text
            httpx.post(f"{url}/v1/check", json={"program": "crash"}, headers=headers)
        started.terminate()
        out, err = started.communicate(timeout=240)
    assert KEY not in out
    assert KEY not in err
    assert "the fake crashed" in err  # what is no client's fault is told to whoever runs it


def refused(*options: str) -> str:
    with process(*options) as (started, _):
        out, err = started.communicate(timeout=240)
    assert started.returncode == 3
    assert "stopped" not in out
    assert len(err.splitlines()) == 1
    return err


def test_a_port_in_use_is_one_line():
    with process("--port", "0") as (_, url):
        assert "is in use" in refused("--port", url.rpartition(":")[2])


def test_an_address_others_can_reach_without_a_key_is_one_line():
    assert "LEAN_SERVER_API_KEY" in refused("--host", "0.0.0.0", "--port", "0")


def test_with_a_key_others_may_reach_it():
    with process("--host", "0.0.0.0", "--port", "0", key=KEY) as (_, url):
        url = url.replace("0.0.0.0", "127.0.0.1")
        assert httpx.get(f"{url}/health").status_code == 200
        assert httpx.get(f"{url}/metrics").status_code == 401


def test_a_missing_lean_is_one_line_naming_the_command(monkeypatch: pytest.MonkeyPatch):
    def missing() -> None:
        raise ToolchainMissing("no Lean in /x; run `outerloop lean install`")

    monkeypatch.setattr(lean_command.WasmBackend, "find", missing)
    code, output = run("serve", "--port", "0")
    assert code == 3
    assert output == "outerloop: no Lean in /x; run `outerloop lean install`\n"
    assert issubclass(ToolchainMissing, SandboxUnavailable)


def test_a_depth_below_the_usual_batch_makes_the_batch_smaller():
    with process("--port", "0", "--max-waiting", "2") as (_, url):
        body = {"programs": [{"program": "x"}] * 3}
        assert "at most 2" in httpx.post(f"{url}/v1/check_many", json=body).json()["detail"]
