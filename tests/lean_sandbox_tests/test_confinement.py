from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from lean_sandbox import confinement, launcher
from lean_sandbox.confinement import (
    Confinement,
    UnconfinedWarning,
    bubblewrap,
    layers,
)
from lean_sandbox.process import LineProcess, ProcessDied
from lean_sandbox.toolchain import Toolchain
from lean_sandbox.wasm import WasmBackend
from tests.lean_sandbox_tests.scripted import eventually
from tests.lean_sandbox_tests.test_pool_processes import is_alive

PYTHON = Path(os.path.realpath(sys.executable))
needs_landlock = pytest.mark.skipif("landlock" not in layers(), reason="no Landlock here")
needs_landlock_network = pytest.mark.skipif(
    "landlock network" not in layers(), reason="no Landlock rules for TCP here"
)
needs_seccomp = pytest.mark.skipif("seccomp" not in layers(), reason="no seccomp here")
needs_bubblewrap = pytest.mark.skipif("bubblewrap" not in layers(), reason="no bubblewrap here")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="these layers are Linux's")

pytestmark = linux_only


BARE = Confinement(read=(), execute=(), namespaces=True)


def soon() -> float:
    return time.monotonic() + 30


class Confined:
    """A confined Python that tries what it is told and says how that went."""

    def __init__(self, *, namespaces: bool = False, data_bytes: int | None = None) -> None:
        self.around = Confinement(
            read=(Path(sys.base_prefix), Path("/proc/stat")),
            execute=(PYTHON,),
            namespaces=namespaces,
            data_bytes=data_bytes,
        )

    def tries(self, code: str) -> str:
        """Runs statements; says `done`, or the error's class and number."""
        program = (
            f"import os, socket, sys\ntry:\n    {code}\n    said = 'done'\n"
            "except BaseException as failure:\n"
            "    said = f'{type(failure).__name__} {getattr(failure, \"errno\", None)}'\n"
            "print(said, flush=True)"
        )
        process = LineProcess(
            self.around.around((str(PYTHON), "-I", "-S", "-c", program)),
            cwd=Path("/"),
            environment={},
        )
        try:
            return process.read_line(deadline=soon(), max_bytes=10_000).decode()
        finally:
            process.kill()


@pytest.fixture(params=["landlock and seccomp", "inside bubblewrap"])
def confined(request: pytest.FixtureRequest) -> Confined:
    if request.param == "inside bubblewrap" and "bubblewrap" not in layers():
        pytest.skip("no bubblewrap here")
    return Confined(namespaces=request.param == "inside bubblewrap")


def test_what_is_granted_can_be_read() -> None:
    free = Confined()
    free.around = Confinement(read=(Path("/"),), execute=(Path("/"),))
    assert free.tries("open('/etc/passwd').read()") == "done"


def test_it_still_runs_and_sees_its_own_files(confined: Confined) -> None:
    assert confined.tries("os.listdir(sys.base_prefix)") == "done"
    assert (
        confined.tries("import threading; t = threading.Thread(); t.start(); t.join()") == "done"
    )


@needs_landlock
def test_it_cannot_read_the_hosts_files(confined: Confined) -> None:
    assert confined.tries("open('/etc/passwd')") in {
        "PermissionError 13",
        "FileNotFoundError 2",
    }
    assert confined.tries("os.listdir(os.path.expanduser('~root'))") != "done"


@needs_landlock
def test_it_cannot_write_anywhere(confined: Confined, tmp_path: Path) -> None:
    assert confined.tries("open('/tmp/written', 'w')") != "done"
    assert confined.tries(f"open('{tmp_path}/written', 'w')") != "done"
    assert confined.tries("os.mkdir('/dev/shm/written')") != "done"
    assert confined.tries("os.unlink(sys.executable)") != "done"
    assert not Path("/tmp/written").exists()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@needs_seccomp
def test_it_cannot_make_a_socket(confined: Confined, port: int) -> None:
    assert confined.tries("socket.socket()") == "PermissionError 1"
    connect = f"socket.create_connection(('127.0.0.1', {port}), timeout=5)"
    assert confined.tries(connect) == "PermissionError 1"
    assert confined.tries("socket.socket(socket.AF_UNIX)") == "PermissionError 1"


