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
    "numbers as text": (
        'def f (n : Nat) : String := s!"{n}"',
        {'f 12 = "12"': PASSED, 'f 12 = "13"': FAILED, 'f 1000 = "1000"': PASSED},
    ),
    "strings inside the program's own types": (
        "structure Person where\n  name : String\n  age : Nat\n  deriving DecidableEq\n"
        "def f (p : Person) : Person := { p with name := p.name.map Char.toUpper }",
        {
            'f ⟨"ann", 3⟩ = ⟨"ANN", 3⟩': PASSED,
            'f ⟨"ann", 3⟩ = ⟨"ANN", 4⟩': FAILED,
            '(f ⟨"ann", 3⟩).name = "ann"': FAILED,
        },
    ),
    "strings inside a type with itself in it": (
        "inductive Tree where\n  | leaf\n  | node (label : String) (sons : List Tree)\n"
        "def depth : Nat → Tree → Nat\n  | 0, _ => 0\n  | _, .leaf => 0\n"
        "  | n + 1, .node s sons => s.length + (sons.map (depth n)).sum\n"
        'def f (n : Nat) : Nat := depth n (.node "ab" [.leaf, .node "c" []])',
        {"f 5 = 3": PASSED, "f 1 = 2": PASSED, "f 5 = 2": FAILED},
    ),
    "recursion over a string's characters that is not structural": (
        "def f (s : String) : Nat := go s.toList\nwhere\n  go (l : List Char) : Nat :=\n"
        "    if h : l.length < 2 then l.length else go (l.drop 2) + 1\n"
        "  termination_by l.length\n  decreasing_by simp; omega",
        {'f "abcde" = 3': PASSED, 'f "abcde" = 2': FAILED, 'f "" = 0': PASSED},
    ),
    "a proof about a string beside it": (
        "theorem mine (s : String) (h : s.isEmpty = true) : s.isEmpty ≠ false := by simp [h]\n"
        "def f (s : String) : Nat :=\n  if h : s.isEmpty = true then\n"
        "    (fun _ : s.isEmpty ≠ false => 1) (mine s h)\n  else 2",
        {'f "" = 1': PASSED, 'f "a" = 2': PASSED, 'f "a" = 1': FAILED},
    ),
    "a while loop": (
        "def f (n : Nat) : Nat := Id.run do\n  let mut n := n\n  let mut k := 0\n"
        "  while n > 1 do\n    n := if n % 2 = 0 then n / 2 else 3 * n + 1\n    k := k + 1\n"
        "  return k",
        {"f 6 = 8": PASSED, "f 6 = 9": FAILED},
    ),
    "a while loop without an end": (
        "def f (n : Nat) : Nat := Id.run do\n  let mut n := n\n  while n > 0 do\n"
        "    n := n + 1\n  return n",
        {"f 0 = 0": PASSED, "f 1 = 0": UNDECIDED},
    ),
    "a pattern of the program's own is not the library's": (
        "instance (priority := high) never (p : Char → Bool) :\n"
        "    String.Slice.Pattern.ForwardPattern p where\n"
        "  startsWith _ := false\n  dropPrefix? _ := none\n"
        "def f (s : String) : Bool := s.startsWith (· == 'a')",
        {'f "a" = true': UNDECIDED, 'f "a" = false': UNDECIDED},
    ),
    "a name of ours says nothing about the library": (
        "def Outerloop.String.isEmpty (s : String) : Bool := s.length = 1\n"
        "def f (s : String) : Bool := Outerloop.String.isEmpty s",
        {'f "a" = false': FAILED, 'f "" = true': FAILED},
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
    "sorting": (
        "def f (xs : List Int) : List Int := xs.mergeSort",
        {"f [2, 1] = [1, 2]": PASSED, "f [2, 1] = [2, 1]": FAILED},
    ),
    "sorting keeps the order of equals": (
        "def f (xs : List (Nat × Nat)) : List (Nat × Nat) := xs.mergeSort fun a b => a.1 ≤ b.1",
        {
            "f [(1, 2), (0, 9), (1, 1)] = [(0, 9), (1, 2), (1, 1)]": PASSED,
            "f [(1, 2), (0, 9), (1, 1)] = [(0, 9), (1, 1), (1, 2)]": FAILED,
        },
    ),
    "the order of a hash map's pairs is not known": (
        "import Std.Data.HashMap\n"
        "def f (xs : List Nat) : List Nat := (Std.HashMap.ofList (xs.map fun x => (x, x))).keys",
        {"f [1, 2] = [1, 2]": UNDECIDED, "f [1, 2] = [2, 1]": UNDECIDED},
    ),
    "keys whose derived equality keeps its laws": (
        "import Std.Data.HashMap\nimport Std.Data.HashSet\n"
        "structure P where\n  x : Nat\n  y : String\n  deriving BEq, Hashable\n"
        "inductive C where\n  | red\n  | green (n : Nat)\n  deriving BEq, Hashable\n"
        "def f (n : Nat) : Option Nat :=\n"
        '  ((∅ : Std.HashMap P Nat).insert ⟨1, "a"⟩ 5)[P.mk n "a"]?\n'
        "def g (n : Nat) : Bool := (Std.HashSet.ofList [C.red, .green 3]).contains (.green n)",
        {
            "f 1 = some 5": PASSED,
            "f 2 = some 5": FAILED,
            "g 3 = true": PASSED,
            "g 4 = true": FAILED,
        },
    ),
    "the size of a string is that of its bytes": (
        "def f (s : String) : Nat := sizeOf s",
        {'f "" = 4': PASSED, 'f "" = 2': FAILED},
    ),
    "an array's element is compared with the one to replace": (
        "structure K where\n  v : Nat\n  deriving DecidableEq\n"
        "instance (priority := high) less : BEq K := ⟨fun a b => a.v < b.v⟩\n"
        "def f : Array K := #[⟨1⟩, ⟨3⟩].replace ⟨2⟩ ⟨9⟩",
        {"f = #[⟨9⟩, ⟨3⟩]": PASSED, "f = #[⟨1⟩, ⟨9⟩]": FAILED},
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
