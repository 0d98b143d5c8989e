"""How many workers a machine's memory allows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lean_sandbox.errors import SandboxUnavailable

_SHARE = 2
"""Without a stated budget, half of what is free."""
_ENOUGH_FOR_A_SPARE = 3
"""With room for two, both work; from three on, one waits to take a lost one's place."""
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Crew:
    """How many workers check programs, and how many wait started."""

    workers: int
    spares: int

    @property
    def all(self) -> int:
        """The most processes at any time."""
        return self.workers + self.spares


def crew(
    workers: int | None, spares: int | None, memory_bytes: int | None, *, worker_bytes: int
) -> Crew:
    """The crew a pool gets; never more than fits `memory_bytes` at `worker_bytes` each.

    A stated number of workers without a budget is taken as it is, without a spare unless one is
    asked for. A budget alone gives as many workers as fit, but no more than processors, and a
    spare where three or more fit. With neither, the budget is half of the free memory.

    Raises:
        ValueError: the numbers contradict each other.
        SandboxUnavailable: nothing was stated and this machine has no room for one worker.
    """
    _require_sensible(workers, spares)
    if memory_bytes is None and workers is not None:
        return Crew(workers, spares or 0)
    if memory_bytes is None:
        fitting = max(available_bytes() // _SHARE, 0) // worker_bytes
        if fitting < 1 + (spares or 0):
            raise SandboxUnavailable(
                f"a worker needs {_gigabytes(worker_bytes)}, half of the free memory is "
                f"{_gigabytes(available_bytes() // _SHARE)}; free some, or state `workers` to "
                "take more than half"
            )
    else:
        fitting = memory_bytes // worker_bytes
    wanted = (workers or 1) + (spares or 0)
    if fitting < wanted:
        raise ValueError(
            f"memory_bytes is {_gigabytes(memory_bytes or 0)}, {wanted} workers (spares counted) "
            f"need {_gigabytes(wanted * worker_bytes)}; raise it or ask for fewer"
        )
    if workers is None:
        reserved = spares if spares is not None else int(fitting >= _ENOUGH_FOR_A_SPARE)
        workers = min(fitting - reserved, processors())
    if spares is None:
        spares = int(fitting > workers and fitting >= _ENOUGH_FOR_A_SPARE)
    return Crew(workers, spares)


def _require_sensible(workers: int | None, spares: int | None) -> None:
    if workers is not None and workers < 1:
        raise ValueError(f"a pool needs at least 1 worker, not {workers}")
    if spares is not None and spares < 0:
        raise ValueError(f"a pool cannot have {spares} spares; 0 is the least")


def processors() -> int:
    """The processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_bytes() -> int:
    """The memory that is free, as the system and the container's limit see it."""
    return min(_free(), _left_in_container())


def _free() -> int:
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        fields = dict(line.split(":", 1) for line in lines)
        return int(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):  # not Linux: half of what is built in
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def _left_in_container() -> int:
    """Below the limit of this process's control group; a huge number where there is none."""
    pairs = (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    )
    for limit, used in pairs:
        try:
            return int((_CGROUP / limit).read_text()) - int((_CGROUP / used).read_text())
        except (OSError, ValueError):
            continue
    return 1 << 62


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
