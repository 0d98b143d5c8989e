from __future__ import annotations

import dataclasses

import pytest

from evaluators.benchmarks.benchmark import ImportedBenchmark, import_rows
from evaluators.benchmarks.benchmark_rows import Fields, Rows
from evaluators.benchmarks.references import check_references
from evaluators.errors import BenchmarkError
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, TestOutcome, Verdict
from tests.evaluators_tests.benchmark_rows import BY_FORM, CLEVER, MINIF2F, OUTERLOOP, VERINA
from tests.evaluators_tests.test_benchmark import converted


class ReferenceLean:
    """Accepts what holds `+`; finds `= 5` false, cannot decide what holds `?`, is late on `late`
    and on one test at `test late`, and cannot read `xix`."""

    def __init__(self) -> None:
        self.requests: list[CheckRequest] = []

    def check_many(self, requests, *, timeout_seconds=20.0):
        self.requests += requests
        return [self._verdict(request, timeout_seconds) for request in requests]

    def _verdict(self, request, timeout_seconds):
        if "test late" in request.program:
            return self._said(Outcome.UNDECIDED, "test_deadline", (TestOutcome.UNDECIDED,))
        if "late" in request.program and timeout_seconds < 700:
            return self._said(Outcome.TIMEOUT, "deadline", ())
        if ":= sorry" in request.program:
            reason = "elaboration_error" if "xix" in request.program else "sorry"
            return self._said(Outcome.REFUSED, reason, ())
        if request.target and request.target.startswith("theorem"):
            reason = "bad_target" if "ℝ" in request.target else "target_missing"
            return self._said(Outcome.REFUSED, reason, ())
        if "+" not in request.program:
            return self._said(Outcome.REFUSED, "elaboration_error", ())
        tests = tuple(map(self._test, request.tests))
        if TestOutcome.FAILED in tests:
            return self._said(Outcome.REFUSED, "test_failed", tests)
        if TestOutcome.UNDECIDED in tests:
            return self._said(Outcome.UNDECIDED, "test_undecided", tests)
        return self._said(Outcome.ACCEPTED, "", tests)

    def _test(self, test):
        if "?" in test:
            return TestOutcome.UNDECIDED
        wrong = test.endswith("= 5") or test == "¬ (twice 7 = 14)"
        return TestOutcome.FAILED if wrong else TestOutcome.PASSED

    def _said(self, outcome, reason, tests):
        return Verdict(outcome, reason, f"said {reason}", tests, "4-fake", ("kernel",), 0.0)


def checked(*rows: dict, form="outerloop") -> ImportedBenchmark:
    fields = tuple(Fields(f"line {n}", {**row}) for n, row in enumerate(rows, start=1))
    return check_references(
        import_rows(Rows("here", "", "0" * 64, fields), form=form), ReferenceLean()
    )


def another(number: int, **fields: object) -> dict:
    return {**OUTERLOOP, "id": f"q{number}", "docstring": f"Twice, number {number}.", **fields}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"reference": "def twice (x : Int) : Int := y"}, "reference_refused"),
        ({"tests": ["twice 2 = 5"]}, "reference_fails"),
        ({"must_fail": ["twice 2 = 4"]}, "reference_fails"),
        ({"must_fail": ["twice 7 = 14"]}, "reference_fails"),
        ({"tests": ["twice 2 = ?"], "must_fail": []}, "reference_undecided"),
    ],
)
def test_a_reference_that_does_not_check_is_named_and_counted(fields, reason):
    found = checked(OUTERLOOP, another(2, **fields))
    assert [one.id for one in found.problems] == ["p1"]
    assert [(one.place, one.reason) for one in found.excluded] == [("line 2", reason)]
    assert found.rows == 2


def test_tests_that_cannot_be_decided_on_the_reference_are_left_out_and_counted():
    found = checked(another(1, tests=["twice 2 = 4", "twice 3 = ?"], must_fail=["twice ? = 5"]))
    assert found.problems[0].tests == ("twice 2 = 4",)
    assert found.problems[0].must_fail == ()
    assert found.tests_left_out == 2
    assert "left out: 2" in "\n".join(found.lines())


def test_what_must_fail_is_only_asked_where_no_test_fixes_the_value():
    lean = ReferenceLean()
    fields = Fields(
        "line 1", another(1, tests=["twice 2 = 4"], must_fail=["twice 2 = 6", "twice 3 = 9"])
    )
    found = check_references(
        import_rows(Rows("here", "", "0" * 64, (fields,)), form="outerloop"), lean
    )
    assert lean.requests[0].tests == ("twice 2 = 4", "¬ (twice 3 = 9)")
    assert found.problems[0].must_fail == ("twice 2 = 6", "twice 3 = 9")


def test_a_problem_without_a_reference_is_kept_and_listed():
    found = checked(OUTERLOOP, another(2, reference=""))
    assert len(found.problems) == 2
    assert found.unchecked == ("q2",)


