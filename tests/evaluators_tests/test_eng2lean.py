from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from evaluators.eng2lean.evaluate import (
    MAX_ANSWER_CHARACTERS,
    attempt_seed,
    evaluate,
    extract_body,
    extract_statement,
    hidden_propositions,
)
from evaluators.errors import EvaluationError, StatisticsError
from evaluators.evaluation import Evaluation
from evaluators.problem import Problem, student_prompt
from evaluators.settings import EvaluationSettings
from tests.evaluators_tests.fakes import RuleSandbox, WrittenAnswers


def problems(n):
    return [
        Problem(
            id=f"p{i}",
            docstring="Twice x.",
            signature="def f (x : Int) : Int",
            tests=("f 3 = 6", "f 0 = 0"),
            reference="def f (x : Int) : Int := x + x",
        )
        for i in range(n)
    ]


def judge(answers, *, sandbox=None):
    return evaluate(
        WrittenAnswers(answers),
        problems(len(answers)),
        sandbox or RuleSandbox(),
        settings=EvaluationSettings(),
        seed=0,
    )


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (" x + x", " x + x"),
        ("\n  x + x\n", "\n  x + x"),
        (" x + x\n\ntheorem t : True := trivial", " x + x"),
        (" x + x\ndef g := 3", " x + x"),
        ("\n  let y := x\n  y + y\n#eval 1", "\n  let y := x\n  y + y"),
        ("\n  x + x\n   \n  more", "\n  x + x"),
        ("\r\n  x + x\r\n\r\nprose", "\n  x + x"),
        ("\n  match x with\n| 0 => 1\n| _ => 2\n\nend", "\n  match x with\n| 0 => 1\n| _ => 2"),
        (
            "\n  if x = 0 then 1\nelse 2\ntermination_by x\nexample := 1",
            "\n  if x = 0 then 1\nelse 2\ntermination_by x",
        ),
        ("", ""),
        (" \n \n ", ""),
        ("Sure! Here is", "Sure! Here is"),
        (" x + x\n  def g := 3", " x + x"),
        (" x + x def g := 3", " x + x"),
        (" x + x #eval 1", " x + x"),
        (" x + x\n  @[simp] theorem t : True := trivial", " x + x"),
        (' x + x\n  local infixl:50 " = " => Eq', " x + x"),
        ("def f (x : Int) : Int := x", ""),
        (' "def"\ndef', ' "def"'),
        (" x -- then def\n  end", " x -- then def"),
        (" x /- a\n\ndef -/ + x\n\ndef", " x /- a\n\ndef -/ + x"),
        (" c == '\"'\n\nHe said \"no", " c == '\"'"),
        (" x' + y'\n\nz", " x' + y'"),
        (" xs.end + #[1].size + default", " xs.end + #[1].size + default"),
    ],
)
def test_the_body_ends_where_the_definition_ends(answer, body):
    assert extract_body(answer) == body


@given(st.text())
def test_no_answer_breaks_the_reading_and_a_body_holds_no_second_paragraph(answer):
    body = extract_body(answer)
    assert answer.replace("\r\n", "\n").startswith(body)
    assert "\n\n" not in body.lstrip() or "/-" in body or '"' in body or "'" in body
    assert extract_body(body) == body


def test_an_enormous_answer_is_cut():
    assert len(extract_body(" x" * MAX_ANSWER_CHARACTERS)) == MAX_ANSWER_CHARACTERS


def test_lean_is_asked_for_the_signature_with_the_students_body_and_the_hidden_tests():
    sandbox = RuleSandbox()
    judge(["\n  x + x\n\ndef g := 1"], sandbox=sandbox)
    (request,) = sandbox.requests
    assert request.program == "def f (x : Int) : Int :=\n  x + x"
    assert request.target == "def f (x : Int) : Int"
    assert request.tests == ("f 3 = 6", "f 0 = 0")


def test_the_student_reads_the_docstring_and_signature_and_nothing_else():
    student = WrittenAnswers([" x + x"])
    problem = problems(1)[0]
    evaluate(student, [problem], RuleSandbox(), settings=EvaluationSettings(), seed=0)
    assert student.prompts == [student_prompt(problem.docstring, problem.signature)]
    assert problem.tests[0] not in student.prompts[0]


def test_stages_are_counted_apart():
    found = judge([" x + x", " x * x", " x ?", "", " x + x", "Sorry, ich weiß es nicht."])
    assert [record.passed for record in found.records] == [True, False, False, False, True, False]
    assert found.compiled == pytest.approx(4 / 6)
    assert found.behaviour == pytest.approx(2 / 6)
    assert found.undecided == pytest.approx(1 / 6)
    assert found.score.value == pytest.approx(2 / 6)
    assert found.score.n == 6
    assert found.reasons == {"parse_error": 2, "test_failed": 1, "test_undecided": 1}


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "   ",
        "I would be happy to help!",
        " 定義",
        "\x00",
        " x" * 100_000,
        "\n" * 5000,
        "🙂" * 10,
    ],
)
def test_a_useless_answer_is_a_refused_problem_never_a_crash(answer):
    found = judge([answer])
    assert not found.records[0].passed
    assert found.score.value == 0


def test_a_problem_without_tests_is_an_error_since_anything_would_pass_it():
    untested = dataclasses.replace(problems(1)[0], tests=())
    with pytest.raises(EvaluationError, match=r"p0 has no hidden tests.*add `tests`"):
        evaluate(
            WrittenAnswers([" x"]),
            [untested],
            RuleSandbox(),
            settings=EvaluationSettings(),
            seed=0,
        )


def test_an_evaluation_is_stored_as_json_and_read_back():
    found = judge([" x + x", " x ?", ""])
    adapter = TypeAdapter(Evaluation)
    assert adapter.validate_json(adapter.dump_json(found)) == found


