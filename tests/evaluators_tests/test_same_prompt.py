"""The commonest silent bug in fine-tuning: the student is asked in other tokens than it learnt."""

from __future__ import annotations

import pytest

import engines.sampling
from engines.named_models import resolve
from evaluators.eng2lean.evaluate import evaluate
from evaluators.problem import Problem
from evaluators.settings import EvaluationSettings
from evaluators.student.model import StudentModel
from evaluators.task import Candidate
from evaluators.tasks import DEFAULT, task_named
from tests.evaluators_tests.fakes import RuleSandbox
from tests.trainers_tests.tiny_student import make_student
from trainers.encoding import IGNORED, encode_examples
from trainers.student import load_student

DEFINITION = "def twice (xs : List Int)  (n : Nat) :\n  Int :=\n  xs.sum + n"
DOCSTRING = "Return the sum of `xs` – plus n.\nNothing else."
SECRET = "hidden_reference_of_the_problem"


def asked_tokens(student: str, problem: Problem, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The tokens that a whole evaluation gives to the model."""
    seen = []
    real = engines.sampling.continue_prompts

    def listening(model, prompts, **options):
        seen.extend(prompts)
        return real(model, prompts, **options)

    monkeypatch.setattr(engines.sampling, "continue_prompts", listening)
    settings = EvaluationSettings(max_new_tokens=1)
    evaluate(
        StudentModel.load(student=student), [problem], RuleSandbox(), settings=settings, seed=0
    )
    return list(seen[0].ids)


@pytest.fixture(scope="module", params=["embedded", "plain", "begin", "no padding"])
def any_student(request, tmp_path_factory):
    if request.param == "embedded":
        return str(resolve("embedded:student-a"))
    folder = tmp_path_factory.mktemp("student")
    bos, pad = request.param == "begin", request.param != "no padding"
    return make_student(folder, context=256, bos=bos, pad=pad)


def candidate(docstring: str) -> Candidate:
    return Candidate(
        context_id="c",
        attempt=0,
        outputs=(docstring, DEFINITION),
    )


def test_a_student_is_asked_in_the_tokens_it_was_trained_on(any_student, monkeypatch):
    tokenizer = load_student(any_student).tokenizer
    pair = task_named(DEFAULT).example(candidate(DOCSTRING), DOCSTRING)
    row = encode_examples(tokenizer, [pair], end=tokenizer.eos_token_id, max_length=9999)[0]
    read = [
        token
        for token, label in zip(row["input_ids"], row["labels"], strict=True)
        if label == IGNORED
    ]
    signature = "def twice (xs : List Int) (n : Nat) : Int"
    problem = Problem("p", DOCSTRING, signature, ("twice [1] 2 = 3",), DEFINITION)
    assert asked_tokens(any_student, problem, monkeypatch) == read


def test_nothing_of_the_reference_or_the_tests_reaches_the_student(any_student, monkeypatch):
    problem = Problem(
        "p",
        DOCSTRING,
        "def f (x : Int) : Int",
        (f"f 1 = {SECRET}",),
        f"def f (x : Int) : Int := {SECRET}",
        must_fail=(f"f 2 = {SECRET}",),
        source=SECRET,
        licence=SECRET,
        imports=(SECRET,),
    )
    tokenizer = load_student(any_student).tokenizer
    text = tokenizer.decode(asked_tokens(any_student, problem, monkeypatch))
    assert "Return the sum" in text
    assert SECRET not in text
    assert "f 1 =" not in text
