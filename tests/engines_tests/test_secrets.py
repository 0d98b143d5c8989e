from __future__ import annotations

import json
import os
import traceback
from pathlib import Path

import pytest

from engines import environment
from engines.errors import EnvironmentWrong
from engines.reach import require_reachable
from engines.settings import GeneratorSettings
from evaluators.eng2lean.contexts import PythonContext
from search.errors import KNOWN, SettingsError
from search.generation.generator import make_generator
from search.generation.instruction_writing import Brief, make_writers
from search.generation.judge_model import DspyJudge
from search.recipes.recipe import Recipe
from search.settings.file import load_study
from search.settings.judge import JudgeModelSettings, JudgeSettings
from search.settings.study import flat_settings
from tests.search_tests import leaky_server as leaky_server_module
from tests.search_tests.chat_server import Served, reply_to
from tests.search_tests.eng2lean import TASK
from tests.search_tests.leaky_server import (
    KEY,
    LEAKS,
    MODELS,
    Leak,
    good_reply,
    is_in,
    leaky_server,
)
from tests.search_tests.small_study import write_small_study


@pytest.mark.parametrize(
    "address",
    ["http://ada:hunter2@host/v1", "http://ada@host/v1", "http://host/v1?api_key=hunter2"],
)
def test_an_endpoints_address_with_a_secret_in_it_is_refused_without_repeating_it(
    tmp_path: Path, address: str
) -> None:
    study = write_small_study(tmp_path)
    text = study.read_text(encoding="utf-8").replace(
        "{model: local/fake}", f"{{model: hosted_vllm/m, api_base: '{address}'}}"
    )
    study.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="api_base: holds a name, a password or a query") as no:
        load_study(study)
    assert "hunter2" not in str(no.value)
    assert "generator.api_key_env" in str(no.value)


def test_a_bare_address_is_taken(tmp_path: Path) -> None:
    study = write_small_study(tmp_path)
    text = study.read_text(encoding="utf-8").replace(
        "{model: local/fake}", "{model: hosted_vllm/m, api_base: 'http://127.0.0.1:8000/v1'}"
    )
    study.write_text(text, encoding="utf-8")
    assert load_study(study).generator.api_base == "http://127.0.0.1:8000/v1"


