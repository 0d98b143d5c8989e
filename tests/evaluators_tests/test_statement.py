from __future__ import annotations

import pytest

from evaluators.equivalence.statement import Statement, defined_names, is_data
from evaluators.errors import StatementError


def parts(text: str) -> tuple[list[str], str]:
    found = Statement.parse(text)
    return [str(binder) for binder in found.binders], found.conclusion


def test_a_theorem_is_read_as_its_binders_and_its_conclusion_without_the_proof():
    assert parts("theorem t (x y : Int) (h : 0 < y) : x = y := by sorry") == (
        ["(x : Int)", "(y : Int)", "(h : 0 < y)"],
        "x = y",
    )


def test_a_bare_proposition_is_read_through_quantifiers_and_arrows():
    assert parts("∀ x y : Nat, x < y → ∀ (z : Int) {w : Bool}, (x = 1) → (z = 2)") == (
        ["(x : Nat)", "(y : Nat)", "(_ : x < y)", "(z : Int)", "{w : Bool}", "(_ : (x = 1))"],
        "z = 2",
    )


def test_a_bounded_quantifier_binds_a_number_and_a_hypothesis():
    assert parts("∀ n ≥ 3, n = n") == (["n", "(_ : n ≥ 3)"], "n = n")


@pytest.mark.parametrize(
    "text",
    ["a = 1 → a = 2 ↔ a = 3", "¬ ∀ x, x = 1 → x = 2", "a = 1 ∧ ∃ x, x = 1 → x = 2", "x < 3 ∨ p"],
)
def test_an_arrow_that_is_not_the_statements_own_is_left_where_it_is(text):
    assert parts(text) == ([], text)


def test_the_assignment_of_a_let_is_not_where_the_proof_begins():
    assert parts("theorem t : let y := 3; y = 3 := by simp")[1] == "let y := 3; y = 3"


def test_comments_are_dropped_and_numbers_are_collected_once():
    found = Statement.parse("∀ x : Nat, -- a 9\n x + 12 /- 7 -/ = 12 + 3")
    assert "9" not in found.proposition
    assert found.numerals == ("12", "3")


def test_the_parts_put_together_hold_all_that_was_read():
    found = Statement.parse("theorem t {x : Int} (h : x > 0) : x ≥ 1")
    assert found.rebuilt == found.proposition == "∀ {x : Int}, ∀ (h : x > 0), x ≥ 1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no statement"),
        ("   -- only this", "no statement"),
        ("theorem t", "needs `: PROPOSITION`"),
        ("theorem t : := by simp", "no proposition"),
        ("(x = 1", "never closed"),
        ("x = 1) : True := trivial theorem u : (1 = 1", "closes nothing"),
        ("x = ⟨1)", "closes nothing"),
        ('x = "a', "not understood"),
        ("x = 1 /- open", "never closed"),
        ("x = 1 /- /- -/ -/", "not understood"),
        ("«)» = 1", "not understood"),
        ('s!"{x}" = y', "not understood"),
        ("x = 1 ∧ " * 2000 + "x = 1", "at most"),
    ],
)
def test_what_is_no_single_balanced_term_is_refused_with_the_reason(text, said):
    with pytest.raises(StatementError, match=said):
        Statement.parse(text)


def test_a_bracket_in_a_character_or_a_text_closes_nothing():
    assert Statement.parse('∀ c : Char, c = \')\' ∨ ")" = "("').conclusion.startswith("c = ')'")
    with pytest.raises(StatementError):
        Statement.parse("x')' = y")  # Lean reads a name, a bracket and half a character


def test_data_types_are_those_whose_values_can_be_written_down():
    assert all(map(is_data, ["Nat", "List (Int × Bool)", "Int → Int", "(Option String)"]))
    assert not any(map(is_data, ["0 < x", "α", "List", "Nat → Prop", "Prop", ""]))


def test_the_names_that_a_text_defines_are_found():
    assert defined_names("def f (x : Int) := x\nabbrev g.h := 2\n-- def k") == ("f", "g.h")
