"""The request and response forms of the Kimina Lean server, so that its clients work unchanged.

What people get wrong: its clients know no refusal. They count a program as valid unless an error
is said, so every verdict but `accepted` and `sorry` is said as an error here, Lean's own or one
that begins with the reason code, and `sorry` the way they expect it, as a warning and an entry of
`sorries`.

Forms: project-numina/kimina-lean-server, packages `kimina-client` 0.1.3 to 0.2.1.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.serving.forms import LONGEST_SECONDS
from lean_sandbox.verdict import Message, Note, Outcome, Verdict

_LINE = re.compile(r"line (\d+): ")
_SORRY_WARNING = "declaration uses 'sorry'"
"""Spelt as Kimina's `has_error_response` looks for it."""


def _writable(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as failure:
        raise ValueError(f"character {failure.start} is half of a pair") from None
    return text


def _number(value: object) -> object:
    """Python's truth values are whole numbers too; nobody means one by them."""
    if isinstance(value, bool):
        raise ValueError("a truth value is no number")
    return value


Identifier = Annotated[str, AfterValidator(_writable)]
"""A client's name for a program: it is sent back, so it must be text that can be."""
WholeSeconds = Annotated[int, Field(ge=0, le=LONGEST_SECONDS), BeforeValidator(_number)]
Number = Annotated[int, BeforeValidator(_number)]
Infotree = Literal["full", "tactics", "original", "substantive"]


class Snippet(BaseModel):
    """One program of a `/api/check` request."""

    id: Identifier
    code: str


class CheckBody(BaseModel):
    """The body of `POST /api/check`."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    snippets: list[Snippet] = Field(
        min_length=1,
        examples=[[{"id": "two", "code": "theorem two : 1 + 1 = 2 := by decide"}]],
    )
    """At least one, with ids that differ."""
    timeout: WholeSeconds = 30
    """Seconds for each program; the server's own limit is the most."""
    debug: bool = False
    """Taken and ignored."""
    reuse: bool = True
    """Taken and ignored: no program sees an earlier one's environment."""
    infotree: Infotree | None = None
    """Taken and ignored: no info trees are given."""

    @model_validator(mode="after")
    def _ids_differ(self) -> CheckBody:
        again = [id for id, times in Counter(s.id for s in self.snippets).items() if times > 1]
        if again:
            raise ValueError(f"`snippets` must have unique ids; {again[0]!r} stands twice")
        return self

    def requests(self) -> list[CheckRequest]:
        """The same as requests to a sandbox."""
        return [CheckRequest(snippet.code, messages=True) for snippet in self.snippets]


class Code(BaseModel):
    """One program of a `/verify` request."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    custom_id: Identifier | Number
    proof: str | None = None
    """The program."""
    code: str | None = None
    """The program, where there is no `proof`."""

    @model_validator(mode="after")
    def _has_a_program(self) -> Code:
        if self.proof is None and self.code is None:
            raise ValueError(f"the program {self.custom_id!r} has neither `proof` nor `code`")
        return self


class VerifyBody(BaseModel):
    """The body of `POST /verify`."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    codes: list[Code]
    timeout: WholeSeconds = 300
    """Seconds for each program; the server's own limit is the most."""
    infotree_type: Infotree | None = None
    """Taken and ignored: no info trees are given."""
    disable_cache: bool = False
    """Taken and ignored: no program sees an earlier one's environment."""

    def requests(self) -> list[CheckRequest]:
        """The same as requests to a sandbox."""
        programs = [code.proof if code.proof is not None else code.code for code in self.codes]
        return [CheckRequest(program or "", messages=True) for program in programs]


class Position(BaseModel):
    """A place in a program: lines count from 1, columns from 0."""

    line: int
    column: int


class KiminaMessage(BaseModel):
    """Something Lean, or a gate, said about a place."""

    severity: Literal["trace", "info", "warning", "error"]
    pos: Position
    endPos: Position  # noqa: N815 - Kimina's name
    data: str


class Sorry(BaseModel):
    """A `sorry` a program rests on."""

    pos: Position
    endPos: Position  # noqa: N815 - Kimina's name
    goal: str


class CommandResponse(BaseModel):
    """What was said of a program that was judged."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    env: int = 0
    """Always 0: nothing is kept for later programs."""
    messages: list[KiminaMessage] | None = None
    sorries: list[Sorry] | None = None
    time: float | None = None
    """Seconds in the worker; only in the answers of `/verify`."""


class CheckedSnippet(BaseModel):
    """One program's part of the answer of `/api/check`."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    time: float
    """Seconds in the worker."""
    error: str | None = None
    """Why there is no `response`: no time, no memory, nothing decided."""
    response: CommandResponse | None = None


class CheckAnswer(BaseModel):
    """What `POST /api/check` answers."""

    results: list[CheckedSnippet]


class VerifiedCode(BaseModel):
    """One program's part of the answer of `/verify`."""

    custom_id: str
    error: str | None = None
    response: CommandResponse | None = None


class VerifyAnswer(BaseModel):
    """What `POST /verify` answers."""

    results: list[VerifiedCode]


def check_answer(body: CheckBody, verdicts: list[Verdict]) -> CheckAnswer:
    """The verdicts in the form of `/api/check`."""
    return CheckAnswer(
        results=[
            CheckedSnippet(
                id=snippet.id,
                time=round(verdict.seconds, 6),
                error=_error(verdict),
                response=_response(verdict),
            )
            for snippet, verdict in zip(body.snippets, verdicts, strict=True)
        ]
    )


def verify_answer(body: VerifyBody, verdicts: list[Verdict]) -> VerifyAnswer:
    """The verdicts in the form of `/verify`."""
    return VerifyAnswer(
        results=[
            VerifiedCode(
                custom_id=str(code.custom_id),
                error=_error(verdict),
                response=_response(verdict, time=round(verdict.seconds, 6)),
            )
            for code, verdict in zip(body.codes, verdicts, strict=True)
        ]
    )


def _error(verdict: Verdict) -> str | None:
    """Why a program was not judged; None when it was accepted or refused."""
    if verdict.outcome in (Outcome.ACCEPTED, Outcome.REFUSED):
        return None
    said = f"{verdict.reason}: {verdict.detail}"
    if verdict.outcome is Outcome.TIMEOUT:
        return f"Lean timed out: {said}"  # "timed out" is what clients tell a timeout by
    return f"Lean gave no verdict ({verdict.outcome}): {said}"


def _response(verdict: Verdict, *, time: float | None = None) -> CommandResponse | None:
    """What was said of a program; None when it was not judged."""
    if verdict.outcome not in (Outcome.ACCEPTED, Outcome.REFUSED):
        return None
    messages = [_noted(note) for note in verdict.notes]
    messages += [_said(message) for message in verdict.messages]
    sorries: list[Sorry] = []
    place = _place(verdict)
    if verdict.reason == "sorry":
        sorries.append(Sorry(pos=place, endPos=place, goal=verdict.detail))
        messages.append(_ours("warning", place, _SORRY_WARNING))
    elif verdict.outcome is Outcome.REFUSED and not any(m.severity == "error" for m in messages):
        data = f"{verdict.reason}: {_LINE.sub('', verdict.detail, count=1)}"
        messages.append(_ours("error", place, data))
    return CommandResponse(messages=messages or None, sorries=sorries or None, time=time)


def _said(message: Message) -> KiminaMessage:
    return KiminaMessage(
        severity=message.severity.value,
        pos=Position(line=message.line, column=message.column),
        endPos=Position(line=message.end_line, column=message.end_column),
        data=message.text,
    )


def _noted(note: Note) -> KiminaMessage:
    return _ours("info", Position(line=note.line, column=0), f"{note.kind}: {note.text}")


def _ours(
    severity: Literal["info", "warning", "error"], place: Position, data: str
) -> KiminaMessage:
    return KiminaMessage(severity=severity, pos=place, endPos=place, data=data)


def _place(verdict: Verdict) -> Position:
    """Where the verdict's own words belong: the line they begin with, or Lean's first message."""
    found = _LINE.match(verdict.detail)
    if found is None and verdict.messages:
        return Position(line=verdict.messages[0].line, column=verdict.messages[0].column)
    return Position(line=int(found[1]) if found else 1, column=0)
