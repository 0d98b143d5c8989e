"""What an endpoint does to a stage: a prompt's trouble is a row's, and nothing is paid twice."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engines import notices
from engines.budget import Purse, carried
from engines.caps import Caps
from engines.errors import EndpointExhausted, ModelUnavailable
from engines.ledger import Ledger
from engines.settings import GeneratorSettings, PriceSettings
from evaluators.eng2lean.contexts import PythonContext
from evaluators.task import Candidate
from search.errors import KNOWN, GenerateError, TrialError
from search.generation.generator import DSPyGenerator, make_generator
from search.offline.dataset import Counts
from search.offline.generate import generate_dataset
from search.recipes.recipe import Recipe
from search.trial.rows import REFUSALS
from search.trial.stages import generate
from search.trial.workshop import Workshop
from stores.stages import Stage, StageStore
from tests.search_tests import generation_fakes
from tests.search_tests.chat_server import USAGE, ChatServer, Served, chat_server
from tests.search_tests.eng2lean import TASK
from tests.search_tests.fakes import FakeLearner, FakeSandbox
from tests.search_tests.server_words import AWAY, GOOD, PARAMETERS, REFUSED, error
from tests.search_tests.trial.test_trial import PLAN

RECIPE = Recipe("Do it.")
CONTEXTS = [
    PythonContext.of(f"c{number}", f"f{number}", f"def f{number}(x): return x + x", "Twice x.")
    for number in range(10)
]


def right(_: str) -> str:
    return GOOD


def unless(name: str, answer: str | Served | None) -> Callable[[str], str | Served | None]:
    """Right answers, but another one where a function of that name is asked about."""
    return lambda prompt: answer if f"def {name}(" in prompt else GOOD


def settings(address: str, **fields: object) -> GeneratorSettings:
    given = {"retries": 0, "concurrent_calls": 1, "max_new_tokens": 50, **fields}
    return GeneratorSettings.model_validate(
        {"model": "hosted_vllm/m", "api_base": address, **given}
    )


def writer(server: ChatServer, **fields: object) -> DSPyGenerator:
    return make_generator(settings(server.address, **fields), TASK)


def problems(written: list[Candidate]) -> list[str]:
    return [candidate.unreadable for candidate in written]


@pytest.mark.parametrize(("answer", "code"), REFUSED.values(), ids=list(REFUSED))
def test_a_prompt_without_an_answer_is_one_refused_row(answer: Served, code: str) -> None:
    with chat_server(unless("f3", answer)) as server:
        written = writer(server).write(RECIPE, CONTEXTS, seed=1)
    assert problems(written) == ["", "", "", code, "", "", "", "", "", ""]
    assert REFUSALS[code]
    assert written[3].outputs == ("", "")


def test_a_refused_row_names_the_setting_that_mends_it() -> None:
    assert "generator.max_new_tokens" in REFUSALS["cut_off"]
    told: list[str] = []
    cut = Served(GOOD, finish="length")
    with chat_server(unless("f3", cut)) as server, notices.heard_by(told.append):
        writer(server).write(RECIPE, CONTEXTS, seed=1)
    assert told == ["1 of 10 replies were cut off at generator.max_new_tokens = 50; raise it"]


@pytest.mark.parametrize("answer", AWAY.values(), ids=list(AWAY))
def test_an_endpoint_that_answers_nobody_ends_the_stage_in_one_line(
    answer: Served | None, tmp_path: Path
) -> None:
    with (
        chat_server(lambda _: answer) as server,
        pytest.raises(TrialError, match=r"^generate: .*generator\.api_base.*--resume") as told,
    ):
        staged(server, tmp_path)
    assert "\n" not in str(told.value)
    assert len(server.requests) <= 2  # the first prompt, and whether it answers anything


@pytest.mark.parametrize(("refused", "score"), [(1, True), (2, True), (3, False), (10, False)])
def test_more_refusals_than_stated_fail_the_trial_and_what_was_paid_is_kept(
    refused: int, score: bool, tmp_path: Path
) -> None:
    """2 of 10 prompts are the 20 % that may be refused."""

    def picky(prompt: str) -> str | Served:
        number = int(re.findall(r"def f(\d)\(", prompt)[-1])
        return GOOD if number >= refused else error(400, message="bad role")

    with chat_server(picky) as server:
        if score:
            stage, _ = staged(server, tmp_path)
            assert problems(stage.value) == ["rejected"] * refused + [""] * (10 - refused)
            return
        with pytest.raises(
            TrialError,
            match=rf"{refused} of 10 prompts.*refused_share = 0\.2 .*bad role.*are kept",
        ):
            staged(server, tmp_path)
        server.rule, server.requests[:] = right, []
        stage, _ = staged(server, tmp_path)
    assert len(server.requests) == refused
    assert problems(stage.value) == [""] * 10


def test_one_prompt_never_fails_a_trial_however_few_there_are(tmp_path: Path) -> None:
    with chat_server(unless("f1", error(400, message="bad role"))) as server:
        stage, _ = staged(server, tmp_path, of=2)
    assert problems(stage.value) == ["", "rejected"]


def staged(
    server: ChatServer, folder: Path, *, of: int = 10, **fields: object
) -> tuple[Stage, Ledger]:
    ledger = Ledger()
    price = PriceSettings(input_per_million=1.0, output_per_million=2.0)
    made = settings(server.address, price=price, **fields)
    stage = generate(
        RECIPE,
        dataclasses.replace(PLAN, contexts=tuple(CONTEXTS[:of]), contexts_sha256=f"{of}"),
        Workshop(make_generator(made, TASK), FakeSandbox(), FakeLearner()),
        StageStore(folder / "stages", ledger=ledger),
    )
    return stage, ledger


CALL = 1000 * USAGE["prompt_tokens"] + 2000 * USAGE["completion_tokens"]
"""Nanodollars."""


def test_answers_outlive_the_failure_of_their_stage_and_are_counted_once(tmp_path: Path) -> None:
    purse = Purse(tmp_path / "budget.db", Caps(nanodollars=10**9))
    with chat_server(lambda prompt: GOOD if len(server.requests) <= 6 else None) as server:
        with carried(purse), pytest.raises(TrialError, match="out of order"):
            staged(server, tmp_path)
        assert purse.spent().nanodollars == 6 * CALL
        server.rule, server.requests[:] = right, []
        with carried(purse):
            stage, ledger = staged(server, tmp_path)
        assert len(server.requests) == 4  # 10 prompts, 6 of them answered before
        assert purse.spent().nanodollars == 10 * CALL
        (line,) = ledger.lines
        assert line.cost.nanodollars == 10 * CALL
        assert (line.cost.input_tokens, line.cost.output_tokens) == (1000, 200)
        assert problems(stage.value) == [""] * 10
    assert not list((tmp_path / "stages" / "generate").glob(".*.answers.jsonl"))


STAGE = """
import sys
from pathlib import Path
from engines import environment
environment.prepare()
from tests.engines_tests.test_endpoint import right, staged
from tests.search_tests.chat_server import ChatServer
staged(ChatServer(right, sys.argv[1]), Path(sys.argv[2]), concurrent_calls=4)
"""


def test_a_killed_process_has_paid_for_no_answer_twice(tmp_path: Path) -> None:
    with chat_server(right) as server:
        held = []

        def slow(prompt: str) -> str:
            held.append(prompt)
            if len(held) > 6:  # the rest is never answered
                server.stop.wait(600)
            return GOOD

        server.rule = slow
        process = subprocess.Popen(
            [sys.executable, "-c", STAGE, server.address, str(tmp_path)], cwd=Path.cwd()
        )
        kept = tmp_path / "stages" / "generate"
        try:
            while answers_in(kept) < 6:
                assert process.poll() is None, "it ended before it could be killed"
                time.sleep(0.05)
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            server.stop.set()
        server.rule, server.requests[:] = right, []
        stage, ledger = staged(server, tmp_path)
    assert len(server.requests) == 4
    assert ledger.lines[0].cost.nanodollars == 10 * CALL
    assert problems(stage.value) == [""] * 10


def answers_in(folder: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in folder.glob(".*.answers.jsonl"))


@pytest.mark.parametrize("length", range(0, 200, 13))
def test_a_torn_answer_is_asked_for_again(length: int, tmp_path: Path) -> None:
    with chat_server(lambda _: GOOD if len(server.requests) <= 3 else None) as server:
        with pytest.raises(TrialError):
            staged(server, tmp_path)
        (kept,) = (tmp_path / "stages" / "generate").glob(".*.answers.jsonl")
        whole = kept.read_bytes()
        end = whole.rindex(b"\n", 0, -1) + 1
        kept.write_bytes(whole[: min(end + length, len(whole) - 1)])
        server.rule, server.requests[:] = right, []
        stage, _ = staged(server, tmp_path)
    assert len(server.requests) == 8
    assert problems(stage.value) == [""] * 10


def test_a_data_set_goes_on_with_the_answers_of_the_batch_it_was_stopped_in(
    tmp_path: Path,
) -> None:
    with chat_server(lambda _: GOOD if len(server.requests) <= 13 else None) as server:
        written = writer(server, concurrent_calls=4)
        plain = generation_fakes.job(tmp_path / "data")
        frozen = {
            "generator": settings(server.address, concurrent_calls=4),
            "generator_fingerprint": written.fingerprint,
        }
        made = dataclasses.replace(plain, pipeline=plain.pipeline.model_copy(update=frozen))

        def run() -> Counts:
            sandbox = generation_fakes.FakeSandbox()
            return generate_dataset(
                made, generator=written, checker=sandbox, progress=lambda done: None
            )

        with pytest.raises(ModelUnavailable):
            run()
        server.rule, server.requests[:] = right, []
        counts = run()
    assert len(server.requests) == 20 - 13  # 10 contexts, two attempts each
    assert counts.accepted == 10
    assert not (tmp_path / "data" / "answers.jsonl").exists()


def test_a_data_set_whose_first_prompts_are_all_refused_is_not_begun(tmp_path: Path) -> None:
    with chat_server(lambda _: error(400, message="bad role")) as server:
        written = writer(server)
        plain = generation_fakes.job(tmp_path)
        frozen = {"generator_fingerprint": written.fingerprint}
        made = dataclasses.replace(plain, pipeline=plain.pipeline.model_copy(update=frozen))
        with pytest.raises(GenerateError, match=r"refused all of the first .*bad role.*--resume"):
            generate_dataset(
                made,
                generator=written,
                checker=generation_fakes.FakeSandbox(),
                progress=lambda done: None,
            )


@pytest.mark.parametrize(("name", "answer"), PARAMETERS.values(), ids=list(PARAMETERS))
def test_a_parameter_that_an_endpoint_does_not_take_is_left_out_once_and_for_all(
    name: str, answer: Served, tmp_path: Path
) -> None:
    told: list[str] = []
    with (
        chat_server(lambda _: answer if name in server.requests[-1] else GOOD) as server,
        notices.heard_by(told.append),
    ):
        stage, _ = staged(server, tmp_path)
    assert problems(stage.value) == [""] * 10
    assert len(server.requests) == 11  # refused once, and then never sent again
    assert [name in request for request in server.requests] == [True] + [False] * 10
    (said,) = told
    assert said.startswith(f"generator: the endpoint takes no {name}; ")
    manifest = json.loads((stage.folder / "manifest.json").read_text(encoding="utf-8"))
    assert [note for note in manifest["notes"] if name in note]
    if name == "max_tokens":
        assert server.requests[-1]["max_completion_tokens"] == 50


def test_what_an_error_advises_is_not_left_out_too() -> None:
    _, answer = PARAMETERS["OpenAI, max_tokens"]  # "use 'max_completion_tokens' instead"
    with chat_server(unless("f3", answer)) as server:
        written = writer(server).write(RECIPE, CONTEXTS, seed=1)
    assert problems(written)[3] == "rejected"
    assert server.requests[-1]["max_completion_tokens"] == 50


def test_an_endpoint_without_any_of_them_answers_too(tmp_path: Path) -> None:
    def plain(_: str) -> str | Served:
        extra = set(server.requests[-1]) - {"model", "messages"}
        return error(400, message=f"Unknown field: {min(extra)}") if extra else GOOD

    with chat_server(plain) as server:
        assert problems(writer(server).write(RECIPE, CONTEXTS[:2], seed=1)) == ["", ""]


def busy(seconds: str) -> Served:
    body = {"error": {"message": "slow down"}}
    return Served(status=429, body=body, headers={"Retry-After": seconds})


def test_a_pause_that_an_endpoint_asks_for_is_waited_for_and_said(tmp_path: Path) -> None:
    told: list[str] = []
    with (
        chat_server(lambda _: busy("1") if len(server.requests) == 1 else GOOD) as server,
        notices.heard_by(told.append),
    ):
        written = writer(server, retries=1).write(RECIPE, CONTEXTS[:2], seed=1)
    assert problems(written) == ["", ""]
    (said,) = told
    assert "asks for a pause of 1 s (slow down); it is waited for" in said


def test_a_pause_of_an_hour_stops_the_trial_and_keeps_its_answers(tmp_path: Path) -> None:
    with chat_server(lambda _: busy("3600") if len(server.requests) > 4 else GOOD) as server:
        with pytest.raises(
            EndpointExhausted, match=r"pause of 3600 s .*longest_pause_seconds = 300.*--resume"
        ):
            staged(server, tmp_path, retries=4)
        server.rule, server.requests[:] = right, []
        staged(server, tmp_path, retries=4)
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    "answer",
    [
        error(429, message="You exceeded your current quota", code="insufficient_quota"),
        error(402, message="Insufficient credits"),
        error(429, message="slow down"),
    ],
    ids=["no quota", "no credits", "a lasting limit"],
)
def test_an_account_that_is_used_up_stops_the_trial_and_does_not_fail_it(
    answer: Served, tmp_path: Path
) -> None:
    with (
        chat_server(lambda _: answer) as server,
        pytest.raises(EndpointExhausted, match=r"--resume"),
    ):
        staged(server, tmp_path)


def test_half_a_character_in_a_reply_is_no_crash(tmp_path: Path) -> None:
    broken = '{"error": {"message": "bad \\ud83d thing"}}'
    with chat_server(unless("f2", GOOD.replace("Twice", "Tw\ud83dice"))) as server:
        stage, _ = staged(server, tmp_path / "reply")
        assert stage.value[2].outputs[0] == "Tw\ufffdice x."
        server.rule = lambda _: Served(status=400, body=broken)
        with pytest.raises(TrialError, match="bad \ufffd thing"):
            staged(server, tmp_path / "error")


def test_half_a_character_in_a_context_is_no_crash() -> None:
    odd = PythonContext.of("odd", "f", "def f(x): return '\ud83d'", "Twice \ud83d x.")
    with chat_server(right) as server:
        assert problems(writer(server).write(RECIPE, [odd], seed=1)) == [""]


def test_no_error_and_no_reply_repeats_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", "sk-very-secret")
    fields, said = {"api_key_env": "SOME_KEY"}, "Incorrect API key provided: sk-very-secret"
    with chat_server(lambda _: error(401, message=said)) as server:
        with pytest.raises(KNOWN) as told:
            writer(server, **fields).write(RECIPE, CONTEXTS, seed=1)
        assert "sk-very-secret" not in str(told.value)
        server.rule = lambda _: GOOD.replace("Twice x", "Twice sk-very-secret")
        staged(server, tmp_path, **fields)
    kept = [path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    assert not [text for text in kept if "sk-very-secret" in text]


def test_an_endpoints_reply_may_be_long_and_an_embedded_models_is_short() -> None:
    assert GeneratorSettings(model="openai/m").max_new_tokens == 2048
    assert GeneratorSettings(model="embedded:generator").max_new_tokens == 160
    assert GeneratorSettings(model="openai/m", max_new_tokens=160).max_new_tokens == 160
