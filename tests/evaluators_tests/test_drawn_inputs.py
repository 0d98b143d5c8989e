from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluators.behaviour.calls import BehaviourSettings, hidden_tests, observe
from evaluators.behaviour.drawn_inputs import ALPHABET, draw_inputs
from evaluators.behaviour.input_shapes import (
    Shape,
    doctest_calls,
    is_straight_line,
    shapes_of_calls,
    shapes_of_hints,
    shapes_of_lean,
)
from evaluators.behaviour.python_calls import ObservedCall

INT, NAT, BOOL, STR = Shape("int"), Shape("nat"), Shape("bool"), Shape("str")


def a_list(of: Shape) -> Shape:
    return Shape("list", (of,))


@pytest.mark.parametrize(
    ("hints", "shapes"),
    [
        ("a: int, b: bool, c: str", (INT, BOOL, STR)),
        ("a: list[int]", (a_list(INT),)),
        ("a: List[List[str]]", (a_list(a_list(STR)),)),
        ("a: typing.Sequence[int]", (a_list(INT),)),
        ("a: Optional[int]", (Shape("option", (INT,)),)),
        ("a: int | None", (Shape("option", (INT,)),)),
        ("a: None | int", (Shape("option", (INT,)),)),
        ("a: tuple[int, bool]", (Shape("tuple", (INT, BOOL)),)),
        ("a: tuple[int, ...]", (a_list(INT),)),
        ("a: 'list[int]'", (a_list(INT),)),
        ("", ()),
        ("a", None),
        ("a: int, b", None),
        ("a: dict[str, int]", None),
        ("a: Callable", None),
        ("a: list", None),
        ("a: int | str", None),
        ("a: int | str | None", None),
        ("*a: int", None),
        ("*, a: int", None),
        ("a: 'not a type('", None),
        ("a: __import__('os').system('true')", None),
    ],
)
def test_hints_are_read_and_never_run(hints, shapes):
    assert shapes_of_hints(f"def f({hints}): pass", "f") == shapes


@pytest.mark.parametrize("source", ["", "def g(): pass", "def f(", "x = 1"])
def test_a_function_that_is_not_there_has_no_hints(source):
    assert shapes_of_hints(source, "f") is None


@pytest.mark.parametrize(
    ("calls", "shapes"),
    [
        ([(1, "a"), (2, "")], (NAT, STR)),
        ([(1,), (-2,)], (INT,)),
        ([(True,), (False,)], (BOOL,)),
        ([([1, 2],), ([],)], (a_list(NAT),)),
        ([([],)], (a_list(INT),)),
        ([(None,), (3,)], (Shape("option", (NAT,)),)),
        ([((1, True),), ((2, False),)], (Shape("tuple", (NAT, BOOL)),)),
        ([((1, 2),), ((1,),)], (a_list(NAT),)),
        ([(1.5,), (2,)], (Shape("float"),)),
        ([], None),
        ([(1,), (1, 2)], None),
        ([(1,), ("a",)], None),
        ([({1: 2},)], None),
    ],
)
def test_known_calls_say_what_a_function_takes(calls, shapes):
    assert shapes_of_calls(calls) == shapes


@pytest.mark.parametrize(
    ("types", "shapes"),
    [
        (["Int", "Nat"], (INT, NAT)),
        (["Array (Int × Nat)"], (a_list(Shape("tuple", (INT, NAT))),)),
        (["Int × Bool × String"], (Shape("tuple", (INT, BOOL, STR)),)),
        (["(Int) × (Int)"], (Shape("tuple", (INT, INT)),)),
        (["Option (List Char)"], (Shape("option", (a_list(Shape("char")),)),)),
        (["UInt8"], (NAT,)),
        (["α"], None),
        (["Int → Int"], None),
        (["Int", "Float"], None),
    ],
)
def test_a_lean_signature_says_what_a_definition_takes(types, shapes):
    assert shapes_of_lean(types) == shapes


def test_doctests_are_read_as_calls_with_literal_arguments():
    text = "Doc.\n>>> f(1, [2])\n3\n>>> g(1)\n>>> f(x)\n>>> f(-1, [])\n0\n>>> f(\n"
    assert doctest_calls(text, "f") == ((1, [2]), (-1, []))


def test_a_straight_line_is_what_repeats_nothing():
    assert is_straight_line("def f(a, b):\n    return a // b if b else -a\n")
    for loops in ("for i in range(a): pass", "return f(a)", "return 2 ** a", "return 1 << a"):
        assert not is_straight_line(f"def f(a):\n    {loops}\n")
    assert not is_straight_line("def f(")


