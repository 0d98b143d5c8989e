"""A local generator of any architecture: where it ends, how it is padded, how long it may be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dspy.lm15 import Config, ContextLengthError, Message, Request

from engines.errors import ModelUnavailable
from engines.local_engine import LocalEngine
from engines.settings import GeneratorSettings
from search.generation.generator import make_generator
from tests.search_tests.eng2lean import TASK
from tests.trainers_tests.architectures import ARCHITECTURES, make_architecture
from tests.trainers_tests.tiny_student import make_student


def engine(folder: str) -> LocalEngine:
    return LocalEngine(folder, batch_size=4, max_new_tokens=20)


def ask(made: LocalEngine, text: str) -> tuple[str, int, str | None]:
    config = Config(max_tokens=20, temperature=0.0)
    answer = made.complete(
        Request(model=made.model_id, messages=(Message.user(text),), config=config)
    )
    return answer.message.text or "", answer.usage.output_tokens or 0, answer.finish_reason


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_model_without_template_or_padding_token_writes(tmp_path: Path, name: str) -> None:
    made = engine(make_architecture(tmp_path, name, pad=False))
    assert ask(made, "def f(x): return x")[0]
    assert made.context_length == ARCHITECTURES[name][1]
    if made.context_length is not None:
        with pytest.raises(ContextLengthError, match="exceed the context of 96 tokens"):
            ask(made, "x + " * 100)


def test_a_reply_ends_at_every_token_the_generation_config_lists(tmp_path: Path) -> None:
    folder = make_student(tmp_path, pad=False)
    text, written, _ = ask(engine(folder), "def")
    assert written > 3
    tokens = engine(folder)._tokenizer.encode(text, add_special_tokens=False)
    path = tmp_path / "generation_config.json"
    path.write_text(json.dumps({"eos_token_id": [300, tokens[2]]}), encoding="utf-8")
    _, fewer, why = ask(engine(folder), "def")
    assert fewer <= 2
    assert why == "stop"


def test_a_generator_whose_replies_cannot_end_is_refused_when_it_is_loaded(tmp_path: Path) -> None:
    folder = make_student(tmp_path)
    for name, field in (
        ("tokenizer_config.json", "eos_token"),
        ("config.json", "eos_token_id"),
        ("generation_config.json", "eos_token_id"),
    ):
        path = tmp_path / name
        path.write_text(json.dumps({**json.loads(path.read_text()), field: None}))
    with pytest.raises(ModelUnavailable, match="no end token"):
        make_generator(GeneratorSettings(model=folder), TASK)
