from __future__ import annotations

import gzip
import hashlib
import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.benchmarks.benchmark import REASONS, import_rows, load_benchmark
from evaluators.benchmarks.benchmark_rows import Fields, Rows
from evaluators.benchmarks.forms import CONVERTERS
from evaluators.errors import BenchmarkError
from evaluators.problem import Problem
from tests.evaluators_tests.benchmark_rows import (
    BY_FORM,
    CLEVER,
    HUMANEVAL,
    MINIF2F,
    OUTERLOOP,
    PROOFNET,
    VERINA,
    VERINA_HUB,
)


def write(folder: Path, *rows: object) -> str:
    path = folder / "rows.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(path)


def converted(form: str, row: dict) -> Problem:
    return CONVERTERS[form](Fields("line 1", row))


def test_a_row_of_the_own_form_is_a_problem_field_by_field():
    assert converted("outerloop", OUTERLOOP) == Problem(
        id="p1",
        docstring="Twice x.",
        signature="def twice (x : Int) : Int",
        tests=("twice 2 = 4", "twice (-3) = -6"),
        reference="def twice (x : Int) : Int := x + x",
        must_fail=("twice 2 = 5",),
        licence="Apache-2.0",
    )


def test_a_verina_row_with_a_repaired_reference_uses_it():
    problem = converted("verina", VERINA)
    assert problem.reference == "def twice (x : Int) : Int := 2 * x"
    assert problem.tests == ("twice (2) = (4)",)
    assert problem.must_fail == ("twice (2) = (5)",)
    assert converted("verina", {**VERINA, "core_check_code": None}).imports == ("Std",)


@pytest.mark.parametrize("columns", [False, True])
def test_a_verina_row_of_the_hub_becomes_tests_and_a_reference_without_its_precondition(columns):
    row = dict(VERINA_HUB)
    if columns:  # older `datasets` hold a list of objects as an object of lists
        parameters = row["signature"]["parameters"]
        names = ("param_name", "param_type")
        as_columns = {name: [one[name] for one in parameters] for name in names}
        row["signature"] = {**row["signature"], "parameters": as_columns}
        row["tests"] = {key: [case[key] for case in row["tests"]] for key in row["tests"][0]}
    problem = converted("verina", row)
    assert problem.signature == "def again (s : String) (b : Bool) : String"
    assert problem.tests == ('again "ab" true = "abab"',)
    assert problem.must_fail == ('again "ab" true = "ab"', 'again "ab" true = ""')
    assert problem.imports == ("Mathlib",)
    assert problem.reference == (
        "def both (s : String) : String := s ++ s\n\n"
        "def again (s : String) (b : Bool) : String :=\n"
        "  if b then both s else again s false"
    )


def test_a_clever_row_has_its_helpers_in_the_reference():
    problem = converted("clever", CLEVER)
    assert problem.id == "problem_3"
    assert problem.signature == "def implementation (x : Int) : Int"
    assert problem.tests == ("implementation 2 = 4", "implementation 0 = 0")
    assert problem.reference == (
        "def double (x : Int) : Int := x + x\n\ndef implementation (x : Int) : Int :=\n  double x"
    )


def test_an_unsolved_clever_row_is_a_problem_without_a_reference():
    assert converted("clever", {**CLEVER, "implementation": "sorry"}).reference == ""


def test_a_human_eval_file_is_cut_before_its_tests():
    problem = converted("humaneval-lean", HUMANEVAL)
    assert problem.docstring == "Twice\nx."
    assert problem.signature == "def twice (x : Int) : Int"
    assert problem.tests == ("twice 2 = 4", "twice 0 = 0")
    assert problem.imports == ("Std",)
    assert problem.reference.startswith("/-! ## Implementation -/\n\ndef helper")
    assert problem.reference.endswith("helper x + helper x")


def test_a_statement_is_asked_for_by_name_and_kept_without_its_proof():
    problem = converted("minif2f", MINIF2F)
    assert problem.kind == "statement"
    assert problem.docstring == "Show that $x + 0 = x$."
    assert problem.signature == "theorem mathd_1"
    assert problem.reference == "theorem mathd_1 (x : Int) (h : 0 < x) :\n  x + 0 = x"
    assert problem.preamble == "open Nat Real"
    assert problem.imports == ("Mathlib", "Aesop")
    assert problem.tests == ()


def test_a_proofnet_row_has_an_informal_statement_and_a_header():
    problem = converted("proofnet", PROOFNET)
    assert problem.id == "Rudin|exercise_1_1a"
    assert problem.reference == "theorem exercise_1_1a (x : Nat) : x = x"
    assert problem.preamble == "open Filter"


BROKEN = [
    ({**OUTERLOOP, "docstring": ""}, "missing_field", "no `docstring`"),
    ({**OUTERLOOP, "tests": []}, "no_tests", "add tests"),
    ({**OUTERLOOP, "tests": [7]}, "wrong_type", "`tests` must hold texts, not [7]"),
    ({**OUTERLOOP, "signature": 3}, "wrong_type", "`signature` must be text, not 3"),
    ({**OUTERLOOP, "signature": "def f :="}, "wrong_type", "must end before `:=`"),
    ({**OUTERLOOP, "kind": "poem"}, "wrong_type", "not 'poem'"),
    ('{"id": "torn', "broken_json", "Unterminated string"),
    ("[1, 2]", "not_an_object", "a JSON list"),
    (OUTERLOOP, "repeated_id", "`p1` stands on line 1"),
    ({**OUTERLOOP, "id": "p2"}, "repeated_problem", "the same as line 1 (p1)"),
]


