"""Filtering on a fake sandbox: what each verdict makes of a candidate."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from evaluators.eng2lean.contexts import Call, PythonContext
from evaluators.task import Candidate
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, TestOutcome, Verdict
from search.recipes.recipe import Recipe
from search.trial.rows import (
    check_candidates,
    examples_of,
    faithfulness,
    refusals,
    rows_under,
    validity,
)
from tests.search_tests.eng2lean import TASK

PASSED, FAILED, UNDECIDED = TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.UNDECIDED

CONTEXTS = (
    PythonContext.of("a", "double", "def double(x): return x + x", "Twice x.", (Call((3,), 6),)),
    PythonContext.of("b", "half", "def half(x): return x // 2", "Half of x."),
)
GOOD = "def double (x : Int) : Int :=\n  x + x"


def verdict(reason: str = "", tests: tuple[TestOutcome, ...] = ()) -> Verdict:
    outcomes = {"": Outcome.ACCEPTED, "test_undecided": Outcome.UNDECIDED}
    return Verdict(
        outcome=outcomes.get(reason, Outcome.REFUSED),
        reason=reason,
        detail="",
        tests=tests,
        lean_version="4.28.0-pre",
        gates=(),
        seconds=0.0,
    )


class FakeSandbox:
    """Answers from a list and remembers what it was asked."""

    def __init__(self, *verdicts: Verdict) -> None:
        self.verdicts = list(verdicts)
        self.asked: list[CheckRequest] = []

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        self.asked.extend(requests)
        return [self.verdicts.pop(0) for _ in requests]


def candidate(lean: str = GOOD, **fields: object) -> Candidate:
    outputs = (fields.pop("docstring", "Add x to itself."), lean)
    return Candidate(**{"context_id": "a", "attempt": 0, "outputs": outputs, **fields})


def judged(*pairs: tuple[Candidate, Verdict]):
    sandbox = FakeSandbox(*(said for _, said in pairs))
    return check_candidates([one for one, _ in pairs], CONTEXTS, TASK, sandbox)


def under(checked, recipe: Recipe):
    return rows_under(checked, recipe, CONTEXTS, TASK)


def test_lean_is_asked_for_the_signature_written_and_the_known_calls():
    sandbox = FakeSandbox(verdict(tests=(PASSED,)))
    (checked,) = check_candidates([candidate()], CONTEXTS, TASK, sandbox)
    (request,) = sandbox.asked
    assert request.program == GOOD
    assert request.target == "def double (x : Int) : Int"
    assert len(request.tests) == 1
    assert "double" in request.tests[0]
    assert checked.faithful is True


def test_an_answer_with_nothing_to_check_never_reaches_lean():
    sandbox = FakeSandbox(verdict())
    silent = candidate("", attempt=0, unreadable="empty")
    spoken = candidate(attempt=1)
    first, second = check_candidates([silent, spoken], CONTEXTS, TASK, sandbox)
    assert (first.candidate, first.finding, first.faithful) == (silent, None, None)
    assert second.finding is not None
    assert second.finding.outcome == "accepted"
    assert len(sandbox.asked) == 1


@pytest.mark.parametrize(
    ("said", "faithful"),
    [
        (verdict(tests=(PASSED, PASSED)), True),
        (verdict("test_failed", (PASSED, FAILED)), False),
        (verdict("test_failed", (UNDECIDED, FAILED)), False),
        (verdict("test_undecided", (PASSED, UNDECIDED)), None),
        (verdict(), None),
        (verdict("elaboration_error"), None),
    ],
)
def test_faithful_means_every_known_call_was_proved(said, faithful):
    (checked,) = judged((candidate(), said))
    assert checked.faithful is faithful


@pytest.mark.parametrize(
    ("lean", "said", "filter", "reason"),
    [
        (GOOD, verdict(tests=(PASSED,)), "faithful", ""),
        (GOOD, verdict("test_failed", (FAILED,)), "faithful", "unfaithful"),
        (GOOD, verdict("test_failed", (FAILED,)), "compiles", ""),
        (GOOD, verdict("test_undecided", (UNDECIDED,)), "faithful", "undecided"),
        (GOOD, verdict(), "faithful", "no_known_calls"),
        (GOOD, verdict("elaboration_error"), "compiles", "elaboration_error"),
        (GOOD, verdict("elaboration_error"), "none", ""),
        ("theorem t : 1 = 1 := rfl", verdict(), "compiles", "no_signature"),
        ("theorem t : 1 = 1 := rfl", verdict(), "none", "no_signature"),
    ],
)
def test_a_candidate_is_refused_for_the_first_reason_that_applies(lean, said, filter, reason):
    (checked,) = judged((candidate(lean), said))
    (row,) = under([checked], Recipe("Translate.", filter=filter))
    assert row.reason == reason


def test_the_first_candidate_that_passes_becomes_the_example_of_its_context():
    checked = judged(
        (candidate("def double (x : Int) : Int := y"), verdict("elaboration_error")),
        (candidate(attempt=1), verdict(tests=(PASSED,))),
        (candidate("def double (x : Int) : Int := 2 * x", attempt=2), verdict(tests=(PASSED,))),
        (candidate("def half (x : Int) : Int := z", context_id="b"), verdict("elaboration_error")),
    )
    (made,) = examples_of(under(checked, Recipe("Translate.")))
    assert made.context_id == "a"
    assert made.prompt == "/-- Add x to itself. -/\ndef double (x : Int) : Int :="
    assert made.completion == "\n  x + x"


def test_a_recipe_may_keep_the_docstring_of_the_context():
    checked = judged((candidate(docstring=""), verdict()))
    assert examples_of(under(checked, Recipe("Translate."))) == []
    (made,) = examples_of(under(checked, Recipe("Translate.", keep_docstring=True)))
    assert made.prompt.startswith("/-- Twice x. -/")


def test_refusals_are_counted_by_reason_and_the_proxies_say_their_n():
    checked = judged(
        (candidate(), verdict(tests=(PASSED,))),
        (candidate(), verdict("test_failed", (FAILED,))),
        (candidate(), verdict("elaboration_error")),
        (candidate(), verdict("elaboration_error")),
    )
    assert refusals(under(checked, Recipe("Translate.", filter="faithful"))) == {
        "elaboration_error": 2,
        "unfaithful": 1,
    }
    assert (validity(checked).value, validity(checked).n) == (0.5, 4)
    assert (faithfulness(checked).value, faithfulness(checked).n) == (0.5, 2)


def test_a_proxy_of_nothing_is_no_number():
    assert validity([]).value is None
    assert faithfulness([]).value is None
