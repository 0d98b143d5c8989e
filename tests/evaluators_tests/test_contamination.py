from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.contamination import (
    Passage,
    normal_lean,
    normal_text,
    overlaps,
    refuse_overlaps,
)
from evaluators.errors import ContaminationError
from evaluators.problem import Problem

TWICE = Problem(
    id="p1",
    docstring="Twice the number x.",
    signature="def twice (x : Int) : Int",
    tests=("twice 2 = 4",),
    reference="def twice (x : Int) : Int :=\n  x + x",
)


def passage(docstring="Another thing.", lean=""):
    return Passage("c7", "context", docstring, lean)


@pytest.mark.parametrize(
    "docstring", ["Twice the number x.", "twice the  number X", "Twice, the number\nx!"]
)
def test_the_same_docstring_is_found_whatever_its_case_spacing_and_punctuation(docstring):
    assert [found.by for found in overlaps([passage(docstring)], [TWICE])] == ["docstring"]


@pytest.mark.parametrize(
    "lean",
    [
        "def twice (x : Int) : Int := x + x",
        "def g (value : Int) : Int :=\n    -- doubled\n    value+value",
        "def g (value : Int) : Int := /- twice -/ value + value",
    ],
)
def test_the_same_definition_is_found_whatever_its_names_and_comments(lean):
    assert [found.by for found in overlaps([passage(lean=lean)], [TWICE])] == ["lean"]


@pytest.mark.parametrize(
    "other",
    [
        passage("Thrice the number x."),
        passage(lean="def twice (x : Nat) : Nat := x + x"),
        passage(lean="def twice (x : Int) : Int := x * x"),
        passage("", ""),
    ],
)
def test_what_is_different_is_no_overlap(other):
    assert overlaps([other], [TWICE]) == []
    refuse_overlaps([other], [TWICE])


def test_operators_in_a_docstring_are_no_punctuation():
    assert normal_text("Return x + 1.") != normal_text("Return x - 1.")


def test_parameters_that_change_places_are_another_definition():
    assert normal_lean("def f (x y : Int) : Int := x - y") == normal_lean(
        "def g (a b : Int) : Int := a - b"
    )
    assert normal_lean("def f (x y : Int) : Int := x - y") != normal_lean(
        "def f (x y : Int) : Int := y - x"
    )


def test_a_leak_stops_with_the_pair_and_the_number_of_pairs():
    leaks = [passage("Twice the number x."), passage(lean=TWICE.reference)]
    with pytest.raises(ContaminationError) as raised:
        refuse_overlaps(leaks, [TWICE])
    assert str(raised.value) == (
        "context c7 and problem p1: docstring 'Twice the number x.' (and 1 more): "
        "what is learnt from must not hold what is asked; remove one side"
    )


@given(st.text())
def test_normal_forms_are_stable_and_no_text_breaks_them(text):
    assert normal_text(normal_text(text)) == normal_text(text)
    normal_lean(text)
    normal_lean(f"def f ({text} : Int) : Int := {text}")