@needs_landlock_network
def test_landlock_alone_keeps_it_from_tcp(port: int) -> None:
    source = launcher.__file__
    without = Path(source).read_text("utf-8").replace("if has_seccomp():", "if False:")
    confined = Confined()
    command = confined.around.around((str(PYTHON),))
    at = command.index(source)
    program = (
        f"import socket\ntry: socket.create_connection(('127.0.0.1', {port}), timeout=5)\n"
        "except OSError as failure: print(failure.errno, flush=True)"
    )
    isolated = ["-I", "-S", "-c"]
    process = LineProcess(
        [command[0], *isolated, without, *command[at + 1 :], *isolated, program],
        cwd=Path("/"),
        environment={},
    )
    assert process.read_line(deadline=soon(), max_bytes=100) == b"13"
    process.kill()


@needs_seccomp
def test_it_cannot_start_processes_or_leave_its_group(confined: Confined) -> None:
    assert confined.tries("os.fork()") == "PermissionError 1"
    assert confined.tries(
        "import _posixsubprocess as p, subprocess; subprocess.run(['true'])"
    ) != ("done")
    assert confined.tries("os.setsid()") == "PermissionError 1"
    assert confined.tries("os.setpgid(0, 0)") == "PermissionError 1"


@needs_seccomp
def test_it_cannot_signal_others(confined: Confined) -> None:
    assert confined.tries("os.kill(os.getpid(), 0)") == "done"
    assert confined.tries(f"os.kill({os.getpid()}, 0)") != "done"
    assert confined.tries("os.kill(-1, 0)") != "done"


def test_it_does_not_see_the_environment(
    confined: Confined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "do not tell")
    assert confined.tries("assert 'SECRET' not in os.environ") == "done"
    assert confined.tries(f"open('/proc/{os.getpid()}/environ')") != "done"
    assert confined.tries("open(f'/proc/{os.getppid()}/environ')") != "done"


def test_it_gets_no_more_memory_than_it_was_given() -> None:
    confined = Confined(data_bytes=200_000_000)
    assert confined.tries("bytearray(100_000_000)") == "done"
    assert confined.tries("bytearray(300_000_000)").startswith("MemoryError")


@needs_landlock
def test_it_cannot_become_another_program(confined: Confined) -> None:
    assert confined.tries("os.execv('/bin/sh', ['sh', '-c', 'true'])") in {
        "PermissionError 13",
        "FileNotFoundError 2",
    }


def test_a_layer_that_is_refused_ends_the_process_with_its_name(tmp_path: Path) -> None:
    command = Confinement(read=(), execute=()).around((str(tmp_path / "nothing"),))
    process = LineProcess(command, cwd=tmp_path, environment={})
    said = process.read_line(deadline=soon(), max_bytes=1000).decode()
    assert said.startswith("confinement failed at exec")
    with pytest.raises(ProcessDied):
        process.read_line(deadline=soon(), max_bytes=1000)
    assert process.exit_status(patience_seconds=120) == launcher.FAILED
    process.kill()


@pytest.mark.lean
def test_the_webassembly_worker_stands_in_every_layer(installed: Toolchain) -> None:
    command = WasmBackend(installed).launch().command
    assert launcher.__file__ in command
    assert command[-1] == "/lean/server/main.lean"
    grants = command[command.index(launcher.__file__) + 1]
    assert str(installed.loader.parent.parent) in grants
    assert str(Path.home()) + '"' not in grants


_ESCAPES = """
const said = {};
const attempt = (name, action) => {
  try { action(); said[name] = "done" } catch (failure) { said[name] = failure.code }
};
const fs = require("fs");
attempt("read", () => fs.readFileSync("/etc/passwd"));
attempt("list", () => fs.readdirSync("/"));
attempt("write", () => fs.writeFileSync("/tmp/written-by-node", "x"));
attempt("fork", () => {
  const { error } = require("child_process").spawnSync("/bin/true");
  if (error) throw error;
});
said.environment = Object.keys(process.env).join();
const net = require("net").connect(Number(process.argv[1]), "127.0.0.1");
const end = () => { console.log(JSON.stringify(said)); process.exit() };
net.on("connect", () => { said.connect = "done"; end() });
net.on("error", failure => { said.connect = failure.code; end() });
"""


