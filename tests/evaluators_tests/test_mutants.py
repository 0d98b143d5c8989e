from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.behaviour.mutants import mutants

SIGNATURE = "def f (x : Int) : Int"


def faults(body: str) -> list[str]:
    return [f"{one.before}→{one.after}" for one in mutants(f"{SIGNATURE} := {body}")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x + y", ["+→-"]),
        ("x ≤ y", ["≤→<", "≤→≥"]),
        ("x * 2", ["*→+", "2→3", "2→1"]),
        ("-x", []),
        ("(-1)", ["1→2", "1→0"]),
        ("x - -3", ["-→+", "3→4", "3→2"]),
        ("0", ["0→1"]),
        ("a && !b", ["&&→||", "!→"]),
        ("xs[0]!", ["0→1"]),
        ("true", ["true→false"]),
        ("min a b", ["min→max"]),
        ("xs.all p", ["xs.all→xs.any"]),
        ("p.1", []),
        ("x1 + a.b2", ["+→-"]),
        ('s ++ "a + 1"', ['"a + 1"→"?"']),
        ("c == 'x'", ["==→!=", "'x'→'?'"]),
        ("x -- + 1", []),
        ("x /- + 1 -/", []),
        ("fun y => y", []),
        ("x |> g <| h", []),
    ],
)
def test_one_fault_is_put_in_at_a_time(body, expected):
    assert faults(body) == expected


def test_a_branch_is_turned_round_and_forced():
    (first, second, third, *others) = mutants(f"{SIGNATURE} := if x < 0 then a else b")
    bodies = [one.lean.split(" := ")[1] for one in (first, second, third)]
    assert bodies == [
        "if ¬ (x < 0) then a else b",
        "if True then a else b",
        "if False then a else b",
    ]
    assert {one.fault for one in (first, second, third)} == {"branch"}
    assert {one.fault for one in others} == {"operator", "constant"}


def test_a_condition_with_a_name_is_left_alone_since_proofs_need_it():
    assert not [one for one in faults("if h : x < 0 then a else b") if "True" in one]


def test_a_nested_condition_ends_at_its_own_then():
    found = faults("if (if a then b else c) then d else e")
    assert " (if a then b else c) → ¬ ((if a then b else c)) " in found


def test_signatures_imports_and_termination_hints_stay_as_they_are():
    lean = (
        "import Std.Data.HashSet\n\ndef g (n : Fin 3) : Nat := n\n\n"
        f"{SIGNATURE} :=\n  x + 1\ntermination_by x - 1\n"
    )
    assert [f"{one.before}→{one.after}" for one in mutants(lean, keep=SIGNATURE)] == [
        "+→-",
        "1→2",
        "1→0",
    ]


def test_a_fault_is_described_by_its_line():
    (one,) = mutants(f"{SIGNATURE} :=\n  x + y")
    assert str(one) == "line 2: + → -"


@given(st.text())
def test_any_text_has_mutants_that_differ_from_it_in_one_place(text):
    for one in mutants(text):
        assert one.lean != text
        assert text[one.place :].startswith(one.before)
        assert one.lean == text[: one.place] + one.after + text[one.place + len(one.before) :]