def test_a_statement_that_lean_cannot_read_is_left_out():
    real = {**MINIF2F, "name": "r", "formal_statement": "theorem r (x : ℝ) : x = x := by"}
    found = checked({**MINIF2F, "header": ""}, {**real, "header": ""}, form="minif2f")
    assert [one.id for one in found.problems] == ["mathd_1"]
    assert [one.reason for one in found.excluded] == ["reference_refused"]


def test_a_benchmark_of_which_no_reference_checks_is_an_error():
    with pytest.raises(BenchmarkError, match="1 time reference_refused"):
        checked(another(1, reference="def twice (x : Int) : Int := y"))


@pytest.mark.parametrize("sign", ["#test", "-- #test", "--#test", "  -- #test", "-- -- #test"])
def test_a_clever_test_counts_whether_or_not_it_is_commented_out(sign):
    tests = f"-- Uncomment these\n{sign} implementation 2 = 4\n{sign} implementation (-1) = -2\n"
    problem = converted("clever", {**CLEVER, "implementation": "sorry", "test_cases_lean": tests})
    assert problem.tests == ("implementation 2 = 4", "implementation (-1) = -2")


def test_tests_that_lean_cannot_read_are_left_out_where_no_reference_tells():
    bare = {**CLEVER, "implementation": "sorry"}
    lines = ["-- #test implementation 2 = 4", "-- #test implementation 19 = xix"]
    found = checked({**bare, "test_cases_lean": "\n".join(lines)}, form="clever")
    assert found.problems[0].tests == ("implementation 2 = 4",)
    assert (found.tests_left_out, found.unchecked) == (1, ("problem_3",))
    other = {**bare, "problem_id": "x", "docstring": "Other.", "test_cases_lean": lines[1]}
    found = checked({**bare, "test_cases_lean": lines[0]}, other, form="clever")
    assert [(row.id, row.reason) for row in found.excluded] == [("x", "no_tests")]


def test_the_imports_every_lean_takes_stand_before_reference_and_signature():
    row = another(1, imports=["Std.Data.HashSet", "Mathlib"], preamble="open Nat")
    lean = ReferenceLean()
    rows = Rows("here", "", "0" * 64, (Fields("line 1", row),))
    check_references(import_rows(rows, form="outerloop"), lean)
    head = "import Std.Data.HashSet\nopen Nat\n\n"
    (asked,) = lean.requests
    assert asked.program == f"{head}{row['reference']}"
    assert asked.target == f"{head}{row['signature']}"


def test_a_verina_row_keeps_the_imports_it_names():
    row = {**VERINA, "lean_imports": ["import Mathlib", "import Std.Data.HashSet"]}
    assert converted("verina", row).imports == ("Mathlib", "Std.Data.HashSet")
    assert converted("verina", row).before == "import Std.Data.HashSet"
    assert dataclasses.replace(converted("verina", row), imports=("Std",)).before == (
        "import Std.Data"
    )


@pytest.mark.parametrize("what", ["late", "test late"])
def test_a_reference_past_the_wall_clock_stops_the_import_and_is_no_refusal(what):
    late = another(2, reference=f"def twice (x : Int) : Int := x + x -- {what}")
    with pytest.raises(BenchmarkError, match=r"line 2 \(q2\): not judged \(deadline\)") as raised:
        checked(OUTERLOOP, late)
    assert "\n" not in str(raised.value)


def test_a_limit_is_of_problems_taken_and_nothing_behind_them_is_counted():
    rows = [
        OUTERLOOP,
        another(2, reference="def twice (x : Int) : Int := y"),
        another(3, docstring=""),
        another(4),
        another(5, tests=[]),
        another(6, reference="def twice (x : Int) : Int := x + x -- late"),
    ]
    fields = tuple(Fields(f"line {n}", row) for n, row in enumerate(rows, start=1))
    whole = import_rows(Rows("here", "", "0" * 64, fields), form="outerloop")
    found = check_references(whole, ReferenceLean(), limit=2)
    assert [problem.id for problem in found.problems] == ["p1", "q4"]
    assert [row.place for row in found.excluded] == ["line 2", "line 3"]
    assert found.rows == 4
    assert whole.first(2).rows == 2
    assert whole.first(9) is whole


@pytest.mark.lean
def test_the_real_lean_reads_the_references_of_every_form_it_has_the_library_for(pool):
    for form in ("outerloop", "clever", "humaneval-lean", "minif2f", "proofnet"):
        sound = {**BY_FORM[form], "header": "", "lean4_src_header": ""}
        rows = Rows("here", "", "0" * 64, (Fields("line 1", sound),))
        found = check_references(import_rows(rows, form=form), pool)
        assert found.excluded == ()
        assert found.tests_left_out == 0
