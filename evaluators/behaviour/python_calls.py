"""Asking a stranger's Python function what it returns, call by call, without trusting it.

The function runs in a process of its own: no network, no files but Python's library, no child
processes, so much memory, a deadline for every call. What people get wrong: taking whatever comes
back for the function's meaning. Every call is made in two processes, in opposite order and with
different hash seeds; where the two disagree the function is not a function of its arguments, and
the call is left out.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import secrets
import sys
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from evaluators.behaviour import python_child
from lean_sandbox import shared_libraries
from lean_sandbox.confinement import Confinement
from lean_sandbox.process import DeadlinePassed, LineProcess, ProcessDied, TooMuchOutput

_CHILD = Path(python_child.__file__)
_PYTHON = Path(os.path.realpath(sys.executable))
_MAX_REPLY_BYTES = 1_000_000
_START_SECONDS = 20.0
_GIVE_UP_AFTER = 3
"""A function that was ended so often is not asked again: it would cost a deadline each time."""

LEFT_OUT = {
    "raised": "Python raised an exception.",
    "too_slow": "Python did not answer in time.",
    "too_deep": "Python's recursion limit was reached.",
    "too_large": "The value, or what it took to make it, is too large for a test.",
    "not_plain": "The value holds more than numbers, truth values, strings, lists and tuples.",
    "not_finite": "The value holds an infinity or a NaN.",
    "not_deterministic": "Two runs gave different values.",
    "died": "The process died under the call.",
    "does_not_load": "The function's source cannot be run at all.",
}
"""Why a call says nothing about what a function means."""


class PythonLimits(BaseModel):
    """What one Python function may use."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    seconds_per_call: float = Field(default=1.0, gt=0, le=60)
    """Wall clock of one call."""
    memory_bytes: int = Field(default=512 * 2**20, ge=64 * 2**20)
    """Memory of the process, where the system can limit it."""


@dataclass(frozen=True, slots=True)
class ObservedCall:
    """One call and what Python returned; a `KnownCall`."""

    arguments: tuple[object, ...]
    value: object


@dataclass(frozen=True, slots=True)
class CallLeftOut:
    """One call of which no value can be used."""

    arguments: tuple[object, ...]
    reason: str
    """One of `LEFT_OUT`."""
    detail: str = ""
    """The exception's name, where one was raised."""


Observation = ObservedCall | CallLeftOut


def observe_calls(
    source: str,
    name: str,
    inputs: Sequence[tuple[object, ...]],
    *,
    limits: PythonLimits = PythonLimits(),  # noqa: B008 - frozen
) -> list[Observation]:
    """What the function returns for each input; observation `i` belongs to input `i`.

    Args:
        source: Python that defines the function; it may import from the standard library alone.
        name: the function's name.
        inputs: positional arguments of plain types.
        limits: what it may use.

    Raises:
        OSError: no Python process can be started.
    """
    if not inputs:
        return []
    _fence(limits).warn_if_open(
        "a Python function that is asked for its values", otherwise="do not run it"
    )
    replies = _all_replies(source, name, inputs, limits=limits, hash_seed=0)
    if all("value" not in reply for reply in replies):
        again = replies
    else:
        again = _all_replies(source, name, inputs[::-1], limits=limits, hash_seed=1)[::-1]
    observations = [
        _observation(arguments, first, second)
        for arguments, first, second in zip(inputs, replies, again, strict=True)
    ]
    if any(isinstance(one, CallLeftOut) and one.reason == _UNSTEADY for one in observations):
        # where two calls differ, others may agree by chance
        return [CallLeftOut(one.arguments, _UNSTEADY) for one in observations]
    return observations


def _observation(
    arguments: tuple[object, ...], first: dict[str, str], second: dict[str, str]
) -> Observation:
    if first != second:
        reasons = {first.get("left_out", ""), second.get("left_out", "")} & _OF_THE_MACHINE
        return CallLeftOut(arguments, reasons.pop() if reasons else _UNSTEADY)
    if "value" in first:
        return ObservedCall(arguments, ast.literal_eval(first["value"]))
    return CallLeftOut(arguments, first["left_out"], first.get("detail", ""))


_UNSTEADY = "not_deterministic"
_OF_THE_MACHINE = {"too_slow", "died", "too_large"}
"""Reasons that one run may give and the other not, though the function always means the same."""


def _all_replies(
    source: str,
    name: str,
    inputs: Sequence[tuple[object, ...]],
    *,
    limits: PythonLimits,
    hash_seed: int,
) -> list[dict[str, str]]:
    """One reply for each input, from as many processes as it takes."""
    replies: list[dict[str, str]] = []
    ended = 0
    while len(replies) < len(inputs):
        if ended >= _GIVE_UP_AFTER:
            return replies + [replies[-1]] * (len(inputs) - len(replies))
        with _Child(limits, hash_seed) as child:
            reply = child.load(source, name)
            if reply:
                return [reply] * len(inputs)
            for arguments in inputs[len(replies) :]:
                replies.append(child.call(arguments))
                if child.is_over:
                    ended += 1
                    break
    return replies


def _fence(limits: PythonLimits) -> Confinement:
    library = (Path(sysconfig.get_path("stdlib")), shared_libraries.extensions())
    return Confinement(
        read=(_CHILD, *library, *shared_libraries.of_extensions(_PYTHON)),
        execute=(_PYTHON,),
        data_bytes=limits.memory_bytes,
    )


class _Child:
    """One process with one function in it."""

    def __init__(self, limits: PythonLimits, hash_seed: int) -> None:
        self._process = LineProcess(
            _fence(limits).around([str(_PYTHON), "-s", "-S", "-P", str(_CHILD)]),
            cwd=_CHILD.parent,
            environment={"PYTHONHASHSEED": str(hash_seed), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        self._limits = limits
        self.is_over = False
        """Whether the process was ended under a call."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()

    def load(self, source: str, name: str) -> dict[str, str]:
        """Nothing, or why the function cannot be asked."""
        reply = self._ask({"source": source, "name": name}, seconds=_START_SECONDS)
        return (
            {"left_out": "does_not_load", "detail": reply["left_out"]} if self.is_over else reply
        )

    def call(self, arguments: tuple[object, ...]) -> dict[str, str]:
        """The value as text, or why there is none."""
        return self._ask({"arguments": repr(arguments)}, seconds=self._limits.seconds_per_call)

    def _ask(self, request: dict[str, object], *, seconds: float) -> dict[str, str]:
        nonce = secrets.token_hex(8)
        deadline = time.monotonic() + seconds
        line = json.dumps({"id": nonce, **request}).encode()
        try:
            self._process.write_line(line, deadline=deadline)
            reply = self._process.read_line(deadline=deadline, max_bytes=_MAX_REPLY_BYTES)
        except DeadlinePassed:
            return self._ended("too_slow")
        except TooMuchOutput:
            return self._ended("too_large")
        except ProcessDied:
            return self._ended("died")
        head, _, body = reply.partition(b" ")
        with contextlib.suppress(ValueError):
            if head == nonce.encode():
                said: dict[str, str] = json.loads(body)
                return said
        return self._ended("died")

    def _ended(self, reason: str) -> dict[str, str]:
        self.is_over = True
        return {"left_out": reason}
