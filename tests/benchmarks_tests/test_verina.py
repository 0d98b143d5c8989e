"""What benchmarks/verina.py makes of verdicts, over a Lean whose answers are written down."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from benchmarks.verina import judge_mutants
from benchmarks.verina_problems import Item
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, Verdict

ROW = {
    "id": "verina_basic_0",
    "name": "top",
    "signature": "def top (a : Int) (b : Int) : Int",
    "lean": "def top (a : Int) (b : Int) : Int :=\n  if a < b then b else a",
    "lean_imports": ["import Mathlib", "import Std.Data.HashSet"],
    "lean_precond": "  True",
    "params": [
        {"param_name": "a", "param_type": "Int"},
        {"param_name": "b", "param_type": "Int"},
    ],
    "core_check_code": {},
    "lean_tests": ["top 1 2 = 2"],
    "tests": [{"input": {"a": "-5", "b": "3"}}],
}
SAID = {
    "passed": (Outcome.ACCEPTED, ""),
    "failed": (Outcome.REFUSED, "test_failed"),
    "undecided": (Outcome.UNDECIDED, "test_undecided"),
    "timeout": (Outcome.TIMEOUT, "deadline"),
    "broken": (Outcome.REFUSED, "elaboration_error"),
}


class WrittenLean:
    """Says of each mutant, by its condition, what its given and its hidden tests show."""

    def __init__(self, told: dict[str, tuple[str, str]], equal: str = "nothing") -> None:
        self.told = told
        self.equal = equal

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        return [self._verdict(request) for request in requests]

    def _verdict(self, request: CheckRequest) -> Verdict:
        if "theorem same" in request.program:
            same = f"if {self.equal} then" in request.program
            outcome, reason = SAID["passed" if same else "broken"]
        else:
            place = 1 if "top 0 0 = 0" in request.tests else 0
            told = [said for text, said in self.told.items() if f"if {text} " in request.program]
            outcome, reason = SAID[told[0][place] if told else "failed"]
        return Verdict(outcome, reason, "", (), "4.0.0-fake", (), 0.0)


def item() -> Item:
    return Item(dict(ROW), "", hidden=("top 0 0 = 0",))


def printed(capsys: pytest.CaptureFixture[str], lean: WrittenLean) -> list[str]:
    judge_mutants([item()], lean, each=20)
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


def rate(lines: list[str], name: str) -> str:
    (line,) = [line for line in lines if line.startswith(f"past {name}")]
    return line.partition(": ")[2].partition(" and not")[0]


def fate(lines: list[str]) -> str:
    (line,) = [line for line in lines if line.endswith("verina_basic_0 (1 hidden) line 2: < → ≤")]
    return line.partition("verina_basic_0")[0].strip()


def test_a_mutant_that_the_hidden_inputs_do_not_decide_is_not_one_they_catch(capsys):
    # five mutants: a ≤ b, a > b, a negated, a true and a false condition
    told = {
        "a ≤ b": ("passed", "passed"),
        "a > b": ("passed", "failed"),
        "¬ (a < b)": ("passed", "undecided"),
        "True": ("passed", "timeout"),
    }
    lines = printed(capsys, WrittenLean(told))
    assert lines[0] == "mutants: 5 made, 5 compile, 0 past a limit"
    assert rate(lines, "the tests that come with it") == "4 of 5 decided"
    assert rate(lines, "the hidden inputs too") == "1 of 3 decided"
    assert fate(lines) == "PAST"


def test_an_equal_mutant_counts_in_no_rate_and_is_shown(capsys):
    told = {"a ≤ b": ("passed", "passed")}
    lines = printed(capsys, WrittenLean(told, equal="a ≤ b"))
    assert rate(lines, "the tests that come with it") == "0 of 4 decided"
    assert rate(lines, "the hidden inputs too") == "0 of 4 decided"
    assert "equal" in fate(lines)


def test_what_the_given_tests_leave_open_the_hidden_inputs_may_still_catch(capsys):
    told = {"a ≤ b": ("undecided", "failed"), "a > b": ("undecided", "passed")}
    lines = printed(capsys, WrittenLean(told))
    assert rate(lines, "the tests that come with it") == "0 of 3 decided"
    assert rate(lines, "the hidden inputs too") == "0 of 4 decided"


def test_a_row_gives_its_inputs_and_the_imports_it_needs():
    assert item().imports == ["import Std.Data.HashSet"]
    assert item().request(()).program.startswith("import Std.Data.HashSet\ndef top")
    (call,) = item().known
    assert call.arguments == (-5, 3)


def test_inputs_are_read_whatever_their_type():
    kinds = {
        "String": ("a b", "a b"),
        "Char": (",", ","),
        "Bool": ("true", True),
        "Array (Array Int)": ("#[#[1, -2], #[]]", [[1, -2], []]),
        "List Char": ("['a']", ["a"]),
    }
    for kind, (text, value) in kinds.items():
        row = {
            **ROW,
            "params": [{"param_name": "x", "param_type": kind}],
            "tests": [{"input": {"x": text}}],
        }
        assert [call.arguments for call in Item(row, "").known] == [(value,)]
    row = {**ROW, "tests": [{"input": {"a": "⟨[(1, 2)]⟩", "b": "3"}}]}
    assert Item(row, "").known == []