@pytest.fixture
def no_secrets(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without secrets, and a process that has read no key."""
    for name in (*environment._SECRET, *environment._ADDRESSES):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(environment, "_KEYS", set())
    return monkeypatch


def test_what_is_struck_are_keys_that_were_read_and_passwords_libraries_read(
    no_secrets: pytest.MonkeyPatch,
) -> None:
    text = "key-of-mine, two words, three%21, three!, four4"
    assert environment.struck(text) == text
    no_secrets.setenv("MY_KEY", "key-of-mine")
    assert environment.struck(text) == text
    assert environment.key("MY_KEY") == "key-of-mine"
    no_secrets.setenv("PGPASSWORD", "two")
    no_secrets.setenv("MLFLOW_TRACKING_URI", "http://ada:three%21@host:5000")
    no_secrets.setenv("AWS_SECRET_ACCESS_KEY", "four4\n")
    secret = "‹secret›"
    assert environment.struck(text) == f"{secret}, {secret} words, {secret}, {secret}, {secret}"
    no_secrets.setenv("MLFLOW_TRACKING_URI", "http://[broken")
    assert environment.struck("three!") == "three!"


@pytest.mark.parametrize(
    "around", ["{}\n", "{}\r\n", " {}\t", "\ufeff{}", "{}\u200b", "\u00a0{} ", "\r{}\r"]
)
def test_what_stands_around_a_key_is_no_part_of_it(
    no_secrets: pytest.MonkeyPatch, around: str
) -> None:
    no_secrets.setenv("MY_KEY", around.format("sk-mine"))
    assert environment.key("MY_KEY") == "sk-mine"


@pytest.mark.parametrize("value", ["", " ", "\r\n", "\ufeff", None])
def test_a_blank_key_is_none(no_secrets: pytest.MonkeyPatch, value: str | None) -> None:
    no_secrets.setenv("MY_KEY", value) if value else no_secrets.delenv("MY_KEY", raising=False)
    assert environment.key("MY_KEY") is None


@pytest.mark.parametrize("value", ["sk-a\nsk-b", "sk-a sk-b", "schlüssel", "sk\x07a", "a\u200bb"])
def test_what_no_header_could_carry_is_refused_without_repeating_it(
    no_secrets: pytest.MonkeyPatch, value: str
) -> None:
    no_secrets.setenv("MY_KEY", value)
    with pytest.raises(
        EnvironmentWrong, match=r"MY_KEY holds a space, .*; export the key alone"
    ) as no:
        environment.key("MY_KEY")
    assert value not in str(no.value)


def test_libraries_read_their_secrets_without_what_stands_around_them(
    no_secrets: pytest.MonkeyPatch,
) -> None:
    no_secrets.setenv("MLFLOW_TRACKING_PASSWORD", "hunter2\r\n")
    environment.prepare()
    assert os.environ["MLFLOW_TRACKING_PASSWORD"] == "hunter2"


def test_a_reply_keeps_a_word_that_is_somebodys_short_key(no_secrets: pytest.MonkeyPatch) -> None:
    no_secrets.setenv("MY_KEY", "x")
    environment.key("MY_KEY")
    assert environment.struck_reply("def f (x : Int) := x") == "def f (x : Int) := x"
    no_secrets.setenv("MY_KEY", KEY)
    environment.key("MY_KEY")
    assert environment.struck_reply(f"-- {KEY}") == "-- ‹secret›"


GOOD = Leak(200, lambda key: json.dumps(reply_to(Served(good_reply("double", key)))))


@pytest.mark.parametrize("leak", [*LEAKS, "good"])
@pytest.mark.parametrize("who", ["generator", "judge", "grounded", "reflected"])
def test_no_answer_of_an_endpoint_gets_its_key_out_of_a_call(
    no_secrets: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, who: str, leak: str
) -> None:
    no_secrets.setenv("MY_KEY", KEY + "\r\n")
    answer = {**LEAKS, "good": GOOD}[leak]
    with leaky_server(lambda request, number: answer) as address:
        model = {"model": "hosted_vllm/m", "api_base": address, "api_key_env": "MY_KEY"}
        try:
            said = _asked(who, {**model, "retries": 0})
        except KNOWN as error:
            said = "".join(traceback.format_exception(error))
    assert not is_in(repr(said).encode(), KEY)
    assert not is_in(str(said).encode(), KEY)
    assert not is_in(caplog.text.encode(), KEY)


@pytest.mark.parametrize("leak", [*LEAKS, "models"])
def test_no_look_at_an_endpoint_gets_its_key_out_either(
    no_secrets: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch, leak: str
) -> None:
    no_secrets.setenv("MY_KEY", KEY)
    monkeypatch.setattr(leaky_server_module, "MODELS", {**LEAKS, "models": MODELS}[leak])
    with leaky_server(lambda request, number: GOOD) as address:
        model = GeneratorSettings(model="hosted_vllm/m", api_base=address, api_key_env="MY_KEY")
        try:
            said = require_reachable(model, setting="generator")
        except KNOWN as error:
            said = "".join(traceback.format_exception(error))
    assert not is_in(said.encode(), KEY)


def _asked(who: str, settings: dict[str, object]) -> object:
    model = GeneratorSettings.model_validate(settings)
    if who == "generator":
        context = PythonContext.of("a", "double", "def double(x):\n    return x + x", "Twice x.")
        return make_generator(model, TASK).write(Recipe("Translate."), [context], seed=0)
    if who == "judge":
        lm = JudgeModelSettings.model_validate(settings)
        return DspyJudge(JudgeSettings(lm=lm)).answer(["Is this right?"])
    brief = Brief("Translate.", 500, (("def f(x): return x", "Same."),), (), (), ())
    return make_writers(model, TASK)[who].write(brief, seed=0)


def test_what_is_tracked_changes_no_study_that_never_said_so(tmp_path: Path) -> None:
    study = write_small_study(tmp_path)
    assert not [name for name in flat_settings(load_study(study)) if name.startswith("tracking")]
    with study.open("a", encoding="utf-8") as file:
        file.write("tracking: {adapters: all}\n")
    assert flat_settings(load_study(study))["tracking.adapters"] == "all"
