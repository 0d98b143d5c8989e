from __future__ import annotations

import pytest

from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import check
from lean_sandbox.verdict import TestOutcome

pytestmark = pytest.mark.lean

PASSED, FAILED, UNDECIDED = TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.UNDECIDED

CASES = {
    "Int": (
        "def f (x y : Int) : Int := if x < y then y - x else x / y",
        {"f 3 (-2) = -2": FAILED, "f (-7) (-2) = 5": PASSED, "f (-7) (-9) = 1": PASSED},
    ),
    "Nat subtraction stops at 0": (
        "def f (x y : Nat) : Nat := x - y",
        {"f 3 5 = 0": PASSED, "f 5 3 = 2": PASSED, "f 5 3 = 3": FAILED},
    ),
    "Bool": (
        "def f (a b : Bool) : Bool := a && !b",
        {"f true false = true": PASSED, "f true true = true": FAILED},
    ),
    "a proposition as Bool": (
        "def f (x : Int) : Bool := x % 2 = 0 ∧ x > 0",
        {"f 4 = true": PASSED, "f (-4) = true": FAILED},
    ),
    "List": (
        "def f (xs : List Int) : List Int := (xs.filter (· > 0)).map (· * 2)",
        {"f [1, -1, 2] = [2, 4]": PASSED, "f [] = []": PASSED, "f [3] = [3]": FAILED},
    ),
    "List reverse, take, sum": (
        "def f (xs : List Int) : Int := ((xs.reverse.take 2).foldl (· + ·) 0) + xs.length",
        {"f [1, 2, 3] = 8": PASSED, "f [1, 2, 3] = 9": FAILED},
    ),
    "String": (
        'def f (s : String) : String := s ++ "!"',
        {'f "ab" = "ab!"': PASSED, 'f "ab" = "ab"': FAILED},
    ),
    "String length and characters": (
        "def f (s : String) : Nat := (s.toList.filter (· == 'a')).length + s.length",
        {'f "banana" = 9': PASSED, 'f "é" = 1': PASSED, 'f "b" = 2': FAILED},
    ),
    "String.map": (
        "def f (s : String) : String := s.map Char.toUpper",
        {'f "aé1" = "Aé1"': PASSED, 'f "ab" = "Ab"': FAILED},
    ),
    "long strings": (
        "def f (s : String) : String := s",
        {f'f "{"é" * 300}" = "{"é" * 300}"': PASSED},
    ),
    "numbers as text have neither body nor lemma": (
        'def f (n : Nat) : String := s!"{n}"',
        {'f 12 = "12"': UNDECIDED, 'f 12 = "13"': UNDECIDED},
    ),
    "arrays": (
        "def f (a : Array Int) : Array Int := (a.push 7).reverse",
        {"f #[1, 2] = #[7, 2, 1]": PASSED, "f #[1] = #[1, 7]": FAILED, "f #[] = #[]": FAILED},
    ),
    "arrays inside other types": (
        "def f (a : Array Nat) : Option (Array Nat) :=\n"
        "  if a.isEmpty then none else some (a.push 1)",
        {"f #[5] = some #[5, 1]": PASSED, "f #[] = none": PASSED, "f #[5] = none": FAILED},
    ),
    "an array that grows to a bound": (
        "def f (a acc : Array Int) (i : Nat) : Array Int :=\n"
        "  if i < a.size then f a (acc.push (a[i]! + 1)) (i + 1) else acc",
        {"f #[1, 2] #[] 0 = #[2, 3]": PASSED, "f #[1, 2] #[] 0 = #[2, 4]": FAILED},
    ),
    "an array written in place": (
        "def f (a : Array Int) : Array Int :=\n"
        "  let rec loop (i : Nat) (c : Array Int) : Array Int :=\n"
        "    if i < a.size then loop (i + 1) (c.set! i (a[i]! * 2)) else c\n"
        "  loop 0 (Array.replicate a.size 0)",
        {"f #[1, 2] = #[2, 4]": PASSED, "f #[1, 2] = #[2, 5]": FAILED, "f #[] = #[]": PASSED},
    ),
    "a fold over Array.range": (
        "def f (n : Nat) : Nat := (Array.range n).foldl (· + ·) 0",
        {"f 4 = 6": PASSED, "f 4 = 7": FAILED},
    ),
    "a name that core Lean exports too": (
        "def insert (a : Array Nat) (n : Nat) : Array Nat := (Array.range n).foldl Array.push a",
        {"_root_.insert #[7] 2 = #[7, 0, 1]": PASSED, "_root_.insert #[7] 2 = #[7]": FAILED},
    ),
    "structural recursion": (
        "def f : Nat → Nat\n  | 0 => 1\n  | n + 1 => (n + 1) * f n",
        {"f 10 = 3628800": PASSED, "f 3 = 7": FAILED},
    ),
    "well-founded recursion": (
        "def f (a b : Nat) : Nat := if h : b = 0 then a else f b (a % b)\ntermination_by b\n"
        "decreasing_by exact Nat.mod_lt _ (Nat.pos_of_ne_zero h)",
        {"f 48 18 = 6": PASSED, "f 48 18 = 7": FAILED},
    ),
    "for over a list": (
        "def f (xs : List Nat) : Nat := Id.run do\n  let mut s := 0\n  for x in xs do\n"
        "    s := s + x\n  return s",
        {"f [1, 2, 3] = 6": PASSED, "f [1, 2, 3] = 7": FAILED},
    ),
    "for over a range": (
        "def f (n : Nat) : Nat := Id.run do\n  let mut s := 0\n  for i in [0:n] do\n"
        "    s := s + i\n  return s",
        {"f 4 = 6": PASSED, "f 4 = 7": FAILED, "f 0 = 0": PASSED},
    ),
    "for with a helper, a step, a break and an early end": (
        "def g (x : Nat) : Nat := x + 1\ndef f (n : Nat) : Nat := Id.run do\n"
        "  let mut s := 0\n  for i in [1:n+1:2] do\n    if i > 4 then\n      break\n"
        "    s := s + g i\n  return s",
        {"f 4 = 6": PASSED, "f 9 = 6": PASSED, "f 9 = 12": FAILED},
    ),
    "a loop that returns early": (
        "def f (n : Nat) : Bool := Id.run do\n  for i in [2:n] do\n"
        "    if n % i == 0 then return false\n  return n > 1",
        {"f 7 = true": PASSED, "f 9 = true": FAILED, "f 97 = true": PASSED},
    ),
    "sorting is not exported": (
        "def f (xs : List Int) : List Int := xs.mergeSort",
        {"f [2, 1] = [1, 2]": UNDECIDED, "f [2, 1] = [2, 1]": UNDECIDED},
    ),
    "own type with derived equality": (
        "inductive Colour where\n  | red | green\n  deriving DecidableEq\n"
        "def f (n : Nat) : Colour := if n = 0 then .red else .green",
        {"f 0 = Colour.red": PASSED, "f 1 = Colour.red": FAILED},
    ),
    "Option and pairs": (
        "def f (x : Nat) : Option (Nat × Bool) := if x = 0 then none else some (x - 1, true)",
        {"f 0 = none": PASSED, "f 2 = some (1, true)": PASSED, "f 2 = none": FAILED},
    ),
    "partial says nothing": (
        "partial def f (n : Nat) : Nat := if n = 0 then 0 else f (n - 1)",
        {"f 3 = 0": UNDECIDED, "f 3 = 1": UNDECIDED},
    ),
    "tests that cannot be stated": (
        "def f (x : Nat) : Nat := x",
        {"f (-1) = 0": UNDECIDED, 'f "a" = 0': UNDECIDED, "f 1 = ": UNDECIDED, "f 1": UNDECIDED},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_behaviour_is_decided(pool: LeanPool, name: str) -> None:
    program, expected = CASES[name]
    said = check(pool, program, tests=tuple(expected))
    assert dict(zip(expected, said.tests, strict=True)) == expected, said


def test_a_target_and_tests_go_together(pool: LeanPool) -> None:
    said = check(
        pool,
        "def helper (x : Int) : Int := x * x\ndef f (a : Int) : Int := helper a + 1",
        target="def f (x : Int) : Int",
        tests=["f (-3) = 10"],
    )
    assert said.accepted, said


def test_the_names_of_bound_variables_do_not_matter(pool: LeanPool) -> None:
    said = check(
        pool,
        "theorem t {α : Type} (ys : List α) : ys ++ [] = ys := by simp",
        target="theorem t {β : Type} (xs : List β) : xs ++ [] = xs",
    )
    assert said.accepted, said