@pytest.mark.lean
@needs_landlock
@needs_seccomp
def test_a_node_in_the_webassembly_workers_place_cannot_get_out_even_without_its_own_guard(
    installed: Toolchain, port: int
) -> None:
    command = WasmBackend(installed).launch().command
    upto = command[: command.index(str(installed.node)) + 2]
    process = LineProcess(
        [*upto, "--no-warnings", "-e", _ESCAPES, str(port)], cwd=Path("/"), environment={}
    )
    said = json.loads(process.read_line(deadline=soon(), max_bytes=10_000))
    process.kill()
    assert said == {
        "read": "EACCES",
        "list": "EACCES",
        "write": "EPERM",
        "fork": "EPERM",
        "connect": "EPERM",
        "environment": "",
    }


@pytest.fixture
def bare_system(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A system without Landlock, seccomp and bubblewrap."""
    monkeypatch.setattr(launcher, "landlock_abi", lambda: 0)
    monkeypatch.setattr(launcher, "has_seccomp", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    bubblewrap.cache_clear()
    yield
    bubblewrap.cache_clear()


@pytest.mark.usefixtures("bare_system")
def test_a_system_with_nothing_to_confine_with_is_said_loudly() -> None:
    assert layers() == ("limits",)
    with pytest.warns(
        UnconfinedWarning, match=r"native Lean.*install bubblewrap.*use WebAssembly"
    ):
        BARE.warn_if_open("native Lean", otherwise="use WebAssembly")


@pytest.mark.usefixtures("bare_system")
def test_macos_has_no_launcher_and_a_warning_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert Confinement(read=(), execute=()).around(("lean", "--run")) == ("lean", "--run")
    with pytest.warns(UnconfinedWarning, match="under Linux"):
        BARE.warn_if_open("native Lean", otherwise="")


def test_a_processor_whose_system_calls_are_not_filtered_is_said_loudly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(launcher, "landlock_abi", lambda: 7)
    monkeypatch.setattr(launcher, "has_seccomp", lambda: False)
    monkeypatch.setattr(confinement, "bubblewrap", lambda: "")
    with pytest.warns(UnconfinedWarning, match=r"native Lean.*no filter.*signal.*x86-64"):
        BARE.warn_if_open("native Lean", otherwise="")


@pytest.mark.usefixtures("bare_system")
def test_bubblewrap_counts_only_for_those_who_stand_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "bubblewrap", lambda: "/usr/bin/bwrap")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        BARE.warn_if_open("native Lean", otherwise="")
    with pytest.warns(UnconfinedWarning, match="no Landlock"):
        Confinement(read=(), execute=()).warn_if_open("WebAssembly Lean", otherwise="")


@needs_landlock
@needs_seccomp
def test_a_confined_system_is_not_warned_about() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        BARE.warn_if_open("native Lean", otherwise="")


@pytest.mark.parametrize("namespaces", [False, True])
def test_a_process_outlives_the_thread_that_started_it(namespaces: bool) -> None:
    echo = "import sys\nfor line in sys.stdin: print(line.strip(), flush=True)"
    around = Confined(namespaces=namespaces).around
    command = around.around((str(PYTHON), "-I", "-S", "-c", echo))
    started: list[LineProcess] = []
    thread = threading.Thread(
        target=lambda: started.append(LineProcess(command, cwd=Path("/"), environment={}))
    )
    thread.start()
    thread.join()
    time.sleep(0.2)
    started[0].write_line(b"still here", deadline=soon())
    assert started[0].read_line(deadline=soon(), max_bytes=100) == b"still here"
    started[0].kill()


@needs_bubblewrap
def test_bubblewrap_is_measured_and_killed_with_what_is_in_it() -> None:
    holding = "import time; held = b'x' * 50_000_000; print('up', flush=True); time.sleep(60)"
    command = Confined(namespaces=True).around.around((str(PYTHON), "-I", "-S", "-c", holding))
    process = LineProcess(command, cwd=Path("/"), environment={})
    assert process.read_line(deadline=soon(), max_bytes=100) == b"up"
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert process.own_bytes() > 50_000_000
    process.kill()
    assert len(children) == 1
    eventually(lambda: not is_alive(int(children[0])))


@needs_bubblewrap
def test_a_bubblewrap_that_may_not_make_namespaces_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _: str(broken))
    bubblewrap.cache_clear()
    assert "bubblewrap" not in layers()
    bubblewrap.cache_clear()
