"""What the server's own routes take and give: a request with target and tests, a full verdict."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Verdict

LONGEST_SECONDS = 1_000_000_000
"""More is no number of seconds that somebody means."""
Seconds = Annotated[float, Field(gt=0, le=LONGEST_SECONDS, strict=True, allow_inf_nan=False)]
"""A time as a number: no text, no truth value, nothing endless."""


class ProgramForm(BaseModel):
    """One program, and what it must be."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    program: str = Field(examples=["def f (x : Int) : Int := x + 1"])
    """Lean 4 source."""
    target: str | None = Field(default=None, examples=["def f (x : Int) : Int"])
    """The declaration asked for, without its value."""
    tests: tuple[str, ...] = Field(default=(), examples=[["f 3 = 4", "f (-1) = 0"]])
    """Closed propositions that the kernel decides."""
    messages: bool = False
    """Whether the verdict is to bring along what Lean said of the program."""
    test_timeout_seconds: Seconds | None = None
    """Wall clock for each test; a quarter of the program's where nothing is said."""

    def request(self) -> CheckRequest:
        """The same as a request to a sandbox."""
        return CheckRequest(
            self.program,
            target=self.target,
            tests=self.tests,
            messages=self.messages,
            test_timeout_seconds=self.test_timeout_seconds,
        )


class CheckForm(ProgramForm):
    """The body of `POST /v1/check`."""

    timeout_seconds: Seconds | None = None
    """Wall clock for the program; the server's own limit is the most."""


class BatchForm(BaseModel):
    """The body of `POST /v1/check_many`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    programs: tuple[ProgramForm, ...]
    """Any number up to the server's limit; an empty batch gets no verdicts."""
    timeout_seconds: Seconds | None = None
    """Wall clock for each program; the server's own limit is the most."""

    @classmethod
    def of(cls, requests: list[CheckRequest], timeout_seconds: float | None) -> BatchForm:
        """The body that asks about these requests."""
        programs = tuple(ProgramForm.model_validate(asdict(request)) for request in requests)
        return cls(programs=programs, timeout_seconds=timeout_seconds)


class BatchVerdicts(BaseModel):
    """What `POST /v1/check_many` answers."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    verdicts: list[Verdict]
    """Verdict `i` is on program `i`."""
    checked_by: str
    """The fingerprint of the Lean behind them, as `GET /v1/status` names it."""


class Condition(BaseModel):
    """What `/health` and `/ready` answer."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    status: str
    """"ok", or what is missing."""
