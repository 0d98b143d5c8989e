"""Answers of language models that a stage has paid for before it is finished.

A stage opens a file of answers, whatever asks a model puts every answer into it as it comes, and
looks there before it asks. A stage that fails or is killed has paid once: run again, it asks only
for what it has no answer to. Nobody has to have opened one: a call outside any stage is kept
nowhere. The file goes when the stage is finished, whose manifest has the cost of them all.
"""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from engines.append_only import AppendOnly
from engines.ledger import Cost

_COUNTED = ("input_tokens", "cached_tokens", "output_tokens", "nanodollars", "unpriced_tokens")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered to one call, and what that used."""

    text: str
    finish: str
    """Why it ended: `stop`, `length`, `content_filter`, …"""
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    nanodollars: int = 0
    unpriced_tokens: int = 0

    @classmethod
    def of(cls, text: str, finish: str, cost: Cost) -> Answer:
        """An answer, with what it used."""
        return cls(text, finish, **{name: getattr(cost, name) for name in _COUNTED})

    @property
    def cost(self) -> Cost:
        """What it used, as the ledger counts it."""
        return Cost(**{name: getattr(self, name) for name in _COUNTED})


class Answers:
    """The answers of one stage, by the call they belong to; from any thread."""

    def __init__(self, file: AppendOnly | None = None) -> None:
        self._lock = threading.Lock()
        self._file = file
        self._kept: dict[str, list[Answer]] = {}
        for line in file or ():
            try:
                call, values = json.loads(line)
                self._kept.setdefault(call, []).append(Answer(**values))
            except (ValueError, TypeError):
                continue  # of another version: asked again

    def take(self, call: str) -> Answer | None:
        """An answer to a call that was paid for before; each is given once."""
        with self._lock:
            kept = self._kept.get(call)
            return kept.pop(0) if kept else None

    def keep(self, call: str, answer: Answer) -> None:
        """Write down an answer as it comes.

        Raises:
            OSError: the disk is full.
        """
        if self._file is not None:
            line = json.dumps([call, dataclasses.asdict(answer)])
            with self._lock:
                self._file.append(line)


_OPEN: ContextVar[Answers | None] = ContextVar("open_answers", default=None)


def current() -> Answers:
    """The open answers, or some that are kept nowhere."""
    return _OPEN.get() or Answers()


@contextmanager
def kept_in(path: Path) -> Iterator[None]:
    """Keep the answers to calls within in a file; those that it holds are not asked for again."""
    with AppendOnly(path) as file:
        token = _OPEN.set(Answers(file))
        try:
            yield
        finally:
            _OPEN.reset(token)
