from __future__ import annotations

import pytest

from evaluators.evaluation import Finding
from evaluators.problem import Problem
from evaluators.task import Candidate, Checked, Demo
from search.report.best_and_baseline import contest, knob_pairs, prompt_diff
from search.report.rows import sample_rows
from search.study.records import State, TrialRecord
from search.study.trial_stages import Prompt
from search.untrusted_text import fit
from tests.search_tests.eng2lean import TASK
from tests.search_tests.evaluations import evaluation_of

DEMO, OTHER = (Demo((f"def {name}(): ...", ""), (name, f"def {name} := 0")) for name in "ab")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\n\tlines", "two\n\tlines"),
        ("λ x ↦ x", "λ x ↦ x"),
        ("a\u202eb\x00c\ud800", "a‹U+202E›b‹U+0000›c‹U+D800›"),
        ("x" * 12, "xxxxxxxxxx\n… 2 more characters"),
    ],
)
def test_what_nobody_could_see_is_named_and_what_is_too_long_is_cut(text: str, shown: str) -> None:
    assert fit(text, longest=10) == shown


def test_a_prompt_is_told_apart_sentence_by_sentence() -> None:
    diff = prompt_diff(
        Prompt("Translate. Use Int. Be brief.", (DEMO,)),
        Prompt("Translate. Use Nat. Be brief. Vary.", (OTHER,)),
    )

    assert [(one.kind, one.text) for one in diff.instruction] == [
        ("same", "Translate."),
        ("dropped", "Use Int."),
        ("added", "Use Nat."),
        ("same", "Be brief."),
        ("added", "Vary."),
    ]
    assert [(one.kind, one.demo) for one in diff.demos] == [("dropped", DEMO), ("added", OTHER)]


def test_knobs_stand_side_by_side_and_say_which_changed() -> None:
    pairs = knob_pairs({"clause.a": "", "heat": 0.0, "own": True}, {"clause.a": "x", "heat": 0.0})

    assert [(one.name, one.baseline, one.best, one.changed) for one in pairs] == [
        ("clause.a", "(says nothing)", "x", True),
        ("heat", "0", "0", False),
        ("own", "yes", "–", True),
    ]


def test_problems_are_sorted_by_who_passed_them() -> None:
    problems = [Problem(f"p{n}", f"What {n}?", "def f : Int", ("f = 1",), "") for n in range(4)]
    best = evaluation_of(problems, [True, True, False, False])
    baseline = evaluation_of(problems, [True, False, True, False])

    found = contest(best, baseline, {one.id: one for one in problems[:2]})

    assert [one.id for one in found.won] == ["p1"]
    assert [one.id for one in found.lost] == ["p2"]
    assert (found.both, found.neither) == (1, 1)
    assert found.won[0].docstring == "What 1?"
    assert (found.won[0].best.outcome, found.won[0].baseline.reason) == ("passed", "test_failed")
    assert found.lost[0].docstring == ""  # its problem cannot be read, its answers can


def test_a_rare_reason_is_seen_among_many_common_ones() -> None:
    checked = [_checked(n, "" if n != 7 else "parse_error") for n in range(50)]
    record = TrialRecord(3, State.COMPLETE, {"filter": "compiles"}, None, "", ())

    sample = sample_rows(record, checked, {}, TASK, most=4)

    assert dict(sample.counts) == {"kept": 49, "parse_error": 1}
    assert [row.reason for row in sample.rows] == ["", "parse_error", "", ""]
    assert [row.candidate.context_id for row in sample.rows] == ["c0", "c7", "c1", "c2"]


def _checked(number: int, reason: str) -> Checked:
    finding = Finding("refused" if reason else "accepted", reason, "", not reason, "4.0.0-fake")
    lean = "def f (x : Int) : Int := x"
    return Checked(Candidate(f"c{number}", 0, ("Docs.", lean)), finding, None)
