"""The first gate: programs that are not sent to Lean at all, by size, encoding or depth."""

from __future__ import annotations

from lean_sandbox.nesting import nests_deeper
from lean_sandbox.policy import MAX_NESTING, MAX_PROGRAM_BYTES
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, Verdict


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
    if any(nests_deeper(text, MAX_NESTING) for text in (request.program, request.target or "")):
        return not_sent("too_deep", f"more than {MAX_NESTING} brackets are open at once")
    return None


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
