"""beq_core: do two theorem statements say the same, as far as core Lean can tell?

Equivalent means that each is derived from the other by cheap means that need it. Refuted means
that one is false at values where the kernel evaluated it, and the other was true at all that were
tried. Everything else is not decided. What people get wrong: two statements that Lean proves by
itself follow from each other, and say nothing of each other; those are told apart as `TRIVIAL`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from evaluators.equivalence import counterexample, ladder
from evaluators.equivalence.counterexample import Box, Counterexample
from evaluators.equivalence.ladder import LADDER, Rung
from evaluators.equivalence.statement import Statement
from evaluators.errors import StatementError
from lean_sandbox.sandbox import CheckRequest, Sandbox
from lean_sandbox.verdict import Outcome, TestOutcome, Verdict

BEQ_CORE = "beq_core-1"
"""Name and version of the metric: its figures are not those of BEq or BEq+."""

_HALVINGS = 40
_PARTS_DIFFER = frozenset({"target_helper", "bad_target"})


class Equivalence(StrEnum):
    """What became of a comparison."""

    PROVEN = "proven"
    """Each statement was derived from the other, and the other was needed."""
    REFUTED = "refuted"
    """One is false at known values, the other at none that were tried."""
    TRIVIAL = "trivial"
    """Not proven, and Lean proves one of them cheaply without the other."""
    VACUOUS = "vacuous"
    """Not proven, and the hypotheses of one contradict each other."""
    UNKNOWN = "unknown"
    """None of these was found."""
    INVALID = "invalid"
    """One of them is no statement that Lean can read, or rests on `sorry`."""


class EquivalenceSettings(BaseModel):
    """How much is tried before a comparison is given up as unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    effort: float = Field(default=1.0, ge=0.1, le=4, allow_inf_nan=False)
    """Multiplies the heartbeats of every rung; heartbeats do not depend on the machine's load."""
    instances: int = Field(default=200, ge=1, le=10_000)
    """Instances at which each statement is evaluated in search of a counterexample."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found of two statements."""

    outcome: Equivalence
    detail: str = ""
    """One line for a person."""
    forward: str = ""
    """The rung that derived the second statement from the first; empty where none did."""
    backward: str = ""
    """The rung that derived the first statement from the second."""
    counterexample: Counterexample | None = None
    seconds: float = 0.0
    """Seconds inside Lean; a program that several comparisons share counts in each."""
    metric: str = BEQ_CORE

    @property
    def equivalent(self) -> bool | None:
        """True when proven, False when refuted, None when neither."""
        return {Equivalence.PROVEN: True, Equivalence.REFUTED: False}.get(self.outcome)

    @property
    def rung(self) -> str:
        """The rung that did the harder direction."""
        names = ["", "identity", *(rung.name for rung in LADDER)]
        order = {name: place for place, name in enumerate(names)}
        return max(self.forward, self.backward, key=lambda name: order.get(name, len(order)))


@dataclass(slots=True)
class _Pair:
    """One comparison on its way."""

    sides: list[Statement]
    definitions: str
    found: Comparison | None = None
    seconds: float = 0.0
    rungs: list[str] = field(default_factory=lambda: ["", ""])
    """Of the derivations of the second and of the first statement."""
    boxes: list[Box | None] = field(default_factory=lambda: [None, None])
    holds: list[TestOutcome] = field(default_factory=lambda: [TestOutcome.UNDECIDED] * 2)
    """What the kernel said of each box."""
    alone: list[bool] = field(default_factory=lambda: [False, False])

    @property
    def false_side(self) -> int | None:
        """The side that is false somewhere; None when neither or both are."""
        failed = [side for side in (0, 1) if self.holds[side] is TestOutcome.FAILED]
        return failed[0] if len(failed) == 1 else None

    def end(
        self, outcome: Equivalence, detail: str, example: Counterexample | None = None
    ) -> None:
        """Settle the comparison."""
        forward, backward = self.rungs
        self.found = Comparison(outcome, detail, forward, backward, example)


class BeqCore:
    """Compares statements in a sandbox, in batches: each step asks about all pairs at once."""

    def __init__(self, sandbox: Sandbox, settings: EquivalenceSettings | None = None) -> None:
        self._sandbox = sandbox
        self._settings = settings or EquivalenceSettings()

    def compare(self, first: str, second: str, *, definitions: str = "") -> Comparison:
        """Compare two statements; see `compare_many`."""
        return self.compare_many([(first, second)], definitions=[definitions])[0]

    def compare_many(
        self, pairs: Sequence[tuple[str, str]], *, definitions: Sequence[str] = ()
    ) -> list[Comparison]:
        """Compare pairs of statements; comparison `i` belongs to pair `i`.

        The order within a pair makes no difference. A statement is `theorem NAME (x : T) : P`,
        whose proof is dropped, or a bare proposition; every name it uses is bound in it, in
        `definitions` or in the library.

        Args:
            pairs: statements, of which nothing is trusted.
            definitions: for each pair the Lean definitions that its statements use; they are
                trusted. Empty where no pair needs any.

        Raises:
            SandboxUnavailable: Lean could not be started or kept alive; nothing is known then.
        """
        given = definitions or [""] * len(pairs)
        run = _Run(self._sandbox, self._settings)
        return run.compare(
            [
                _read(first, second, text)
                for (first, second), text in zip(pairs, given, strict=True)
            ]
        )