@pytest.mark.parametrize(("row", "reason", "detail"), BROKEN)
def test_a_row_that_is_no_problem_is_named_and_counted(tmp_path, row, reason, detail):
    found = load_benchmark(write(tmp_path, OUTERLOOP, row), form="outerloop")
    (left_out,) = found.excluded
    assert (left_out.place, left_out.reason) == ("line 2", reason)
    assert detail in left_out.detail
    assert "\n" not in str(left_out)
    assert found.reasons == {reason: 1}
    assert reason in REASONS
    assert (found.rows, len(found.problems)) == (2, 1)


@pytest.mark.parametrize("form", BY_FORM)
def test_every_form_names_the_field_that_is_missing(tmp_path, form):
    sound = BY_FORM[form]
    found = load_benchmark(write(tmp_path, sound, {"id": "bare"}), form=form)
    assert [one.reason for one in found.excluded] == ["missing_field"]
    assert found.excluded[0].id == "bare"


def test_every_row_is_a_problem_or_left_out(tmp_path):
    rows = [OUTERLOOP, *(row for row, _, _ in BROKEN)]
    found = load_benchmark(write(tmp_path, *rows, ""), form="outerloop")
    assert found.rows == len(rows)
    text = "\n".join(found.lines())
    assert "1 problem of 11 rows" in text
    assert "left out, wrong_type: 4" in text


def test_the_benchmark_is_pinned_by_the_hash_of_its_file(tmp_path):
    source = write(tmp_path, OUTERLOOP)
    digest = hashlib.sha256(Path(source).read_bytes()).hexdigest()
    found = load_benchmark(source, form="outerloop", sha256=digest[:12])
    assert found.sha256 == digest
    with pytest.raises(BenchmarkError, match="another version than the one asked for"):
        load_benchmark(source, form="outerloop", sha256="beef")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty; write one JSON object a line"),
        (b"\n \n", "is empty"),
        (b"\xff\xfe{}", ":1: not UTF-8; save the file as UTF-8"),
        (gzip.compress(b"{}", mtime=0)[:-4], "damaged gzip file"),
        (b"{}\n{}\n", "none of 2 rows is a problem of the form outerloop; 2 times missing_field"),
    ],
)
def test_a_file_of_which_nothing_can_be_read_is_one_line(tmp_path, content, says):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    with pytest.raises(BenchmarkError) as raised:
        load_benchmark(str(path), form="outerloop")
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_a_file_that_is_not_there_or_a_folder_is_one_line(tmp_path):
    with pytest.raises(BenchmarkError, match=r"No such file or directory; name a \.jsonl file"):
        load_benchmark(str(tmp_path / "absent.jsonl"), form="verina")
    with pytest.raises(BenchmarkError, match=r"is a folder; name the \.jsonl file"):
        load_benchmark(str(tmp_path), form="verina")


def test_a_gzipped_file_reads_like_a_plain_one(tmp_path):
    plain = load_benchmark(write(tmp_path, OUTERLOOP), form="outerloop")
    packed = tmp_path / "rows.jsonl.gz"
    packed.write_bytes(gzip.compress(Path(plain.source).read_bytes()))
    assert load_benchmark(str(packed), form="outerloop").problems == plain.problems


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.sampled_from(sorted(BY_FORM)),
    st.data(),
)
def test_no_row_breaks_an_importer(form, data):
    sound = BY_FORM[form] if form != "verina" else data.draw(st.sampled_from([VERINA, VERINA_HUB]))
    field = data.draw(st.sampled_from(sorted(sound)))
    row = {**sound, field: data.draw(json_values)}
    first = {**sound, "id": "first", "name": "first", "problem_id": "first"}
    rows = Rows("here", "", "0" * 64, (Fields("line 1", first), Fields("line 2", row)))
    assert import_rows(rows, form=form).rows == 2


@pytest.mark.parametrize(
    ("form", "row"),
    [
        ("clever", {**CLEVER, "helper_definitions": [None]}),
        ("verina", {**VERINA_HUB, "tests": {"input": ["{}"], "expected": "abc"}}),
        ("verina", {**VERINA_HUB, "tests": {"input": ["{}"], "expected": []}}),
        ("verina", {**VERINA_HUB, "tests": [{"input": "{", "expected": []}]}),
        ("verina", {**VERINA_HUB, "signature": {"name": "again", "return_type": "String"}}),
    ],
)
def test_a_field_of_another_shape_is_named(form, row):
    rows = (Fields("line 1", BY_FORM[form]), Fields("line 2", row))
    found = import_rows(Rows("here", "", "0" * 64, rows), form=form)
    assert found.reasons.keys() <= {"wrong_type", "broken_json", "missing_field"}
    assert len(found.excluded) == 1
