"""What a computation uses that its value does not say: money, and time in other processes.

A stage opens a meter; whatever it calls adds to the meter that is open. Nobody has to be running
one: a call outside any stage adds to nothing. A meter belongs to the thread that opened it, so a
machine that works with threads of its own takes it along (`meter.current()`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from engines.ledger import Cost

_MOST_NOTES = 50

_OPEN: ContextVar[Meter | None] = ContextVar("open_meter", default=None)


class Meter:
    """Adds up costs, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used = Cost()
        self._notes: dict[str, None] = {}

    @property
    def used(self) -> Cost:
        """What was added so far."""
        with self._lock:
            return self._used

    @property
    def notes(self) -> list[str]:
        """What whoever reads the result must know of how it was made, each once."""
        with self._lock:
            return list(self._notes)

    def add(self, cost: Cost) -> None:
        """Count something."""
        with self._lock:
            self._used += cost

    def note(self, text: str) -> None:
        """Write something down beside the result; of very many, the first."""
        with self._lock:
            if len(self._notes) < _MOST_NOTES:
                self._notes[text] = None


def current() -> Meter:
    """The open meter, or one that nobody reads."""
    return _OPEN.get() or Meter()


@contextmanager
def apart() -> Iterator[Meter]:
    """A meter of what is called within, which the open one is told of too; without seconds."""
    outer, inner = current(), Meter()
    token = _OPEN.set(inner)
    try:
        yield inner
    finally:
        _OPEN.reset(token)
        outer.add(inner.used)
        for note in inner.notes:
            outer.note(note)


@contextmanager
def metered(*, gpus: float = 0.0) -> Iterator[Meter]:
    """Open a meter; when it closes, it has this process's seconds too.

    Args:
        gpus: GPUs held meanwhile.
    """
    meter = Meter()
    token = _OPEN.set(meter)
    wall, cpu = time.monotonic(), time.process_time()
    try:
        yield meter
    finally:
        _OPEN.reset(token)
        seconds = time.monotonic() - wall
        used = Cost(
            seconds=round(seconds, 3),
            cpu_seconds=round(time.process_time() - cpu, 3),
            gpu_seconds=round(seconds * gpus, 3),
        )
        meter.add(used)