class _Run:
    """One batch of comparisons."""

    def __init__(self, sandbox: Sandbox, settings: EquivalenceSettings) -> None:
        self._sandbox = sandbox
        self._settings = settings
        self._known: dict[CheckRequest, Verdict] = {}

    def compare(self, pairs: list[_Pair]) -> list[Comparison]:
        self._check_statements(pairs)
        self._evaluate(_open(pairs))
        self._certify(_open(pairs))
        for rung in LADDER:
            self._climb(_open(pairs), self._scaled(rung))
        self._look_alone(_open(pairs))
        for pair in _open(pairs):
            pair.end(Equivalence.UNKNOWN, _half_way(pair))
        return [replace(pair.found, seconds=pair.seconds) for pair in pairs if pair.found]

    def _ask(self, asked: Sequence[tuple[_Pair, CheckRequest]]) -> list[Verdict]:
        """The verdicts on requests, each sent once; their seconds count for their pairs."""
        new = [r for r in dict.fromkeys(r for _, r in asked) if r not in self._known]
        if new:
            self._known.update(zip(new, self._sandbox.check_many(new), strict=True))
        for pair, request in asked:
            pair.seconds += self._known[request].seconds
        return [self._known[request] for _, request in asked]

    def _accepted(self, asked: Sequence[tuple[_Pair, CheckRequest]]) -> list[bool]:
        return [verdict.accepted for verdict in self._ask(asked)]

    def _scaled(self, rung: Rung) -> Rung:
        return replace(rung, thousand_heartbeats=self._heartbeats(rung.thousand_heartbeats))

    def _heartbeats(self, thousand: int) -> int:
        return max(1, round(thousand * self._settings.effort))

    def _check_statements(self, pairs: list[_Pair]) -> None:
        """Does Lean read each statement, as its parts say, and are the two the same?"""
        readable = _open(pairs)
        wholes = [
            (pair, ladder.identity(side.proposition, side.rebuilt, pair.definitions))
            for pair in readable
            for side in pair.sides
        ]
        same = [
            (pair, ladder.identity(first.proposition, second.proposition, pair.definitions))
            for pair in readable
            for first, second in [pair.sides]
        ]
        verdicts = self._ask([*wholes, *same])
        for i, pair in enumerate(readable):
            for side in (0, 1):
                self._take_reading(pair, side, verdicts[2 * i + side])
            if pair.found is None and verdicts[len(wholes) + i].accepted:
                pair.rungs = ["identity", "identity"]
                pair.end(Equivalence.PROVEN, "the same expression up to the names of variables")

    def _take_reading(self, pair: _Pair, side: int, verdict: Verdict) -> None:
        which = _NAMES[side]
        if verdict.accepted or pair.found is not None:
            return
        if verdict.reason in _PARTS_DIFFER:  # Lean reads it, in another way than its parts
            whole = pair.sides[side]
            pair.sides[side] = replace(whole, binders=(), conclusion=whole.proposition)
        elif verdict.outcome is Outcome.REFUSED:
            pair.end(Equivalence.INVALID, f"the {which} statement: {verdict.detail}")
        else:
            pair.end(Equivalence.UNKNOWN, f"the {which} statement: {verdict.detail}")

    def _evaluate(self, pairs: list[_Pair]) -> None:
        """Let the kernel decide both statements on small instances."""
        asked, places = [], []
        for pair in pairs:
            for side in (0, 1):
                one, other = pair.sides[side], pair.sides[1 - side]
                box = counterexample.box(one, other, instances=self._settings.instances)
                if box is not None:
                    pair.boxes[side] = box
                    asked.append((pair, counterexample.tests([box], pair.definitions)))
                    places.append(side)
        for (pair, _), side, verdict in zip(asked, places, self._ask(asked), strict=True):
            pair.holds[side] = _first(verdict)

    def _certify(self, pairs: list[_Pair]) -> None:
        """Settle the pairs of which one side is false at values that can be named."""
        wanted = [
            pair
            for pair in pairs
            if pair.false_side is not None
            and pair.holds[1 - pair.false_side] is TestOutcome.PASSED
        ]
        self._refute(wanted)

    def _refute(self, pairs: list[_Pair]) -> None:
        """Narrow each false side's box down to one instance, and prove it false there."""
        narrow = {}
        for place, pair in enumerate(pairs):
            box = pair.boxes[pair.false_side or 0]
            if box is not None:
                narrow[place] = box
        for _ in range(_HALVINGS):
            wide = {place: box.halves() for place, box in narrow.items() if not box.is_single}
            if not wide:
                break
            asked = [
                (pairs[place], counterexample.tests(halves, pairs[place].definitions))
                for place, halves in wide.items()
            ]
            for (place, halves), verdict in zip(wide.items(), self._ask(asked), strict=True):
                failed = [
                    half
                    for half, outcome in zip(halves, verdict.tests, strict=False)
                    if outcome is TestOutcome.FAILED
                ]
                if failed:
                    narrow[place] = failed[0]
                else:
                    del narrow[place]
        self._prove_false({place: box for place, box in narrow.items() if box.is_single}, pairs)

    def _prove_false(self, boxes: dict[int, Box], pairs: list[_Pair]) -> None:
        values = {place: [v for (v,) in box.values] for place, box in boxes.items()}
        asked = [
            (
                pairs[place],
                ladder.refutation(box.statement, values[place], pairs[place].definitions),
            )
            for place, box in boxes.items()
        ]
        for place, proved in zip(boxes, self._accepted(asked), strict=True):
            pair = pairs[place]
            side = pair.false_side or 0
            other = pair.boxes[1 - side]
            if proved:
                names = [binder.name for binder in pair.sides[side].variables]
                example = Counterexample(
                    fails=_NAMES[side],
                    values=tuple(zip(names, values[place], strict=True)),
                    instances=other.instances if other is not None else 0,
                )
                pair.end(Equivalence.REFUTED, str(example), example)

    def _climb(self, pairs: list[_Pair], rung: Rung) -> None:
        """Try one rung on every direction that is still open."""
        ways = [
            (pair, way)
            for pair in pairs
            for way in (0, 1)
            if not pair.rungs[way] and (rung.structural or TestOutcome.FAILED not in pair.holds)
        ]
        ways = self._where(ways, rung, ladder.derivation, accepted=True)
        if rung.alone:
            ways = self._where(ways, rung, ladder.without_base, accepted=False)
            ways = self._where(ways, rung, ladder.refuting_base, accepted=False)
        for pair, way in ways:
            pair.rungs[way] = rung.name
        for pair in pairs:
            if all(pair.rungs):
                pair.end(Equivalence.PROVEN, f"by {pair.rungs[0]} and by {pair.rungs[1]}")

    def _where(
        self,
        ways: list[tuple[_Pair, int]],
        rung: Rung,
        program: Callable[[Rung, Statement, Statement, str], CheckRequest],
        *,
        accepted: bool,
    ) -> list[tuple[_Pair, int]]:
        """The directions whose program Lean accepts, or does not."""
        asked = [
            (pair, program(rung, pair.sides[way], pair.sides[1 - way], pair.definitions))
            for pair, way in ways
        ]
        said = self._accepted(asked)
        return [way for way, yes in zip(ways, said, strict=True) if yes is accepted]

    def _look_alone(self, pairs: list[_Pair]) -> None:
        """Which statements does Lean prove by themselves, and which of these say nothing?"""
        sides = [(pair, side) for pair in pairs for side in (0, 1)]
        heartbeats = self._heartbeats(30)
        trivial, vacuous = (
            self._accepted(
                [
                    (pair, program(pair.sides[side], pair.definitions, heartbeats))
                    for pair, side in sides
                ]
            )
            for program in (ladder.triviality, ladder.vacuity)
        )
        for (pair, side), yes in zip(sides, trivial, strict=True):
            pair.alone[side] = yes
        self._refute([p for p in pairs if p.false_side is not None and p.alone[1 - p.false_side]])
        for (pair, side), yes in zip(sides, vacuous, strict=True):
            if yes and pair.found is None:
                said = f"the hypotheses of the {_NAMES[side]} statement contradict each other"
                pair.end(Equivalence.VACUOUS, said)
        for pair in pairs:
            if pair.found is None and any(pair.alone):
                which = [_NAMES[side] for side in (0, 1) if pair.alone[side]]
                said = f"Lean proves the {' and the '.join(which)} statement by itself"
                pair.end(Equivalence.TRIVIAL, said)


_NAMES = ("first", "second")


def _read(first: str, second: str, definitions: str) -> _Pair:
    """The two statements, or the pair settled as invalid."""
    sides: list[Statement] = []
    for name, text in zip(_NAMES, (first, second), strict=True):
        try:
            sides.append(Statement.parse(text))
        except StatementError as failure:
            found = Comparison(Equivalence.INVALID, f"the {name} statement: {failure}")
            return _Pair([], definitions, found=found)
    return _Pair(sides, definitions)


def _open(pairs: Iterable[_Pair]) -> list[_Pair]:
    return [pair for pair in pairs if pair.found is None]


def _first(verdict: Verdict) -> TestOutcome:
    return verdict.tests[0] if verdict.tests else TestOutcome.UNDECIDED


def _half_way(pair: _Pair) -> str:
    """What an undecided comparison did find out."""
    if all(outcome is TestOutcome.FAILED for outcome in pair.holds):
        return "both statements are false on small instances"
    if pair.rungs[0]:
        return f"the second follows from the first ({pair.rungs[0]}); nothing else was found"
    if pair.rungs[1]:
        return f"the first follows from the second ({pair.rungs[1]}); nothing else was found"
    return "neither derivation nor counterexample was found"
