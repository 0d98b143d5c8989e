from __future__ import annotations

import pytest
from pydantic import ValidationError

from evaluators.eng2lean.evaluate import finding_of
from evaluators.errors import StatisticsError
from evaluators.evaluation import (
    FAILED_AT,
    STAGES,
    UNDECIDED_FROM,
    Attempt,
    Evaluation,
    Finding,
    ProblemRecord,
    StageResult,
)
from evaluators.settings import EvaluationSettings
from lean_sandbox.policy import REASONS
from lean_sandbox.verdict import Outcome, Verdict

OUTCOMES = {"": Outcome.ACCEPTED, "test_undecided": Outcome.UNDECIDED, "deadline": Outcome.TIMEOUT}


def verdict(reason: str) -> Finding:
    outcome = OUTCOMES.get(reason, Outcome.REFUSED)
    return finding_of(Verdict(outcome, reason, "", (), "4.0.0-fake", ("kernel",), 0.0))


def attempt(reason: str, compared: str = "") -> Attempt:
    passed = compared == "proven" if compared else not reason
    return Attempt("x", verdict(reason), passed, compared)


def evaluation(*problems: list[Attempt], kind: str = "definition") -> Evaluation:
    return Evaluation(
        tuple(
            ProblemRecord.of(f"p{place}", attempts, kind=kind)
            for place, attempts in enumerate(problems)
        )
    )


def results(one: Attempt, kind: str = "definition") -> str:
    """One letter a stage: passed, failed, undecided."""
    return "".join(one.at(stage)[0] for stage in STAGES[kind])


@pytest.mark.parametrize(
    ("reason", "stages"),
    [
        ("", "pppp"),
        ("parse_error", "ffff"),
        ("command_not_allowed", "ffff"),
        ("elaboration_error", "pfff"),
        ("sorry", "pfff"),
        ("target_type", "ppff"),
        ("test_failed", "pppf"),
        ("test_undecided", "pppu"),
        ("test_deadline", "pppu"),
        ("deadline", "uuuu"),
        ("worker_died", "uuuu"),
    ],
)
def test_a_reason_says_which_stages_an_attempt_passed(reason, stages):
    assert results(attempt(reason)) == stages


@pytest.mark.parametrize(
    ("compared", "stages"),
    [
        ("proven", "pppp"),
        ("refuted", "pppf"),
        ("invalid", "pppf"),
        ("trivial", "pppu"),
        ("vacuous", "pppu"),
        ("unknown", "pppu"),
    ],
)
def test_a_statement_that_stands_is_judged_by_what_was_found_about_it(compared, stages):
    assert results(attempt("sorry", compared), "statement") == stages


def test_every_reason_lean_may_give_has_a_stage():
    assert set(FAILED_AT) | set(UNDECIDED_FROM) == set(REASONS)


def test_a_reason_of_a_later_version_fails_the_first_stage_instead_of_crashing():
    assert results(attempt("unheard_of")) == "ffff"


def test_stages_are_rates_of_their_own_and_undecided_is_counted_apart():
    found = evaluation(*[[attempt(one)] for one in ("", "parse_error", "test_failed", "deadline")])
    rates = {rate.stage: rate for rate in found.stages}
    assert list(rates) == ["parsed", "elaborated", "signature", "behaviour"]
    parsed, behaviour = rates["parsed"], rates["behaviour"]
    assert (parsed.passed, parsed.failed, parsed.undecided, parsed.reached) == (2, 1, 1, 4)
    assert (behaviour.passed, behaviour.failed, behaviour.undecided) == (1, 2, 1)
    assert behaviour.reached == 2
    assert behaviour.score.value == 1 / 4
    assert behaviour.score.n == 4
    assert behaviour.decided.value == pytest.approx(1 / 3)
    assert behaviour.decided.n == 3
    assert found.score == behaviour.score


def test_where_nothing_was_decided_there_is_no_rate_of_the_decided():
    behaviour = evaluation([attempt("test_undecided")]).stages[3]
    assert behaviour.decided is None
    assert behaviour.score.value == 0


def test_definitions_and_statements_have_stages_of_their_own_n():
    definitions = evaluation([attempt("")], [attempt("test_failed")]).records
    statements = evaluation([attempt("sorry", "proven")], kind="statement").records
    rates = {one.stage: one.score.n for one in Evaluation(definitions + statements).stages}
    assert rates == {
        "parsed": 3,
        "elaborated": 3,
        "signature": 3,
        "behaviour": 2,
        "equivalent": 1,
    }


def test_attempts_are_averaged_by_problem_and_the_first_is_the_pair_for_paired_tests():
    right, wrong = attempt(""), attempt("test_failed")
    found = evaluation([wrong, right], [wrong, wrong], [right, right], [right, wrong])
    assert [record.passed for record in found.records] == [False, False, True, True]
    assert [record.passes for record in found.records] == [1, 0, 2, 1]
    assert found.attempts == 2
    assert found.score.value == pytest.approx(0.5)
    assert found.score.n == 4
    assert found.pass_at(1).value == pytest.approx(0.5)
    assert found.pass_at(2).value == pytest.approx(3 / 4)


def test_more_attempts_than_were_drawn_cannot_be_asked_for():
    with pytest.raises(StatisticsError, match="pass@2"):
        evaluation([attempt("")]).pass_at(2)


@pytest.mark.parametrize("reason", ["", "test_failed"])
def test_all_or_no_passes_leave_an_interval_of_some_width(reason):
    score = evaluation(*[[attempt(reason)]] * 5).score
    assert score.value == (not reason)
    assert score.high - score.low > 0.3
    assert score.standard_error > 0


def test_no_problems_have_no_score_and_no_stages():
    nothing = Evaluation(())
    assert nothing.stages == ()
    assert nothing.attempts == 0
    with pytest.raises(StatisticsError, match="n is 0"):
        _ = nothing.score


def test_one_attempt_is_not_written_down_so_that_earlier_studies_go_on():
    assert set(EvaluationSettings().model_dump()) == {
        "max_new_tokens",
        "temperature",
        "batch_size",
    }
    several = EvaluationSettings(attempts=4, temperature=0.8)
    assert several.model_dump()["attempts"] == 4


def test_several_greedy_attempts_are_refused_since_they_are_the_same():
    with pytest.raises(ValidationError, match="set `temperature` above 0"):
        EvaluationSettings(attempts=2)


def test_an_undecided_attempt_is_not_a_failed_one():
    assert attempt("test_undecided").at("behaviour") is StageResult.UNDECIDED
