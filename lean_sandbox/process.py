"""The only file that starts processes.

What people get wrong: killing a child leaves its own children running, so every process here leads
a group of its own and the whole group is killed.
"""

from __future__ import annotations

import contextlib
import math
import os
import resource
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class ProcessDied(Exception):
    """The process closed its output or its input."""


class DeadlinePassed(Exception):
    """The process did not answer, or did not read, in time."""


class TooMuchOutput(Exception):
    """The process wrote more bytes than one line may have."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a short-lived process ended."""

    returncode: int
    stdout: str
    stderr: str


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    timeout_seconds: float,
    environment: Mapping[str, str] | None = None,
) -> Finished:
    """Run a trusted command to its end, with this process's environment where none is given.

    Raises:
        DeadlinePassed: it ran longer than `timeout_seconds`; its group was killed.
        OSError: it could not be started.
    """
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=timeout_seconds)
        except subprocess.TimeoutExpired:
            _kill_group(process)
            raise DeadlinePassed(f"{command[0]} ran longer than {timeout_seconds:.0f} s") from None
        except BaseException:
            _kill_group(process)
            raise
    return Finished(process.returncode, stdout, stderr)


def _kill_group(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _with_children(pid: int) -> list[int]:
    """The process and what it started, which is one more when a sandbox stands around it."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError, ValueError):
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text()
            found += map(int, children.split())
    return found


def _own_bytes(pid: int) -> int:
    try:
        with Path(f"/proc/{pid}/statm").open("rb") as stream:
            _, resident, from_files, *_ = stream.read().split()
        return (int(resident) - int(from_files)) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


class LineProcess:
    """A process that is spoken to in lines, with a deadline on every word.

    It gets the environment it is given and nothing else, and its own process group.
    """

    def __init__(
        self, command: Sequence[str], *, cwd: Path, environment: Mapping[str, str]
    ) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input = self._process.stdin.fileno()
        self._output = self._process.stdout.fileno()
        os.set_blocking(self._input, False)
        os.set_blocking(self._output, False)
        self._pending = b""

    @property
    def pid(self) -> int:
        """The process id, which is its group's id too."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit status; negative for a signal; None while it runs."""
        return self._process.poll()

    def write_line(self, line: bytes, *, deadline: float) -> None:
        """Send one line.

        Raises:
            ProcessDied: nobody reads any more.
            DeadlinePassed: the pipe stayed full until `deadline` (`time.monotonic`).
        """
        view = memoryview(line + b"\n")
        while view:
            self._wait(self._input, selectors.EVENT_WRITE, deadline)
            try:
                view = view[os.write(self._input, view) :]
            except BlockingIOError:
                continue
            except OSError as failure:
                raise ProcessDied(str(failure)) from failure

    def read_line(self, *, deadline: float, max_bytes: int) -> bytes:
        """The next line of output, without its end.

        Raises:
            ProcessDied: the output was closed.
            DeadlinePassed: no whole line came before `deadline` (`time.monotonic`).
            TooMuchOutput: the line is longer than `max_bytes`.
        """
        while True:
            line, found, rest = self._pending.partition(b"\n")
            if found:
                self._pending = rest
                return line
            if len(self._pending) > max_bytes:
                raise TooMuchOutput(f"more than {max_bytes} bytes without a line end")
            self._wait(self._output, selectors.EVENT_READ, deadline)
            try:
                chunk = os.read(self._output, 65536)
            except BlockingIOError:
                continue
            if not chunk:
                raise ProcessDied("output closed")
            self._pending += chunk

    @property
    def has_unread_output(self) -> bool:
        """Whether bytes have arrived that no `read_line` has returned."""
        if self._pending:
            return True
        with contextlib.suppress(BlockingIOError):
            self._pending = os.read(self._output, 65536)
        return bool(self._pending)

    def own_bytes(self) -> int:
        """The resident memory that the process and its children share with nobody.

        Pages of mapped files, such as a library's, are not counted. 0 where the system is silent.
        """
        return sum(_own_bytes(pid) for pid in _with_children(self.pid))

    def allow_cpu(self, seconds: float) -> None:
        """Let the process use so many more seconds of processor time; beyond, the system ends it.

        This is for the day this process is killed and cannot end its runaway child. Linux only.
        """
        if sys.platform != "linux":
            return
        for pid in _with_children(self.pid):
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                _, hard = resource.prlimit(pid, resource.RLIMIT_CPU)
                limit = math.ceil(used + seconds)
                resource.prlimit(pid, resource.RLIMIT_CPU, (limit, hard))

    def interrupt(self) -> None:
        """Kill the whole group from another thread than the one that reads; closes nothing."""
        if self._process.returncode is None:  # not waited for: the id is still this process's
            _kill_group(self._process)

    def kill(self) -> None:
        """Kill the whole group and wait for the process; safe to call twice."""
        _kill_group(self._process)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def exit_status(self, *, patience_seconds: float) -> int | None:
        """Wait a little for the end of a dying process; None when it does not end."""
        try:
            return self._process.wait(timeout=patience_seconds)
        except subprocess.TimeoutExpired:
            return None

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise DeadlinePassed
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, event)
            if not selector.select(remaining):
                raise DeadlinePassed
