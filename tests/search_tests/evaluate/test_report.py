"""`outerloop report` on a folder that `outerloop evaluate` wrote."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from evaluators.eng2lean.evaluate import finding_of
from evaluators.evaluation import Attempt, Finding, ProblemRecord
from lean_sandbox.verdict import Outcome, Verdict
from search.errors import EvaluateError
from search.evaluate.page import evaluation_html, evaluation_text
from search.evaluate.view import Asked, AskedRecord, EvaluationView, is_evaluation, view_evaluation
from tests.search_tests.chromium import dom_of, needs_chromium

# the fixtures of a fake student and a fake Lean
from tests.search_tests.evaluate.test_evaluate_command import (  # noqa: F401
    ASK,
    machines,
    outerloop,
    row,
    write,
)
from tests.search_tests.small_run import HOSTILE


@pytest.fixture
def finished(outerloop) -> Path:  # noqa: F811
    """Six problems: two passed, one failed its test, one not decided, two do not parse."""
    hostile = row(1, docstring=f"Twice x. {HOSTILE}")
    write("rows.jsonl", row(0), hostile, *map(row, range(2, 6)))
    assert outerloop(ASK)[0] == 0
    return Path("runs/it")


def test_a_finished_evaluation_is_read_as_it_was_printed(finished, outerloop):  # noqa: F811
    _, evaluated, _ = outerloop(ASK)
    code, said, _ = outerloop(f"report {finished}")
    assert code == 0
    rates = [line for line in evaluated.splitlines() if "(n = " in line]
    assert rates
    assert [line for line in said.splitlines() if "(n = " in line] == rates
    assert "standing    Finished: 6 problems." in said
    assert said.splitlines()[-1] == "report      runs/it/report.html"
    assert outerloop(ASK)[0] == 0  # the page beside them spoils no manifest


def test_the_page_has_every_problem_with_answer_verdict_and_reason(finished):
    page = evaluation_html(view_evaluation(finished))
    articles = re.findall(r"<article .*?</article>", page, re.DOTALL)
    assert [re.findall(r"<code>(p\d)</code>", one)[0] for one in articles] == [
        f"p{number}" for number in range(6)
    ]
    assert "Twice x, in the words of person 0." in articles[0]
    assert '<pre dir="ltr"> x + x</pre>' in articles[0]
    outcomes = re.findall(r'<article class="row" data-outcome="([^"]+)"', page)
    assert sorted(outcomes) == [
        "failed", "failed", "failed", "not decided", "passed", "passed",
    ]  # fmt: skip
    assert "test_failed" in articles[1]
    assert "The kernel proved a test false." in articles[1]
    assert "33.3 % [9.7, 70.0] (n = 6)" in page


def test_the_page_needs_no_network_and_rows_run_nothing(finished):
    page = evaluation_html(view_evaluation(finished))
    assert not re.findall(r"https?://", page)
    assert page.count("<script") == 1
    assert "&lt;script&gt;" in page
    assert "<img" not in page
    assert "‹U+202E›" in page


@needs_chromium
def test_a_browser_shows_all_problems_and_narrows_them(finished, tmp_path):
    page = evaluation_html(view_evaluation(finished))
    whole, narrowed = tmp_path / "whole.html", tmp_path / "narrowed.html"
    whole.write_text(page, encoding="utf-8")
    narrowed.write_text(
        page.replace("<option>passed<", "<option selected>passed<"), encoding="utf-8"
    )

    dom = dom_of(whole)
    assert "<title>embedded:student-a: evaluation</title>" in dom
    assert re.search(r'id="shown"[^>]*>6 of 6 problems<', dom)
    dom = dom_of(narrowed)
    assert re.search(r'id="shown"[^>]*>2 of 6 problems<', dom)
    assert len(re.findall(r"<article [^>]*hidden", dom)) == 4


def test_an_unfinished_evaluation_says_how_far_it_is(finished, outerloop):  # noqa: F811
    (finished / "manifest.json").unlink()
    lines = (finished / "records.jsonl").read_bytes().splitlines(keepends=True)
    (finished / "records.jsonl").write_bytes(b"".join(lines[:3]) + lines[3][:40])
    _, said, _ = outerloop(f"report {finished}")
    assert "standing    Not finished: 3 of 6 problems; go on with --resume." in said
    assert "score       33.3 %" in said


def test_one_that_has_only_begun_has_a_page_and_no_rate(finished, outerloop):  # noqa: F811
    (finished / "manifest.json").unlink()
    (finished / "records.jsonl").write_bytes(b"")
    code, said, _ = outerloop(f"report {finished} --html page.html")
    assert code == 0
    assert "Not finished: 0 of 6 problems" in said
    assert "score" not in said
    assert "No problem has been answered yet" in Path("page.html").read_text(encoding="utf-8")


def test_damage_is_named_and_counts_nowhere(finished):
    path = finished / "records.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = '{"asked": {}}'
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    view = view_evaluation(finished)
    assert len(view.records) == 5
    assert view.notices[0].startswith("records.jsonl is not what the manifest says")
    assert view.notices[1].startswith("records.jsonl, line 2: cannot be read (")
    text = "\n".join(str(part) for part in evaluation_text(view))
    assert "not shown   records.jsonl, line 2" in text
    assert "records.jsonl, line 2" in evaluation_html(view)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"notes": 3}'])
def test_a_folder_whose_job_cannot_be_read_is_one_line(tmp_path, text):
    (tmp_path / "job.json").write_text(text, encoding="utf-8")
    assert is_evaluation(tmp_path)
    with pytest.raises(EvaluateError, match=r"job\.json cannot be read.*--run-dir") as caught:
        view_evaluation(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_folder_of_neither_kind_is_one_line(outerloop, tmp_path):  # noqa: F811
    code, _, err = outerloop(f"report {tmp_path}")
    assert code == 1
    assert err.count("\n") == 1


def verdict(reason: str) -> Finding:
    outcome = Outcome.REFUSED if reason else Outcome.ACCEPTED
    return finding_of(Verdict(outcome, reason, "line 1: no", (), "4.0.0-fake", (), 0.1))


def test_statements_and_several_attempts_say_what_became_of_each(tmp_path):
    unknown = Attempt(" : True", verdict(""), False, compared="unknown", detail="nothing found")
    proven = Attempt(" : 1 = 1", verdict(""), True, compared="proven")
    record = ProblemRecord.of("s", [unknown, proven], kind="statement")
    half = AskedRecord(Asked("Half a character: \ud83d", "theorem t"), record)
    folder = tmp_path / "it"
    folder.mkdir()
    job = {"notes": {"student": "s"}, "problems": "hash", "seed": 0, "evaluation": {}, "asked": 1}
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    from search.evaluate.view import _RECORD

    line = json.dumps(
        {
            "asked": {"docstring": half.asked.docstring, "signature": "theorem t"},
            "record": _RECORD.dump_python(half, mode="json", warnings=False)["record"],
        }
    )
    (folder / "records.jsonl").write_text(line + "\n", encoding="utf-8")
    view = view_evaluation(folder)
    assert isinstance(view, EvaluationView)
    page = evaluation_html(view)
    page.encode("utf-8")  # half characters are gone
    assert "Neither a derivation nor a counterexample was found." in page
    assert "1 of 2 attempts passed" in page
    assert 'data-outcome="not decided" data-stage="equivalent"' in page
    assert "pass@2" in page


def test_many_problems_show_those_that_were_not_passed_first():
    records = tuple(
        AskedRecord(
            Asked("d", "def f : Nat"),
            ProblemRecord(
                f"p{place}", "x", verdict("" if place < 2_500 else "sorry"), place < 2500
            ),
        )
        for place in range(2_501)
    )
    view = EvaluationView(Path("it"), {}, {}, 0, 2_501, True, 1, records, ())
    page = evaluation_html(view)
    assert page.count("<article") == 2_000
    assert page.index("<code>p2500</code>") < page.index("<code>p0</code>")
    assert "501 passed or later problems more stand in records.jsonl." in page
