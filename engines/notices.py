"""What a person should hear while something runs, from however deep it comes.

Whoever runs it says who hears; where nobody does, it is a line on standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str], None]


def _to_standard_error(text: str) -> None:
    sys.stderr.write(f"outerloop: {text}\n")


_LISTENER: ContextVar[Listener] = ContextVar("listener", default=_to_standard_error)


def say(text: str) -> None:
    """Tell whoever listens, in one line."""
    _LISTENER.get()(" ".join(text.split()))


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Let a listener hear what is said within; it must bear being called from any thread."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)
