from __future__ import annotations

import pickle

import pytest

from evaluators.errors import EvaluationError
from evaluators.problem import student_prompt
from evaluators.student.model import StudentModel
from tests.trainers_tests.tiny_student import BODIES, SIGNATURE, examples, make_student
from trainers.config import TrainingConfig
from trainers.fine_tuning import fine_tune
from trainers.request import FineTune

PROMPTS = [student_prompt(docstring, SIGNATURE) for docstring in BODIES]
MIXED = [*PROMPTS, "x", student_prompt("Twice " * 9, SIGNATURE)]


def trained(student, folder, method, steps, learning_rate):
    config = TrainingConfig(
        method=method, max_steps=steps, batch_size=6, learning_rate=learning_rate, lora_rank=32
    )
    return fine_tune(FineTune(tuple(examples()), student, config, 0, folder))


@pytest.fixture(scope="module")
def adapter(student, tmp_path_factory):
    folder = tmp_path_factory.mktemp("adapters") / "full"
    return trained(student, folder, "full", 300, 0.01)


@pytest.fixture(scope="module")
def tuned(student, adapter):
    return StudentModel.load(student=student, adapter=adapter)


def test_a_student_that_learnt_its_examples_by_heart_writes_them_and_stops(tuned):
    assert tuned.complete(PROMPTS, max_new_tokens=24) == list(BODIES.values())


def test_a_lora_adapter_changes_what_the_student_answers(student, tmp_path):
    adapter = trained(student, tmp_path / "lora", "lora", 30, 0.02)
    before = StudentModel.load(student=student).complete(PROMPTS, max_new_tokens=8)
    after = StudentModel.load(student=student, adapter=adapter).complete(PROMPTS, max_new_tokens=8)
    assert before != after


def test_an_adapter_that_was_moved_is_loaded_from_where_it_is_now(student, adapter, tmp_path):
    import dataclasses
    import shutil

    moved = dataclasses.replace(adapter, path=tmp_path / "moved")
    shutil.copytree(adapter.path, moved.path)
    model = StudentModel.load(student=student, adapter=moved)
    assert model.complete(PROMPTS, max_new_tokens=24) == list(BODIES.values())


def test_an_answer_does_not_depend_on_the_other_prompts(tuned):
    together = tuned.complete(MIXED, max_new_tokens=16)
    alone = [tuned.complete([prompt], max_new_tokens=16)[0] for prompt in MIXED]
    in_pairs = tuned.complete(MIXED, max_new_tokens=16, batch_size=2)
    assert together == alone == in_pairs


def test_a_seed_draws_the_same_answers_again_and_another_seed_others(student):
    model = StudentModel.load(student=student)

    def draw(seed, batch_size=64):
        return model.complete(
            MIXED, max_new_tokens=12, temperature=1.0, seed=seed, batch_size=batch_size
        )

    assert draw(0) == draw(0) == draw(0, batch_size=2)
    assert draw(0) != draw(1)
    assert draw(2**70) == draw(2**70)  # seeds have no upper end


def test_a_part_of_the_prompts_is_answered_as_it_is_among_all(student):
    model = StudentModel.load(student=student)
    draw = {"max_new_tokens": 12, "temperature": 1.0, "seed": 3}
    whole = model.complete(MIXED, **draw)
    parts = [
        *model.complete(MIXED[:2], **draw),
        *model.complete(MIXED[2:], first_row=2, **draw),
    ]
    assert parts == whole


def test_a_student_stops_when_the_rule_says_so_and_not_before(student):
    plain = StudentModel.load(student=student)
    long = plain.complete(MIXED, max_new_tokens=40, temperature=1.0, seed=5)
    stopping = StudentModel.load(student=student, stop=lambda text: len(text) > 10)
    short = stopping.complete(MIXED, max_new_tokens=40, temperature=1.0, seed=5)
    alone = [
        stopping.complete([prompt], max_new_tokens=40, temperature=1.0, seed=5, first_row=row)[0]
        for row, prompt in enumerate(MIXED)
    ]
    assert short == alone
    for begun, whole in zip(short, long, strict=True):
        assert whole.startswith(begun)
        assert len(begun) > 10 or begun == whole
    assert sum(map(len, short)) < sum(map(len, long))


def test_the_same_prompt_asked_twice_is_drawn_twice(student):
    model = StudentModel.load(student=student)
    first, second = model.complete([PROMPTS[0]] * 2, max_new_tokens=12, temperature=1.0)
    assert first != second


def test_no_prompts_give_no_answers(tuned):
    assert tuned.complete([], max_new_tokens=8) == []


def test_a_prompt_longer_than_the_context_is_answered_with_nothing(tuned):
    endless = student_prompt("Twice x. " * 200, SIGNATURE)
    assert tuned.complete([endless, PROMPTS[0]], max_new_tokens=24) == ["", BODIES["Twice x."]]


def test_little_room_in_the_context_gives_a_shorter_answer_not_none(tuned):
    asked = tuned.context_length * 3
    assert tuned.complete(PROMPTS, max_new_tokens=asked) == list(BODIES.values())


def test_a_student_with_no_room_for_any_answer_is_an_error_not_a_score_of_zero(tmp_path):
    model = StudentModel.load(student=make_student(tmp_path / "student", context=8))
    with pytest.raises(EvaluationError, match=r"none of 3 prompts leaves room.* 8 tokens"):
        model.complete(PROMPTS, max_new_tokens=8)


def test_an_empty_prompt_is_continued_where_the_tokenizer_has_a_begin_token(tmp_path):
    model = StudentModel.load(student=make_student(tmp_path / "student", bos=True))
    assert len(model.complete([""], max_new_tokens=4)) == 1


def test_a_student_without_a_padding_token_answers(tmp_path):
    model = StudentModel.load(student=make_student(tmp_path / "student", pad=False))
    assert len(model.complete(MIXED, max_new_tokens=4)) == len(MIXED)


def test_a_student_that_cannot_be_loaded_is_named_in_one_line(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(EvaluationError, match="cannot be loaded") as raised:
        StudentModel.load(student="no/such-student")
    assert "\n" not in str(raised.value)
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_an_adapter_of_another_student_is_named_in_one_line(student, tmp_path):
    import dataclasses

    adapter = trained(student, tmp_path / "lora", "lora", 1, 0.01)
    (adapter.path / "adapter_model.safetensors").unlink()
    with pytest.raises(EvaluationError, match=r"does not fit student.*train it again") as raised:
        StudentModel.load(student=student, adapter=adapter)
    assert "\n" not in str(raised.value)
    gone = dataclasses.replace(adapter, path=tmp_path / "gone", kind="full")
    with pytest.raises(EvaluationError, match="cannot be loaded"):
        StudentModel.load(student=student, adapter=gone)
