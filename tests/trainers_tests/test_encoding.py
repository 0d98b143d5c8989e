from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.problem import student_prompt
from tests.trainers_tests.tiny_student import SIGNATURE, make_student
from trainers.dataset import Example
from trainers.encoding import IGNORED, collate, encode_examples, prompt_ids
from trainers.student import load_student

COMPLETIONS = [" x + x", "\n  x + x", "x", "=> x", "\n  let y := x\n  y"]


@pytest.fixture(scope="module")
def tokenizer(student):
    return load_student(student).tokenizer


def test_a_prompt_is_the_docstring_as_a_comment_then_the_signature():
    assert student_prompt("Twice x.", SIGNATURE) == f"/-- Twice x. -/\n{SIGNATURE} :="


@pytest.mark.parametrize("completion", COMPLETIONS)
def test_the_prompt_has_the_same_tokens_in_training_as_in_evaluation(tokenizer, completion):
    prompt = student_prompt("Twice x.", SIGNATURE)
    row = encode_examples(
        tokenizer, [Example(prompt, completion, "c")], end=tokenizer.eos_token_id, max_length=999
    )[0]
    asked = prompt_ids(tokenizer, prompt)
    assert row["input_ids"][: len(asked)] == asked
    assert row["labels"][: len(asked)] == [IGNORED] * len(asked)
    assert row["labels"][len(asked) :] == row["input_ids"][len(asked) :]


@pytest.mark.parametrize("completion", COMPLETIONS)
def test_what_is_learnt_is_the_completion_and_the_end_token(tokenizer, completion):
    prompt = student_prompt("Twice x.", SIGNATURE)
    row = encode_examples(
        tokenizer, [Example(prompt, completion, "c")], end=tokenizer.eos_token_id, max_length=999
    )[0]
    learnt = [label for label in row["labels"] if label != IGNORED]
    assert learnt[-1] == tokenizer.eos_token_id
    assert tokenizer.decode(learnt[:-1], clean_up_tokenization_spaces=False) == completion


def test_no_token_spans_prompt_and_completion_even_where_the_tokenizer_would_merge(tokenizer):
    # " :=" followed by " x" is written in the corpus, so `:=` alone must stay what it was
    joined = tokenizer.encode(":= x", add_special_tokens=False)
    row = encode_examples(
        tokenizer, [Example(":= ", "x", "c")], end=tokenizer.eos_token_id, max_length=999
    )[0]
    assert row["input_ids"][:-1] != joined  # the space and the x are one token when joined
    asked = prompt_ids(tokenizer, ":= ")
    assert row["input_ids"][: len(asked)] == asked


def test_a_tokenizer_with_a_begin_token_starts_every_prompt_with_it(tmp_path):
    tokenizer = load_student(make_student(tmp_path / "student", bos=True)).tokenizer
    row = encode_examples(
        tokenizer, [Example("a", "b", "c")], end=tokenizer.eos_token_id, max_length=99
    )[0]
    assert row["input_ids"][0] == tokenizer.bos_token_id
    assert row["input_ids"].count(tokenizer.bos_token_id) == 1


def test_pairs_longer_than_the_limit_are_left_out(tokenizer):
    pair = Example("a", "b", "c")  # two tokens and the end token
    assert len(encode_examples(tokenizer, [pair], end=tokenizer.eos_token_id, max_length=3)) == 1
    assert encode_examples(tokenizer, [pair], end=tokenizer.eos_token_id, max_length=2) == []


rows_of_ids = st.lists(
    st.lists(st.integers(1, 99), min_size=1, max_size=9), min_size=1, max_size=5
)


@given(rows_of_ids)
def test_a_batch_is_padded_on_the_right_with_nothing_to_learn_there(rows):
    batch = collate([{"input_ids": ids, "labels": ids} for ids in rows], pad=0)
    width = max(map(len, rows))
    for ids, mask, labels, row in zip(
        batch["input_ids"].tolist(),
        batch["attention_mask"].tolist(),
        batch["labels"].tolist(),
        rows,
        strict=True,
    ):
        gap = width - len(row)
        assert ids == row + [0] * gap
        assert mask == [1] * len(row) + [0] * gap
        assert labels == row + [IGNORED] * gap
