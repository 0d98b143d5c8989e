"""What only the real Lean can say of answers and literals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from evaluators.behaviour import call_tests
from evaluators.eng2lean import evaluate
from evaluators.problem import Problem
from evaluators.settings import EvaluationSettings
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, TestOutcome
from tests.evaluators_tests.fakes import WrittenAnswers

pytestmark = pytest.mark.lean


@pytest.fixture(scope="module")
def pool() -> Iterator[LeanPool]:
    with LeanPool(workers=1) as pool:
        yield pool


TWICE = Problem(
    id="twice",
    docstring="Twice x.",
    signature="def f (x : Int) : Int",
    tests=("f 3 = 6", "f (-2) = (-4)", "f 0 = 0"),
    reference="def f (x : Int) : Int := x + x",
)

RIGHT = [
    " x + x",
    "\n  2 * x\n\ntheorem ignored : False := sorry",
    "\n  let y := x\n  y + y",
    "\n  match x with\n| 0 => 0\n| y => y * 2\n",
    " x + x\n  theorem f_zero : f 3 = 7 := sorry",
]
WRONG = [
    "",
    " x * x",
    " 6",
    "Sure, here is the definition you asked for!",
    "\n  x +",
    " sorry",
    " f x",
    "def g (x : Int) : Int := x + x",
    " (x + x : Nat)",
    "\x00" * 9,
    " (" * 5000,
    ' "定義"',
]


def test_right_answers_pass_and_useless_ones_are_refused_without_a_crash(pool):
    answers = RIGHT + WRONG
    found = evaluate(
        WrittenAnswers(answers),
        [TWICE] * len(answers),
        pool,
        settings=EvaluationSettings(),
        seed=0,
    )
    passed = [record.answer for record in found.records if record.passed]
    assert len(passed) == len(RIGHT), passed
    assert [record.passed for record in found.records[: len(RIGHT)]] == [True] * len(RIGHT)
    assert sum(record.verdict.reason == "test_failed" for record in found.records) == 2


@dataclass
class Call:
    arguments: tuple[Any, ...]
    value: Any


@pytest.mark.parametrize(
    ("lean_type", "values"),
    [
        ("Int", [0, -1, 10**40, -(10**40)]),
        ("Nat", [0, 7, 2**64]),
        ("Bool", [True, False]),
        ("String", ["", 'a"b\\c', "\n\t\r\x00\x7f", "é λ 👍", "{x}", "\u2028\u200b\ufeff"]),
        ("Char", ["'", '"', "\\", "\n", "λ", "👍"]),
        ("List Int", [[], [1, -2]]),
        ("List (List String)", [[["a"], []], []]),
        ("Option Int", [None, -1]),
        ("Int × Bool × String", [(-1, True, "a")]),
        ("List (Int × List Nat)", [[(1, [2, 3])]]),
    ],
)
def test_lean_reads_a_literal_as_the_value_it_was_made_from(pool, lean_type, values):
    """The identity sends each literal to itself, and no literal to another value's."""
    program = f"def f (x : {lean_type}) : {lean_type} := x"
    target = program.partition(" :=")[0]
    same = call_tests("f", [Call((value,), value) for value in values], [lean_type] * 2)
    assert len(same) == len(values)
    other = call_tests("f", [Call((values[0],), value) for value in values[1:]], [lean_type] * 2)
    good, bad = pool.check_many(
        [CheckRequest(program, target, same), CheckRequest(program, target, other)]
    )
    assert good.outcome is Outcome.ACCEPTED, good.detail
    assert set(bad.tests) <= {TestOutcome.FAILED}, bad
