"""beq_core's own logic, over a Lean whose answers are written down."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from pydantic import ValidationError

from evaluators.equivalence.beq_core import BEQ_CORE, BeqCore, Equivalence, EquivalenceSettings
from evaluators.equivalence.beq_plus import BeqPlus
from evaluators.equivalence.counterexample import box
from evaluators.equivalence.ladder import LADDER, derivation
from evaluators.equivalence.statement import Statement
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, TestOutcome, Verdict
from tests.contracts.fake_sandbox import verdict

Rule = Callable[[CheckRequest], bool]


@dataclass
class ScriptedLean:
    """Accepts what `accepts` says; decides boxes by `false_at`."""

    accepts: Rule
    false_at: Callable[[str], TestOutcome] = lambda test: TestOutcome.UNDECIDED
    batches: list[list[CheckRequest]] = field(default_factory=list)
    reading: Verdict | None = None

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        self.batches.append(list(requests))
        return [self._judge(request) for request in requests]

    def _judge(self, request: CheckRequest) -> Verdict:
        if request.tests:
            outcomes = tuple(map(self.false_at, request.tests))
            return verdict(Outcome.UNDECIDED, "test_undecided", outcomes)
        if "theorem same" in request.program:
            return self._read(request)
        if self.accepts(request):
            return verdict(Outcome.ACCEPTED)
        return verdict(Outcome.REFUSED, "elaboration_error")

    def _read(self, request: CheckRequest) -> Verdict:
        if self.reading is not None:
            return self.reading
        stated = [re.sub(r"\s*:= rfl$", "", t or "") for t in (request.program, request.target)]
        if stated[0] == stated[1]:
            return verdict(Outcome.ACCEPTED)
        return verdict(Outcome.REFUSED, "target_helper")


def nothing(_: CheckRequest) -> bool:
    return False


def closes_with_base(request: CheckRequest) -> bool:
    """`grind` closes what has an instance of the base, and nothing else."""
    return "have b0 := base" in request.program and request.program.strip().endswith("grind")


P = "∀ (x : Int), ∀ (_ : 0 < x), x = 26"
Q = "∀ (y : Int), ∀ (_ : y > 0), 26 = y"


def test_the_same_expression_is_proven_without_a_ladder():
    lean = ScriptedLean(nothing)
    found = BeqCore(lean).compare("theorem t (x : Int) : x = x := rfl", "∀ (x : Int), x = x")
    assert (found.outcome, found.rung, found.equivalent) == ("proven", "identity", True)
    assert found.metric == BEQ_CORE == "beq_core-1"
    assert len(lean.batches) == 1


def test_both_directions_closed_with_the_base_and_not_without_it_are_proven():
    found = BeqCore(ScriptedLean(closes_with_base)).compare(P, Q)
    assert found.outcome is Equivalence.PROVEN
    assert found.rung == found.forward == found.backward == "matching"


def test_one_direction_alone_proves_nothing():
    def only_forward(request: CheckRequest) -> bool:
        return closes_with_base(request) and f"({P}) →" in request.program

    found = BeqCore(ScriptedLean(only_forward)).compare(P, Q)
    assert (found.outcome, found.equivalent) == (Equivalence.UNKNOWN, None)
    assert "the second follows from the first (matching)" in found.detail


def test_what_lean_closes_without_the_base_is_trivial_and_not_proven():
    found = BeqCore(ScriptedLean(lambda r: "fail_if_success" not in r.program)).compare(P, Q)
    assert (found.outcome, found.equivalent) == (Equivalence.TRIVIAL, None)


def test_a_base_from_which_everything_follows_proves_nothing():
    def absurd(request: CheckRequest) -> bool:
        return "→ False" in request.program or closes_with_base(request)

    assert BeqCore(ScriptedLean(absurd)).compare(P, Q).outcome is Equivalence.UNKNOWN


def test_contradictory_hypotheses_are_vacuous():
    found = BeqCore(ScriptedLean(lambda r: "exfalso" in r.program)).compare(P, Q)
    assert found.outcome is Equivalence.VACUOUS


def test_a_counterexample_is_narrowed_to_one_value_and_must_be_proved():
    def false_at_26(test: str) -> TestOutcome:
        values = re.search(r"\[([^\]]*)\]", test)
        held = "y > 0" not in test or "26" not in values.group(1).split(", ")
        return TestOutcome.PASSED if held else TestOutcome.FAILED

    by_kernel = ScriptedLean(lambda r: "¬ (" in r.program, false_at_26)
    found = BeqCore(by_kernel).compare(P, Q)
    assert (found.outcome, found.equivalent) == (Equivalence.REFUTED, False)
    assert found.counterexample.values == (("y", "26"),)
    assert found.counterexample.fails == "second"
    assert str(found.counterexample) == "the second statement is false at y = 26"
    assert BeqCore(ScriptedLean(nothing, false_at_26)).compare(P, Q).equivalent is None


def test_two_false_statements_are_neither_refuted_nor_derived_with_numbers():
    lean = ScriptedLean(lambda r: "simp_all" in r.program, lambda test: TestOutcome.FAILED)
    found = BeqCore(lean).compare(P, Q)
    assert found.outcome is Equivalence.TRIVIAL or found.equivalent is None
    assert not found.forward
    assert not found.backward


def test_the_order_of_a_pair_makes_no_difference():
    one, two = BeqCore(ScriptedLean(closes_with_base)).compare_many([(P, Q), (Q, P)])
    assert (one.outcome, one.forward, one.backward) == (two.outcome, two.backward, two.forward)


def test_all_pairs_of_a_batch_are_asked_about_together():
    lean = ScriptedLean(closes_with_base)
    single = ScriptedLean(closes_with_base)
    BeqCore(single).compare(P, Q)
    BeqCore(lean).compare_many([(P, Q)] * 5 + [(Q, P)])
    assert len(lean.batches) == len(single.batches)
    assert sum(map(len, lean.batches)) < 3 * sum(map(len, single.batches))


def test_an_empty_batch_is_answered_with_nothing():
    assert BeqCore(ScriptedLean(nothing)).compare_many([]) == []


@pytest.mark.parametrize("text", ["", "(", "theorem t", "x" * 20_000])
def test_what_cannot_be_read_is_invalid_and_says_which(text):
    first, second = BeqCore(ScriptedLean(nothing)).compare_many([(P, text), (text, Q)])
    assert first.outcome is second.outcome is Equivalence.INVALID
    assert first.detail.startswith("the second statement: ")
    assert second.detail.startswith("the first statement: ")


def test_a_statement_that_lean_refuses_is_invalid():
    lean = ScriptedLean(
        nothing, reading=verdict(Outcome.REFUSED, "sorry", detail="rests on sorry")
    )
    found = BeqCore(lean).compare(P, "1 = sorry")
    assert (found.outcome, found.equivalent) == (Equivalence.INVALID, None)
    assert "rests on sorry" in found.detail


def test_a_statement_on_which_lean_times_out_is_unknown():
    lean = ScriptedLean(nothing, reading=verdict(Outcome.TIMEOUT, "deadline", detail="no verdict"))
    assert BeqCore(lean).compare(P, Q).outcome is Equivalence.UNKNOWN


@pytest.mark.parametrize("effort", [math.nan, math.inf, 0, -1, 5, "much"])
def test_an_effort_that_is_no_number_from_a_tenth_to_four_is_refused(effort):
    with pytest.raises(ValidationError, match="effort"):
        EquivalenceSettings(effort=effort)


def test_effort_multiplies_the_heartbeats():
    lean = ScriptedLean(nothing)
    BeqCore(lean, EquivalenceSettings(effort=2)).compare(P, Q)
    asked = {r.program for batch in lean.batches for r in batch}
    assert any("set_option maxHeartbeats 8000 in" in program for program in asked)
    assert not any("set_option maxHeartbeats 4000 in" in program for program in asked)


def test_a_structural_rung_sees_no_numbers_and_others_do():
    base, goal = Statement.parse(P), Statement.parse(Q)
    for rung in LADDER:
        program = derivation(rung, base, goal, "").program
        hidden = "generalize (26 : Int) = number1Int at base ⊢"
        assert (hidden in program) is rung.structural


def test_variables_are_matched_by_name_before_order_and_hypotheses_are_left_open():
    matching = next(rung for rung in LADDER if rung.name == "matching")
    base = Statement.parse("∀ (a : Int) (h : 0 < a) (b : Int) (n : Nat), a = b")
    goal = Statement.parse("∀ (n : Nat) (b a : Int), a = b")
    program = derivation(matching, base, goal, "").program
    assert "have b0 := fun a1 => base e2 a1 e1 e0" in program
    assert "have b1 := fun a1 => base e1 a1 e2 e0" in program


def test_a_box_bounds_every_variable_and_keeps_powers_small():
    one, other = Statement.parse("∀ (x y : Nat) (h : x < 90), 2 ^ x ≠ y"), Statement.parse(P)
    found = box(one, other, instances=100)
    assert found.test.startswith("∀ x ∈ ([0, 1, 2, 3")
    assert found.test.endswith("] : List (Nat)), (x < 90) → (2 ^ x ≠ y)")
    assert "90" not in found.values[0]
    for text, tried in (("x ^ 2", True), ("2 ^ x", False), ("x ^ 20 ^ 2", False)):
        power = Statement.parse(f"∀ (x : Nat) (h : x < 90), {text} ≠ 7")
        assert ("90" in box(power, power, instances=100).values[0]) is tried
    assert "26" in box(Statement.parse(Q), other, instances=100).values[0]
    assert box(Statement.parse("∀ x : Nat, ∃ y, y > x"), other, instances=100) is None
    assert box(Statement.parse("∀ x, x = 1"), other, instances=100) is None


@dataclass
class MathlibOfOneStep:
    """Accepts the programs that hold one text."""

    text: str
    requests: list[CheckRequest] = field(default_factory=list)

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        self.requests += requests
        return [
            verdict(Outcome.ACCEPTED)
            if self.text in request.program
            else verdict(Outcome.REFUSED, "elaboration_error")
            for request in requests
        ]


def test_beq_plus_imports_mathlib_and_takes_at_most_eleven_runs_a_direction():
    lean = MathlibOfOneStep("no such step")
    (found,) = BeqPlus(lean).compare_many([(P, Q)])
    assert (found.outcome, found.metric) == (Equivalence.UNKNOWN, "beq_plus-1")
    assert len(lean.requests) <= 11
    assert all(request.program.startswith("import Mathlib\n\n") for request in lean.requests)
    assert all(request.target.startswith("import Mathlib\n\n") for request in lean.requests)


def test_beq_plus_needs_both_directions_and_the_base():
    by_convert = BeqPlus(MathlibOfOneStep("base using 2")).compare_many([(P, Q)])[0]
    assert (by_convert.outcome, by_convert.rung) == (Equivalence.PROVEN, "convert 2")
    everything = BeqPlus(MathlibOfOneStep("theorem")).compare_many([(P, Q), (P, "(")])
    assert [found.outcome for found in everything] == ["unknown", "invalid"]
