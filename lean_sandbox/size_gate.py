"""The first gate: programs that are not sent to Lean at all, by size, encoding or depth."""

from __future__ import annotations

import re

from lean_sandbox.policy import MAX_NESTING, MAX_PROGRAM_BYTES
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, Verdict

_BRACKETS = re.compile(r"[()\[\]{}⟨⟩]")


def unreadable(request: CheckRequest) -> Verdict | None:
    """The verdict on a program that is not sent to Lean at all, by size or encoding."""
    try:
        size = len(request.program.encode("utf-8"))
        "".join((request.target or "", *request.tests)).encode("utf-8")
    except UnicodeEncodeError as failure:
        return not_sent("bad_encoding", f"character {failure.start} is half of a pair")
    if size > MAX_PROGRAM_BYTES:
        return not_sent("too_large", f"{size:,} bytes; at most {MAX_PROGRAM_BYTES:,}")
    if "\0" in request.program:
        return not_sent("bad_encoding", f"NUL at character {request.program.index(chr(0))}")
    if max(_depth(text) for text in (request.program, request.target or "")) > MAX_NESTING:
        return not_sent("too_deep", f"more than {MAX_NESTING} brackets are open at once")
    return None


def _depth(text: str) -> int:
    """The most brackets open at once, wherever they stand."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        depth = depth + 1 if bracket in "([{⟨" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def not_sent(reason: str, detail: str) -> Verdict:
    """The refusal of a program that was kept from Lean."""
    return Verdict(
        outcome=Outcome.REFUSED,
        reason=reason,
        detail=detail,
        tests=(),
        lean_version="",
        gates=("size",),
        seconds=0.0,
    )
