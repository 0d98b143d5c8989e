"""What only the real Lean can say of answers and literals."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from evaluators.behaviour.calls import call_tests
from evaluators.eng2lean.evaluate import evaluate
from evaluators.equivalence.beq_core import BeqCore
from evaluators.evaluation import StageResult
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
    assert sum(record.finding.reason == "test_failed" for record in found.records) == 2


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


PAIRS = [(a, b) for a in (-7, -6, 0, 6, 7) for b in (-3, -2, 2, 3)]


def outcomes(pool, body, python, inputs, types=("Int", "Int", "Int")):
    """What Lean says of `def f (a b) := body` when Python's values are expected."""
    binders = " ".join(f"({name} : {kind})" for name, kind in zip("ab", types[:-1], strict=False))
    calls = [Call(arguments, python(*arguments)) for arguments in inputs]
    tests = call_tests("f", calls, list(types))
    assert len(tests) == len(inputs)
    (verdict,) = pool.check_many(
        [CheckRequest(f"def f {binders} : {types[-1]} := {body}", tests=tests)]
    )
    return list(verdict.tests)


def test_pythons_division_is_fdiv_and_fmod(pool):
    passed = [TestOutcome.PASSED] * len(PAIRS)
    assert outcomes(pool, "Int.fdiv a b", lambda a, b: a // b, PAIRS) == passed
    assert outcomes(pool, "Int.fmod a b", lambda a, b: a % b, PAIRS) == passed


def test_leans_division_is_pythons_for_positive_divisors_and_exact_quotients_only(pool):
    expected = [
        TestOutcome.PASSED if b > 0 or a % b == 0 else TestOutcome.FAILED for a, b in PAIRS
    ]
    assert outcomes(pool, "a / b", lambda a, b: a // b, PAIRS) == expected
    assert outcomes(pool, "a % b", lambda a, b: a % b, PAIRS) == expected


def test_natural_subtraction_and_machine_integers_are_not_pythons(pool):
    naturals = [(3, 2), (2, 2)]
    kinds = ("Nat", "Nat", "Int")
    assert set(outcomes(pool, "(a - b : Nat)", lambda a, b: a - b, naturals, kinds)) == {
        TestOutcome.PASSED
    }
    below = [(2, 3)]
    assert outcomes(pool, "(a - b : Nat)", lambda a, b: a - b, below, kinds) == [
        TestOutcome.FAILED
    ]
    small = ("UInt8", "UInt8", "Nat")
    assert outcomes(pool, "(a + b).toNat", lambda a, b: a + b, [(2, 3), (200, 100)], small) == [
        TestOutcome.PASSED,
        TestOutcome.FAILED,
    ]


def test_a_string_is_as_long_in_lean_as_in_python(pool):
    inputs = [("",), ("abc",), ("→🙂é",)]
    found = outcomes(pool, "a.length", len, inputs, ("String", "Nat"))
    assert TestOutcome.FAILED not in found
    assert found[0] is TestOutcome.PASSED


def test_endless_answers_end_and_are_not_decided_or_refused_but_never_right(pool):
    quick = dataclasses.replace(
        TWICE, signature="def f (x : Nat) : Nat", tests=("f 3 = 6",), reference=""
    )
    answers = [
        " f x",
        " f (x + 1)",
        "\n  let rec loop (n : Nat) : Nat := loop (n + 1)\n  loop x",
        "\n  (List.range (10 ^ 30)).foldl (· + ·) x",
        "\n  2 ^ 2 ^ 2 ^ 2 ^ 2 ^ 2 ^ x",
    ]
    found = evaluate(
        WrittenAnswers(answers),
        [quick] * len(answers),
        pool,
        settings=EvaluationSettings(),
        seed=0,
    )
    assert not any(record.passed for record in found.records)
    assert found.score.value == 0
    behaviour = found.stages[-1]
    assert behaviour.failed + behaviour.undecided == len(answers)


def test_another_name_and_several_definitions_do_not_pass_for_the_one_asked_for(pool):
    answers = [
        " g\nwhere g := x + x",
        " x + x\n\ndef f (x : Int) : Int := 0",
        "\ndef f (x : Int) : Int := x + x",
        "\n```lean\ndef f (x : Int) : Int := x + x\n```",
        " x + x -- \n-- def f := 3",
    ]
    found = evaluate(
        WrittenAnswers(answers),
        [TWICE] * len(answers),
        pool,
        settings=EvaluationSettings(),
        seed=0,
    )
    assert [record.passed for record in found.records] == [True, True, False, False, True]
    assert [stage.stage for stage in found.stages] == [
        "parsed",
        "elaborated",
        "signature",
        "behaviour",
    ]


def test_statements_are_judged_by_their_meaning(pool):
    stated = Problem(
        id="s",
        docstring="Adding nothing changes nothing.",
        signature="theorem t",
        tests=(),
        reference="theorem t (x : Nat) (h : 3 < x) : 2 * x > 6",
        kind="statement",
    )
    answers = [
        " (y : Nat) (h : y > 3) : 6 < 2 * y",
        " (y : Nat) : 6 < 2 * y",
        ' (y : Nat) (h : y > 3) : 6 < ("a" : String)',
        "",
    ]
    found = evaluate(
        WrittenAnswers(answers),
        [stated] * len(answers),
        pool,
        settings=EvaluationSettings(),
        seed=0,
        comparison=BeqCore(pool),
    )
    equivalent = [attempt.at("equivalent") for one in found.records for attempt in one.attempts]
    assert equivalent[0] is StageResult.PASSED
    assert equivalent[1] is not StageResult.PASSED
    assert equivalent[2:] == [StageResult.FAILED] * 2
    elaborated = [one.attempts[0].at("elaborated") for one in found.records]
    assert elaborated == [StageResult.PASSED] * 2 + [StageResult.FAILED] * 2
