from __future__ import annotations

import dataclasses
import math

import pytest

from evaluators.problem import Problem
from evaluators.student.model import StudentModel
from tests.trainers_tests.tiny_student import BODIES, SIGNATURE, examples
from trainers.config import TrainingConfig
from trainers.fine_tuning import fine_tune
from trainers.request import FineTune

PROBLEMS = [
    Problem(docstring, docstring, SIGNATURE, ("f 1 = 1",), f"{SIGNATURE} :={body}")
    for docstring, body in BODIES.items()
]


@pytest.fixture(scope="module")
def untuned(student):
    return StudentModel.load(student=student)


@pytest.fixture(scope="module")
def tuned(student, tmp_path_factory):
    config = TrainingConfig(method="full", max_steps=300, batch_size=6, learning_rate=0.01)
    folder = tmp_path_factory.mktemp("learnt")
    adapter = fine_tune(FineTune(tuple(examples()), student, config, 0, folder / "a"))
    return StudentModel.load(student=student, adapter=adapter)


def test_what_was_learnt_by_heart_is_predicted_and_what_was_not_is_not(untuned, tuned):
    before, after = untuned.fit(PROBLEMS), tuned.fit(PROBLEMS)
    assert after.accuracy == 1.0
    assert after.cross_entropy < 0.2
    assert before.accuracy < 0.5
    assert before.cross_entropy > math.log(50)
    assert (after.problems, after.left_out) == (3, 0)
    assert after.seconds > 0


def test_every_token_counts_once_however_problems_are_batched(untuned):
    whole = untuned.fit(PROBLEMS)
    parts = [untuned.fit([problem]) for problem in PROBLEMS]
    assert whole.tokens == sum(part.tokens for part in parts)
    by_hand = sum(part.cross_entropy * part.tokens for part in parts) / whole.tokens
    assert whole.cross_entropy == pytest.approx(by_hand, abs=1e-5)


def test_a_reference_that_does_not_fit_is_left_out_and_counted(untuned):
    long = dataclasses.replace(PROBLEMS[0], docstring="Twice " * 500)
    helper = dataclasses.replace(PROBLEMS[0], reference=f"def g := 1\n{PROBLEMS[0].reference}")
    fit = untuned.fit([*PROBLEMS, long, helper])
    assert (fit.problems, fit.left_out) == (3, 2)


def test_without_a_reference_there_is_no_fit(untuned):
    assert untuned.fit([]) is None
    assert untuned.fit([dataclasses.replace(PROBLEMS[0], reference="")]) is None
