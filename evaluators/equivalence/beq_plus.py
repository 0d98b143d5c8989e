"""BEq+, as its paper defines it, where a Lean project with Mathlib stands behind the sandbox.

The steps are those of the reference implementation (arXiv 2406.07222; LeanInteract,
`examples/beq_plus.py`): `exact?`, `apply`, the conclusion by `apply_rules`, then
`convert … using k` for k = 0 to 4, each closed by the same solvers; both directions are needed.
Two things differ. The base is a hypothesis here and not an axiom by `sorry`, because a sandbox
refuses `sorry`. Whether it was needed is asked by running a step's solvers without it, where the
original reads Lean's messages. It has run on no Mathlib yet: only the building of its programs is
tested.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluators.equivalence.beq_core import Comparison, Equivalence
from evaluators.equivalence.statement import Statement
from evaluators.errors import StatementError
from lean_sandbox.sandbox import CheckRequest, Sandbox

BEQ_PLUS = "beq_plus-1"
"""Name and version of the metric."""
RUN_SECONDS = 60.0
"""The paper's limit for one run; give it to the sandbox as its deadline."""

_SOLVERS = ("tauto", "simp_all! +arith", "noncomm_ring", "exact?")
_GUARDS = ("tauto", "simp_all! +arith", "exact? using this")
_CONVERSIONS = range(5)


@dataclass(frozen=True, slots=True)
class Step:
    """One run: a tactic block after `intros` and `symm_saturate`."""

    name: str
    block: str
    alone: str
    """What must not close the goal without the base."""


def steps(conclusion: str) -> Iterator[Step]:
    """The runs of one direction, cheap to dear; `conclusion` is the base's."""
    closing = _closing(_SOLVERS)
    yield Step("exact?", "exact?", "first | assumption | exact?")
    yield Step("apply", f"apply base\n  {closing}", "assumption")
    inner = closing.replace("\n", "\n  ")
    proved = f"have that : {conclusion} := by\n    apply_rules [base]\n    {inner}\n  {closing}"
    guards = " | ".join(("assumption", *(guard.replace(" using this", "") for guard in _GUARDS)))
    yield Step("conclusion", proved, f"first | {guards}")
    for depth in _CONVERSIONS:
        convert = f"convert (config := .unfoldSameFun) base using {depth}"
        yield Step(f"convert {depth}", f"{convert}\n  {closing}", "assumption")


class BeqPlus:
    """Compares statements over a sandbox whose programs may import Mathlib."""

    def __init__(self, sandbox: Sandbox, *, header: str = "import Mathlib") -> None:
        self._sandbox = sandbox
        self._header = header

    def compare_many(
        self, pairs: Sequence[tuple[str, str]], *, definitions: Sequence[str] = ()
    ) -> list[Comparison]:
        """Compare pairs of statements; see `BeqCore.compare_many`. Nothing is ever refuted.

        Raises:
            SandboxUnavailable: Lean could not be started or kept alive.
        """
        given = definitions or [""] * len(pairs)
        return [
            self._compare(first, second, text)
            for (first, second), text in zip(pairs, given, strict=True)
        ]

    def _compare(self, first: str, second: str, definitions: str) -> Comparison:
        try:
            one, two = Statement.parse(first), Statement.parse(second)
        except StatementError as failure:
            return Comparison(Equivalence.INVALID, str(failure), metric=BEQ_PLUS)
        forward, spent = self._derive(one, two, definitions)
        backward, more = self._derive(two, one, definitions) if forward else ("", 0.0)
        shown = bool(forward and backward)
        return Comparison(
            Equivalence.PROVEN if shown else Equivalence.UNKNOWN,
            f"by {forward} and by {backward}" if shown else "not shown in both directions",
            forward=forward,
            backward=backward,
            seconds=spent + more,
            metric=BEQ_PLUS,
        )

    def _derive(self, base: Statement, goal: Statement, definitions: str) -> tuple[str, float]:
        """The step that derives `goal` from `base`, empty where none does, and the seconds."""
        seconds = 0.0
        claim = f"({base.proposition}) →\n({goal.proposition})"
        names = " ".join(binder.name for binder in goal.binders)
        opening = [*([f"intro {names}"] if names else []), "intros", "symm_saturate"]
        for step in steps(base.conclusion):
            with_base = ["intro base", *opening, step.block]
            alone = [*opening, step.alone]
            (shown,) = self._sandbox.check_many([self._program(claim, with_base, definitions)])
            seconds += shown.seconds
            if not shown.accepted:
                continue
            (free,) = self._sandbox.check_many(
                [self._program(goal.proposition, alone, definitions)]
            )
            seconds += free.seconds
            if not free.accepted:
                return step.name, seconds
            return "", seconds  # closed without the base: counted as not shown
        return "", seconds

    def _program(self, claim: str, lines: Sequence[str], definitions: str) -> CheckRequest:
        head = f"{self._header}\n\n" if self._header else ""
        given = f"{definitions.strip()}\n\n" if definitions.strip() else ""
        stated = f"{given}def Claim : Prop :=\n{claim}\n"
        proof = "\n  ".join(["unfold Claim", *lines])
        return CheckRequest(
            program=f"{head}{stated}theorem shown : Claim := by\n  {proof}\n",
            target=f"{head}{stated}theorem shown : Claim",
        )


def _closing(solvers: Sequence[str]) -> str:
    """All goals by the solvers, in whatever order helps."""
    every = "; ".join(f"(all_goals try {solver})" for solver in solvers)
    each = "; ".join(f"(try {solver})" for solver in solvers)
    return f"all_goals intros\n  first | ({every}; done) | (all_goals ({each}); done)"
