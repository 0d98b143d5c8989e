"""What a Lean process is kept from by the system, beyond what its backend keeps from it.

Landlock (files, TCP, signals), seccomp (processes, sockets), limits and, where it is installed,
bubblewrap (namespaces). Each is used where the system has it; `launcher.py` applies all but the
last in the new process. What people get wrong: a sandbox that is silently not there. A backend
that needs one calls `Confinement.warn_if_open`, which names what is missing and how to get it.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import shutil
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lean_sandbox import launcher, process, shared_libraries

_LAUNCHER = Path(launcher.__file__)
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/nix/store", "/gnu/store")
"""Where the system keeps its shared libraries; read whole only where a loader does not say which
of them it needs."""
_MACHINE = ("/etc/ld.so.cache", "/dev/null", "/proc/meminfo", "/proc/stat")
"""Where the libraries are, and how much memory and how many processors there are; a runtime that
cannot count its processors starts none of its threads."""
_PROBE_SECONDS = 20.0


class UnconfinedWarning(UserWarning):
    """A Lean process runs with fewer layers around it than it should have."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """What one process may have: nothing may be written, nothing else read, no network."""

    read: tuple[Path, ...]
    """Files and folders it may read, besides what its programs are loaded from."""
    execute: tuple[Path, ...]
    """Programs it may become; a script's interpreter is one of them."""
    data_bytes: int | None = None
    """Memory it may have of its own; what it maps from files is not counted."""
    open_files: int = 512
    namespaces: bool = False
    """Whether bubblewrap goes around it where that is installed: another 10 ms of its start."""

    def around(self, command: Sequence[str]) -> tuple[str, ...]:
        """The command that runs `command` confined; `command` itself where nothing is there."""
        if "limits" not in layers():
            return tuple(command)
        grants = {
            "read": [*_MACHINE, *map(str, self.read), *_libraries(self.execute)],
            "execute": [*map(str, self.execute), *_loaders(self.execute)],
            "data_bytes": self.data_bytes,
            "files": self.open_files,
        }
        python = os.path.realpath(sys.executable)
        inside = (python, "-I", "-S", str(_LAUNCHER), json.dumps(grants), *command)
        if not (self.namespaces and "bubblewrap" in layers()):
            return inside
        return (*self._namespaces(python), *inside)

    def warn_if_open(self, who: str, *, otherwise: str) -> None:
        """Warn when `who`, confined so, could harm this user's files or processes.

        `otherwise` ends the message: what still holds, or what to use instead.
        """
        gap = _gap(set(layers()) - (set() if self.namespaces else {"bubblewrap"}))
        if gap:
            warnings.warn(
                f"{who} is not confined by the system: {gap}; {otherwise}",
                UnconfinedWarning,
                stacklevel=3,
            )

    def _namespaces(self, python: str) -> list[str]:
        """Bubblewrap's part: its own processes, network, mounts and host name."""
        shown = [*_LIBRARIES, _MACHINE[0], python, sys.base_prefix, str(_LAUNCHER)]
        shown += [str(path) for path in (*self.read, *self.execute)]
        # No --die-with-parent: to the kernel the parent is the thread that starts the process.
        command = [bubblewrap(), "--unshare-all", "--as-pid-1"]
        for path in dict.fromkeys(shown):
            command += ["--ro-bind-try", path, path]
        return [*command, "--proc", "/proc", "--dev", "/dev", "--"]


def _loaders(programs: Sequence[Path]) -> list[str]:
    found = (shared_libraries.loader_of(program) for program in programs)
    return [str(loader) for loader in found if loader is not None]


def _libraries(programs: Sequence[Path]) -> list[str]:
    read: list[str] = []
    for program in programs:
        loader = shared_libraries.loader_of(program)
        if loader is not None:
            read += map(str, shared_libraries.libraries_of(program, loader) or _LIBRARIES)
    return read


def layers() -> tuple[str, ...]:
    """What this system has, of "limits", "landlock", "landlock network", "seccomp", "bubblewrap".

    The kernel is asked, and bubblewrap is tried.
    """
    if sys.platform != "linux" or not sys.executable:
        return ()
    found = ["limits"]
    abi = launcher.landlock_abi()
    if abi:
        found.append("landlock")
    if abi >= launcher.TCP_SINCE:
        found.append("landlock network")
    if launcher.has_seccomp():
        found.append("seccomp")
    if bubblewrap():
        found.append("bubblewrap")
    return tuple(found)


def _gap(here: set[str]) -> str:
    """What a process that stands in these layers is still not kept from, and the way out."""
    if "bubblewrap" in here or {"landlock", "seccomp"} <= here:
        return ""
    if sys.platform != "linux":
        fix = f"{sys.platform} has neither; run this under Linux, in a virtual machine for example"
        return f"no Landlock and no working bubblewrap; {fix}"
    if "landlock" not in here:
        fix = "install bubblewrap (`apt-get install bubblewrap`) or boot Linux 5.13 or newer"
        return f"no Landlock and no working bubblewrap, so it can read this user's files; {fix}"
    return (
        f"no filter of system calls for {platform.machine()}, so it can signal this user's "
        "processes, start others and change the modes and times of files; use Linux on x86-64 or "
        "64-bit ARM"
    )


@functools.cache
def bubblewrap() -> str:
    """The program, once it has been seen to work: many systems have it and forbid its use."""
    program = shutil.which("bwrap")
    if program is None:
        return ""
    probe = [program, "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--"]
    try:
        done = process.run(
            [*probe, sys.executable, "-I", "-S", "-c", ""],
            cwd=Path("/"),
            timeout_seconds=_PROBE_SECONDS,
        )
    except (OSError, process.DeadlinePassed):
        return ""
    return program if done.returncode == 0 else ""
