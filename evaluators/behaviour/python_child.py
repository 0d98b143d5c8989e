"""The process in which a stranger's Python function runs: one function, one line for each call.

    python -s -S -P python_child.py

It imports nothing but the standard library, because it is run by file name in an interpreter that
finds nothing else. A request is a JSON object; the reply begins with the request's `id`, so that
what the function itself prints is never taken for a reply.
"""

from __future__ import annotations

import ast
import io
import json
import os
import sys
from collections.abc import Callable
from typing import Any

MAX_BITS = 4096
MAX_ELEMENTS = 1000
"""Longer values make tests that no person reads and no kernel finishes."""


class LeftOut(Exception):
    """A value that is not passed on, and why."""


def plain(value: object, room: int = MAX_ELEMENTS) -> int:
    """How much of `room` a value leaves; only the builtin types, exactly, are passed on."""
    kind = type(value)
    if value is None or kind in (bool, float):
        return room - 1
    if kind is int:
        if value.bit_length() > MAX_BITS:  # type: ignore[attr-defined]
            raise LeftOut("too_large")
        return room - 1
    if kind is str:
        room -= len(value) + 1  # type: ignore[arg-type]
    elif kind in (list, tuple):
        room -= 1
        for element in value:  # type: ignore[attr-defined]
            if room <= 0:
                break
            room = plain(element, room)
    else:
        raise LeftOut("not_plain")
    if room <= 0:
        raise LeftOut("too_large")
    return room


def written(value: object) -> str:
    """A plain value as `ast.literal_eval` reads it."""
    plain(value)
    text = repr(value)
    try:
        ast.literal_eval(text)
    except ValueError as wrong:  # inf and nan have no literal
        raise LeftOut("not_finite") from wrong
    return text


def answer(function: Callable[..., object], arguments: str) -> dict[str, str]:
    """What one call gives."""
    try:
        return {"value": written(function(*ast.literal_eval(arguments)))}
    except LeftOut as why:
        return {"left_out": str(why)}
    except RecursionError:
        return {"left_out": "too_deep"}
    except MemoryError:
        return {"left_out": "too_large"}
    except BaseException as raised:  # noqa: BLE001 - whatever a stranger's function raises
        return {"left_out": "raised", "detail": type(raised).__name__}


def load(source: str, name: str) -> Callable[..., object]:
    """The function of that name, after its source was run."""
    space: dict[str, Any] = {"__name__": "stranger"}
    exec(compile(source, "<function>", "exec"), space)
    function: Callable[..., object] = space[name]
    return function


def main() -> None:
    """Read the function, then one call a line."""
    output = os.fdopen(os.dup(1), "wb", buffering=0)
    lines = iter(sys.stdin.buffer.readline, b"")
    sys.stdout = sys.stderr = io.StringIO()
    sys.stdin = io.StringIO()
    request = json.loads(next(lines))
    reply: dict[str, str] = {}
    try:
        function = load(request["source"], request["name"])
    except BaseException as raised:  # noqa: BLE001 - whatever a stranger's module raises
        reply = {"left_out": "does_not_load", "detail": type(raised).__name__}
    output.write(f"{request['id']} {json.dumps(reply)}\n".encode())
    for line in lines if not reply else ():
        request = json.loads(line)
        reply = answer(function, request["arguments"])
        output.write(f"{request['id']} {json.dumps(reply)}\n".encode())
        sys.stdout.seek(0)
        sys.stdout.truncate()


if __name__ == "__main__":
    main()
