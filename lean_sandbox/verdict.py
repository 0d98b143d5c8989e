"""What Lean said about one program.

When the sandbox itself breaks there is no verdict: `SandboxUnavailable` is raised, so a broken
machine is never counted as a wrong program.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The five things that can be said of a program."""

    ACCEPTED = "accepted"
    """Every gate passed and every test was proved."""
    REFUSED = "refused"
    """A gate said no, or a test was proved false; `Verdict.reason` says which."""
    UNDECIDED = "undecided"
    """Every gate passed, but this Lean can neither prove nor refute some test, or not in time."""
    TIMEOUT = "timeout"
    """The program ran past its wall-clock deadline and its worker was killed."""
    MEMORY = "memory"
    """The program took its worker past the memory limit or killed it."""


class TestOutcome(StrEnum):
    """What the kernel said about one behaviour test."""

    __test__ = False  # not a pytest class

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"


class Severity(StrEnum):
    """How much Lean meant what it said."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Message:
    """Something Lean said about a place in a program."""

    severity: Severity
    line: int
    """Lines count from 1, columns from 0."""
    column: int
    end_line: int
    """Where the place ends; where it begins, when Lean names no end."""
    end_column: int
    text: str
    """At most 2,000 characters; it may quote the program, and nothing is read off it."""


class NoteKind(StrEnum):
    """What was done with a part of a program, or with something it asks for."""

    SKIPPED = "skipped"
    """A command that declares nothing (`#eval`) was left out and not run."""
    CLAMPED = "clamped"
    """A limit was set too high, or off, and read as the highest allowed."""
    NARROWED = "narrowed"
    """An import brought less than it names."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was not done as a program says; the verdict is on what is left."""

    kind: NoteKind
    line: int
    """Lines count from 1."""
    text: str
    """`#eval`, `maxHeartbeats 0 to 400000`, `import Std to Std.Data`."""

    def __str__(self) -> str:
        return f"line {self.line}: {self.kind} {self.text}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One program's verdict, and what it was based on."""

    outcome: Outcome
    reason: str
    """A reason code, empty when accepted; `lean_sandbox.policy.REASONS` documents each."""
    detail: str
    """One line for a person: Lean's first error, the refused option, the failed test."""
    tests: tuple[TestOutcome, ...]
    """One entry per requested test, in order; empty when a gate refused the program."""
    lean_version: str
    gates: tuple[str, ...]
    """The gates that ran, in order; the last one is the one that spoke."""
    seconds: float
    """Wall-clock seconds inside the worker."""
    gate_seconds: tuple[float, ...] = ()
    """The seconds of each gate that Lean ran, in the order of `gates` after "size"."""
    messages: tuple[Message, ...] = ()
    """What Lean said up to the first command with an error, at most 50 messages; empty unless
    the request asked for it."""
    notes: tuple[Note, ...] = ()
    """What was skipped, clamped or narrowed, by line; at most 50."""
    late_tests: tuple[int, ...] = ()
    """Which of the undecided tests, counted from 0, ran past their deadline: given more time, or
    a machine that is less busy, they may be decided."""

    @property
    def accepted(self) -> bool:
        """Whether the program compiled, passed every gate and every test."""
        return self.outcome is Outcome.ACCEPTED

    @property
    def compiles(self) -> bool:
        """Whether the program passed every gate, whatever its tests said."""
        return self.accepted or self.reason in {"test_failed", "test_undecided", "test_deadline"}
