from __future__ import annotations

import ast
import contextlib
import math
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.behaviour.calls import call_tests
from evaluators.behaviour.lean_literals import NotRepresentableError, to_lean_literal


@dataclass
class Call:
    arguments: tuple[Any, ...]
    value: Any


@pytest.mark.parametrize(
    ("value", "lean_type", "literal"),
    [
        (3, "Int", "3"),
        (-3, "Int", "(-3)"),
        (0, "Nat", "0"),
        (True, "Bool", "true"),
        (False, "Bool", "false"),
        ([], "List Int", "[]"),
        ([1, -2], "List Int", "[1, (-2)]"),
        ((1, 2), "List  Nat", "[1, 2]"),
        ([[1], []], "List (List Int)", "[[1], []]"),
        ([1], "Array Int", "#[1]"),
        (None, "Option Int", "none"),
        (-1, "Option Int", "(some (-1))"),
        ([None, 2], "List (Option Nat)", "[none, (some 2)]"),
        ((1, True), "Int × Bool", "(1, true)"),
        ((1, True, "a"), "Int × Bool × String", '(1, (true, "a"))'),
        (((1, True), "a"), "(Int × Bool) × String", '((1, true), "a")'),
        ([(1, [2])], "List (Int × List Nat)", "[(1, [2])]"),
        (([1], 2), "List Int × Int", "([1], 2)"),
        ("x", "Char", "'x'"),
        ("'", "Char", "'\\''"),
        ('a"b\\c\nd\te', "String", '"a\\"b\\\\c\\nd\\te"'),
        ("é λ 👍", "String", '"é λ 👍"'),
        ("\x00\x1b", "String", '"\\u0000\\u001b"'),
        (5, "(Int)", "5"),
        ((1, -2), "(Int) × (Int)", "(1, (-2))"),
        ((1, -2), "((Int) × (Int))", "(1, (-2))"),
        ([(1, 2)], "List ((Int)×(Int))", "[(1, 2)]"),
        (255, "UInt8", "255"),
        (-128, "Int8", "(-128)"),
        (None, "Unit", "()"),
    ],
)
def test_a_python_value_is_written_as_lean_writes_it(value, lean_type, literal):
    assert to_lean_literal(value, lean_type) == literal


@pytest.mark.parametrize(
    ("value", "lean_type"),
    [
        (-1, "Nat"),
        ([1, -1], "List Nat"),
        (True, "Int"),  # a Python bool is an int, a Lean Bool is none
        (1, "Bool"),
        (1.0, "Int"),
        (math.nan, "Float"),
        (None, "Int"),
        ("ab", "Char"),
        ("", "Char"),
        ("\ud800", "String"),
        (1 << 5000, "Int"),
        ("1", "Int"),
        (1, "String"),
        ({1: 2}, "List Int"),
        (3, "Fin 5"),
        (256, "UInt8"),
        (-1, "UInt64"),
        (128, "Int8"),
        (3, "α"),
        (3, "_"),
        (3, ""),
        ([3], "List"),
        ((1, 2, 3), "Int × Int"),
        ((1,), "Int × Int"),
        (1, "Int ×"),
    ],
)
def test_what_a_type_cannot_hold_has_no_literal(value, lean_type):
    with pytest.raises(NotRepresentableError):
        to_lean_literal(value, lean_type)


@given(st.lists(st.lists(st.integers())))
def test_literals_of_numbers_mean_the_same_number(value):
    assert ast.literal_eval(to_lean_literal(value, "List (List Int)")) == value


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_literals_of_strings_mean_the_same_string(value):
    literal = to_lean_literal(value, "String")
    assert ast.literal_eval(literal) == value
    assert "\n" not in literal


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
)


@given(anything, st.text(alphabet="IntNaBol(×) ListSrgChOpy→{}_"))
def test_any_value_and_any_text_for_a_type_give_a_literal_or_say_no(value, lean_type):
    with contextlib.suppress(NotRepresentableError):
        assert to_lean_literal(value, lean_type)


def test_calls_become_propositions_about_the_definition():
    calls = [Call((3, [1, -2]), 4), Call((-1, []), 0)]
    assert call_tests("f", calls, ["Int", "List Int", "Nat"]) == (
        "f 3 [1, (-2)] = 4",
        "f (-1) [] = 0",
    )


def test_a_call_that_the_types_cannot_hold_is_left_out_not_counted_as_wrong():
    calls = [Call((-3,), 3), Call((3,), -3), Call((3,), 1.5), Call((3,), 3)]
    assert call_tests("f", calls, ["Nat", "Nat"]) == ("f 3 = 3",)


def test_a_call_with_another_number_of_arguments_is_left_out():
    assert call_tests("f", [Call((1, 2), 3)], ["Int", "Int"]) == ()


def test_types_nobody_knows_give_no_tests():
    assert call_tests("f", [Call((1,), 2)], ["Int", "Prop"]) == ()
    assert call_tests("f", [Call((), 2)], ["Int"]) == ("f = 2",)
    assert call_tests("f", [], ["Int", "Int"]) == ()