shapes = st.recursive(
    st.sampled_from([INT, NAT, BOOL, STR, Shape("char"), Shape("none")]),
    lambda inner: inner.map(a_list) | st.tuples(inner, inner).map(lambda ab: Shape("tuple", ab)),
    max_leaves=4,
)


@settings(suppress_health_check=[HealthCheck.nested_given], max_examples=30, deadline=None)
@given(st.lists(shapes, min_size=1, max_size=3), st.integers(0, 2**32))
def test_the_same_seed_draws_the_same_different_inputs(of, seed):
    drawn = draw_inputs(of, count=5, seed=seed)
    assert drawn == draw_inputs(of, count=5, seed=seed)
    assert len({repr(one) for one in drawn}) == len(drawn) <= 5
    assert all(len(one) == len(of) for one in drawn)


def test_another_process_draws_the_same_whatever_it_has_loaded():
    program = (
        "import {}\nfrom evaluators.behaviour.drawn_inputs import draw_inputs\n"
        "from evaluators.behaviour.input_shapes import Shape\n"
        "print(draw_inputs([Shape('int'), Shape('list', (Shape('str'),))], count=9, seed=3))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program.format(module)], capture_output=True, check=True
        ).stdout
        for module in ("json", "search.settings.study")
    }
    assert said == {f"{draw_inputs([INT, a_list(STR)], count=9, seed=3)}\n".encode()}


def test_known_calls_are_varied_but_not_drawn_again():
    known = [([1, 2, 3, 4, 5, 6, 7, 8], 8)]
    drawn = draw_inputs([a_list(NAT), NAT], count=40, seed=0, known=known)
    assert known[0] not in drawn
    assert any(one[0] == known[0][0] and one[1] != 8 for one in drawn)
    near = sum(len(one[0]) > 6 for one in drawn)
    assert 5 < near < 35


def test_numbers_are_mostly_small_and_large_only_when_asked_for():
    plain = [one[0] for one in draw_inputs([INT], count=60, seed=1)]
    assert max(map(abs, plain)) <= 60
    assert sum(abs(n) <= 12 for n in plain) > 20
    large = [one[0] for one in draw_inputs([INT], count=60, seed=1, large_numbers=True)]
    assert max(map(abs, large)) > 2**31


def test_naturals_are_not_negative_and_characters_are_of_the_alphabet():
    drawn = draw_inputs([NAT, STR], count=60, seed=2, large_numbers=True)
    assert all(n >= 0 and set(text) <= set(ALPHABET) for n, text in drawn)
    assert {len(text) for _, text in drawn} >= {0, 1, 8}


def test_a_small_domain_gives_what_it_has_and_a_float_nothing():
    assert sorted(draw_inputs([BOOL], count=20, seed=0)) == [(False,), (True,)]
    assert draw_inputs([Shape("float")], count=20, seed=0) == []
    assert draw_inputs([], count=20, seed=0) == []


def test_a_functions_behaviour_is_drawn_asked_and_written_as_tests():
    source = "def f(a: int, b: int) -> int:\n    return a // b\n"
    seen = observe(source, "f", seed=1, settings=BehaviourSettings(inputs=40))
    assert seen.shapes_from == "hints"
    assert set(seen.left_out) == {"raised"}
    assert len(seen.calls) + seen.left_out["raised"] == 40
    assert all(call.value == call.arguments[0] // call.arguments[1] for call in seen.calls)
    tests = hidden_tests("f", seen.calls, ["Int", "Int", "Int"])
    assert len(tests.tests) == len(seen.calls)
    naturals = hidden_tests("f", seen.calls, ["Nat", "Nat", "Nat"])
    assert naturals.left_out["negative"] == len(seen.calls) - len(naturals.tests) > 0


def test_types_come_from_lean_first_then_hints_calls_and_doctests():
    hinted = "def f(a: int): return a"
    bare = 'def f(a):\n    """Doc.\n\n    >>> f(3)\n    3\n    """\n    return a'
    known = [ObservedCall((3,), 3)]
    quick = BehaviourSettings(inputs=2)
    assert observe(hinted, "f", seed=0, lean_types=["Nat"], settings=quick).shapes_from == "lean"
    assert observe(hinted, "f", seed=0, known=known, settings=quick).shapes_from == "hints"
    assert observe(bare, "f", seed=0, known=known, settings=quick).shapes_from == "calls"
    assert observe(bare, "f", seed=0, settings=quick).shapes_from == "doctests"
    nothing = observe("def f(a): return a", "f", seed=0, settings=quick)
    assert (nothing.shapes_from, nothing.calls) == ("nothing", ())


def test_a_call_of_another_number_of_arguments_is_counted():
    assert hidden_tests("f", [ObservedCall((1, 2), 3)], ["Int", "Int"]).left_out == {"arity": 1}
