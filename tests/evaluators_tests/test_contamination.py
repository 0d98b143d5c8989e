from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.errors import ContaminationError
from evaluators.leaks.contamination import (
    COPIES,
    LIKELY,
    Method,
    Passage,
    overlaps,
    refuse_overlaps,
)
from evaluators.leaks.normal_forms import content_words, description, normal_lean, normal_text
from evaluators.leaks.shapes import shape_of_calls, shape_of_doctests, shape_of_signature
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


LONG = (
    "Given the temperatures of a week in degrees, return how many days were warmer than the day "
    "before, counting from the second day and leaving out days without a measurement."
)
OTHERS = [
    Problem(f"o{n}", text, f"def {name} (x : Int) : Int", (), "")
    for n, (name, text) in enumerate(
        [
            ("areaOfCircle", "This task asks for the area of a circle with a given radius."),
            ("reverseWords", "This task asks for the words of a sentence in reverse order."),
            ("countVowels", "This task asks how many vowels a sentence has."),
            ("primeFactors", "This task asks for the prime factors of an integer."),
            ("leapYear", "This task asks whether a year is a leap year."),
            ("matrixTrace", "This task asks for the trace of a square matrix."),
        ]
    )
]


def asked(docstring, signature="def f (x : Int) : Int"):
    return Problem("p1", docstring, signature, ("f 1 = 1",), "")


def methods(passage, problem, by=COPIES):
    return [found.by for found in overlaps([passage], [*OTHERS, problem], by=by)]


def test_a_docstring_copied_with_a_word_changed_is_found():
    changed = LONG.replace("degrees", "kelvin")
    assert methods(passage(changed), asked(LONG), by=(Method.MINHASH,)) == [Method.MINHASH]
    assert methods(passage(changed), asked(LONG)) != []


def test_a_docstring_quoted_inside_a_longer_text_is_found():
    around = " ".join(f"Remark {n} of no interest." for n in range(50))
    assert methods(passage(f"{around} {LONG} {around}"), asked(LONG)) == [Method.NGRAM]


def test_short_sentences_that_differ_in_one_word_are_no_copies():
    assert (
        methods(passage("Return the sum of x and y."), asked("Return the sum of x and z.")) == []
    )


@pytest.mark.parametrize("name", ["kth_element", "KthElement", "kth_Element"])
def test_a_name_is_found_however_it_is_written(name):
    problem = asked("Something.", "def kthElement (xs : List Int) (k : Nat) : Int")
    learnt = Passage("c7", "context", "Another thing.", name=name)
    assert methods(learnt, problem, by=(Method.NAME,)) == [Method.NAME]
    assert methods(learnt, problem) == []


def test_a_name_of_one_word_says_too_little():
    problem = asked("Something.", "def insert (xs : List Int) : Int")
    learnt = Passage("c7", "context", "Another thing.", name="insert")
    assert methods(learnt, problem, by=(Method.NAME,)) == []


def test_another_wording_of_the_same_task_is_likely_and_never_a_copy():
    problem = asked(
        "This task requires writing a Lean 4 method that computes the surface area of a cube.",
        "def cubeSurfaceArea (size : Int) : Int",
    )
    learnt = passage("Write a function to find the surface area of a cube.")
    assert methods(learnt, problem, by=LIKELY) == [Method.WORDS]
    assert methods(learnt, problem) == []


def test_only_the_closest_wordings_are_named():
    problem = asked(
        "This task requires a method that finds the surface area of a cube.",
        "def cubeSurfaceArea (size : Int) : Int",
    )
    many = [
        Passage(f"c{n}", "context", f"Find the surface area of a cube {'of gold ' * n}.")
        for n in range(6)
    ]
    named = overlaps(many, [*OTHERS, problem], by=(Method.WORDS,))
    assert [found.passage_id for found in named] == ["c0", "c1", "c2"]


def test_other_kinds_of_values_speak_against_one_task():
    problem = asked(
        "Return whether the elements are sorted.", "def isSorted (xs : Array Int) : Bool"
    )
    words = "Say whether the elements are sorted."
    same = Passage("same", "context", words, shape=("list", "bool"))
    other = Passage("other", "context", words, shape=("text", "int", "list"))
    found = overlaps([other, same], [*OTHERS, problem], by=(Method.WORDS,))
    assert [one.passage_id for one in found][:1] == ["same"]
    assert found[0].degree > 5


def test_the_pair_is_printed_with_both_texts():
    problem = asked("This task requires the surface area of a cube.", "def cubeArea : Int")
    (found,) = overlaps(
        [passage("Find the surface area of a cube.")], [*OTHERS, problem], by=(Method.WORDS,)
    )
    assert str(found) == (
        "context c7 and problem p1: words 'Find the surface area of a cube.' ~ "
        "'This task requires the surface area of a cube.'"
    )


def test_a_pair_stands_once_under_the_surest_method():
    found = overlaps([passage(LONG)], [asked(LONG)], by=(*COPIES, *LIKELY))
    assert [one.by for one in found] == [Method.DOCSTRING]


@pytest.mark.parametrize("by", list(Method))
def test_nothing_on_either_side_is_no_overlap(by):
    assert overlaps([], [TWICE], by=(by,)) == []
    assert overlaps([passage()], [], by=(by,)) == []
    assert overlaps([passage("", "")], [asked("")], by=(by,)) == []


@given(st.lists(st.text(), max_size=5), st.text())
def test_no_text_breaks_a_search_for_overlaps(docstrings, problem):
    learnt = [Passage(str(n), "context", text, name=text) for n, text in enumerate(docstrings)]
    overlaps(learnt, [asked(problem, f"def {problem}")], by=(*COPIES, *LIKELY))


def test_what_stands_after_the_description_is_left_out():
    text = "-----Description-----\nSorts a list in Lean 4.\n\n-----Input-----\nxs: the apples"
    assert description(text) == "Sorts a list in  ."
    assert content_words(description("Sum.\n>>> f(3)\n4")) == ["add"]


@pytest.mark.parametrize(
    ("signature", "shape"),
    [
        ("def f (x : Int) : Int", ("int", "int")),
        ("def f (xs ys : List Int) (n : Nat) : Option Bool", ("list", "list", "int", "bool")),
        ("def f {T : Type} [BEq T] (xs : Array (Array Int)) : String", ("table", "text")),
        ("def f : Int → Bool", ("int", "bool")),
        ("def f (p : Int × Int) : List (Int × Int)", ("list", "table")),
        ("theorem t", ()),
        ("", ()),
    ],
)
def test_a_signature_has_a_shape(signature, shape):
    assert shape_of_signature(signature) == shape


def test_calls_and_examples_have_a_shape():
    assert shape_of_calls([([1, "a"], True), ([2, "b"], False), ([None, "c"], True)]) == (
        "int",
        "text",
        "bool",
    )
    assert shape_of_calls([]) == ()
    assert shape_of_doctests(">>> f([1], 2)\n3.5\n>>> f(broken(\n3") == ("list", "int", "float")
    assert shape_of_doctests("no examples") == ()