def test_an_evaluation_of_no_problems_has_no_score():
    found = judge([])
    assert found.records == ()
    with pytest.raises(StatisticsError, match="n is 0"):
        _ = found.score


@pytest.mark.parametrize(
    ("answer", "statement"),
    [
        (" (x : Int) : x = x", " (x : Int) : x = x"),
        (" (x : Int) : x = x := by simp", " (x : Int) : x = x"),
        (" (x : Int := 3) : x = x := rfl", " (x : Int := 3) : x = x"),
        (" : let y := 3; y = y := rfl", " : let y := 3; y = y"),
        (" : a = ':' ∧ \":=\" = s := rfl", " : a = ':' ∧ \":=\" = s"),
        (" : p\n\nprose", " : p"),
        ("", ""),
    ],
)
def test_a_statement_ends_where_its_proof_begins(answer, statement):
    assert extract_statement(answer) == statement


@dataclasses.dataclass
class Seeds:
    """Answers `x + x` for the seeds it is told are lucky."""

    lucky: set[int]
    seen: list[int] = dataclasses.field(default_factory=list)

    def complete(self, prompts, *, max_new_tokens, temperature=0.0, seed=0, **_):
        self.seen.append(seed)
        return [" x + x" if seed in self.lucky else " x"] * len(prompts)


def test_every_attempt_has_a_seed_of_its_own_and_the_first_is_the_evaluations():
    student = Seeds(lucky={7})
    found = evaluate(
        student,
        problems(2),
        RuleSandbox(),
        settings=EvaluationSettings(attempts=3, temperature=0.8),
        seed=7,
    )
    assert student.seen == [7, attempt_seed(7, 1), attempt_seed(7, 2)]
    assert len(set(student.seen)) == 3
    assert [record.passes for record in found.records] == [1, 1]
    assert [record.passed for record in found.records] == [True, True]
    assert found.score.value == pytest.approx(1 / 3)


def test_what_was_answered_twice_is_asked_once():
    sandbox = RuleSandbox()
    found = judge([" x + x", " x", " x + x"], sandbox=sandbox)
    assert len(sandbox.requests) == 2
    assert [record.passed for record in found.records] == [True, False, True]


def test_what_must_fail_is_refuted_unless_a_test_says_it_already():
    problem = dataclasses.replace(problems(1)[0], must_fail=("f 3 = 7", "f 9 = 9"))
    assert hidden_propositions(problem) == ("f 3 = 6", "f 0 = 0", "¬ (f 9 = 9)")


def test_the_preamble_is_given_to_the_student_and_stands_before_answer_and_target():
    problem = dataclasses.replace(problems(1)[0], preamble="open Nat")
    sandbox = RuleSandbox()
    evaluate(WrittenAnswers([" x + x"]), [problem], sandbox, settings=EvaluationSettings(), seed=0)
    (request,) = sandbox.requests
    assert request.program == "open Nat\n\ndef f (x : Int) : Int := x + x"
    assert request.target == "open Nat\n\ndef f (x : Int) : Int"
    assert problem.prompt.startswith("open Nat\n\n/-- Twice x. -/\n")


STATEMENT = Problem(
    id="s",
    docstring="A number is itself.",
    signature="theorem t",
    tests=(),
    reference="theorem t (x : Int) : x = x",
    kind="statement",
)


@dataclasses.dataclass
class Found:
    outcome: str
    detail: str = "by rfl"


class SorrySandbox(RuleSandbox):
    """Every program with `sorry` stands but for its proof."""

    def _verdict(self, request):
        return dataclasses.replace(super()._verdict(request), reason="sorry")


@dataclasses.dataclass
class WrittenComparison:
    outcome: str
    pairs: list = dataclasses.field(default_factory=list)

    def compare_many(self, pairs, *, definitions=()):
        self.pairs += [(given, *pair) for given, pair in zip(definitions, pairs, strict=True)]
        return [Found(self.outcome) for _ in pairs]


def judge_statement(answer, comparison, sandbox=None):
    return evaluate(
        WrittenAnswers([answer]),
        [STATEMENT],
        sandbox or SorrySandbox(),
        settings=EvaluationSettings(),
        seed=0,
        comparison=comparison,
    )


def test_a_statement_is_compared_with_its_reference_and_passes_only_when_proven():
    comparison = WrittenComparison("proven")
    found = judge_statement(" (y : Int) : y = y := rfl", comparison)
    assert comparison.pairs == [("", "theorem t (x : Int) : x = x", "theorem t (y : Int) : y = y")]
    assert found.score.value == 1
    assert found.records[0].detail == "by rfl"
    for other in ("refuted", "unknown", "trivial"):
        assert judge_statement(" : True", WrittenComparison(other)).score.value == 0


def test_a_statement_nobody_could_compare_is_undecided_not_wrong():
    rate = judge_statement(" : True", None).stages[-1]
    assert (rate.stage, rate.passed, rate.failed, rate.undecided) == ("equivalent", 0, 0, 1)


@pytest.mark.parametrize("answer", ["", "  ", " := sorry"])
def test_an_answer_without_a_statement_is_not_compared(answer):
    comparison = WrittenComparison("proven")
    assert judge_statement(answer, comparison).score.value == 0
    assert comparison.pairs == []


def test_a_statement_that_does_not_elaborate_is_not_compared():
    comparison = WrittenComparison("proven")
    assert judge_statement(" : True", comparison, RuleSandbox()).score.value == 0
    assert comparison.pairs == []


def test_the_student_reads_of_a_statement_the_text_it_has_to_go_on_with():
    assert STATEMENT.prompt == "/-- A number is itself. -/\ntheorem t"
