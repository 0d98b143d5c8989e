"""What would stop every trial is found before the first token, by a dry run and by a search."""

from __future__ import annotations

import http.server
import json
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from engines.errors import ModelUnavailable
from engines.named_models import resolve
from engines.reach import require_reachable
from engines.settings import GeneratorSettings
from search.driver.dry_run import place_lines
from search.driver.plan import Search
from search.driver.search import run_search
from search.errors import KNOWN, StudyError
from search.settings.file import load_study
from search.settings.study import StudySettings
from search.trial.machines import real_parts
from search.trial.readiness import _checks, require_machines
from tests.search_tests.small_study import write_small_study
from trainers.errors import TrainingError
from trainers.model_check import require_loadable

MODELS = json.dumps({"object": "list", "data": [{"id": "org/mine"}, {"id": "other"}]})


@contextmanager
def server_of(status: int, text: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """An endpoint that answers every GET alike; its address, and what it was asked."""
    asked: list[tuple[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Authorization", "")))
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def generator(address: str | None, **fields: object) -> GeneratorSettings:
    return GeneratorSettings.model_validate(
        {"model": "hosted_vllm/org/mine", "api_base": address, **fields}
    )


def test_an_endpoint_is_asked_for_its_models_and_for_no_reply(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MY_KEY", "k3y")
    with server_of(200, MODELS) as (address, asked):
        line = require_reachable(
            generator(address + "/v1", api_key_env="MY_KEY"), setting="judge.lm"
        )
    assert asked == [("/v1/models", "Bearer k3y")]
    assert line.startswith("checked     judge.lm hosted_vllm/org/mine: served at")
    assert line.endswith("no reply was asked for")


@pytest.mark.parametrize(
    ("status", "text", "says"),
    [
        (
            200,
            json.dumps({"data": [{"id": "other"}]}),
            r"serves no `org/mine` \(it serves other\)",
        ),
        (401, "", r"refuses the key \(401\); put a valid one into .* generator\.api_key_env"),
        (403, "", r"refuses the key \(403\)"),
        (503, "", "says 503; wait until the model is served"),
    ],
)
def test_an_endpoint_that_could_not_write_is_refused(status: int, text: str, says: str) -> None:
    with server_of(status, text) as (address, _), pytest.raises(ModelUnavailable, match=says):
        require_reachable(generator(address), setting="generator")


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (404, ""),
        (200, "<html>"),
        (200, "[]"),
        (200, '{"data": [1]}'),
        (429, ""),
        (200, "[" * 9999),
    ],
)
def test_an_endpoint_without_a_list_is_not_tried_and_that_is_said(status: int, text: str) -> None:
    with server_of(status, text) as (address, _):
        assert require_reachable(generator(address), setting="generator").startswith("not tried ")
    assert require_reachable(generator(None), setting="generator").startswith("not tried ")


def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"


@pytest.mark.parametrize(
    "address", [pytest.param(closed_port(), id="closed"), "localhost:8000", "http://\x00"]
)
def test_an_address_where_nothing_answers_names_the_setting(address: str) -> None:
    with pytest.raises(ModelUnavailable, match=r"or correct generator\.api_base"):
        require_reachable(generator(address), setting="generator")


@pytest.mark.parametrize("key", ["", "line\nbreak", "schl\u00fcssel\udcff"])
def test_a_key_that_cannot_be_sent_is_one_line(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", key)
    with server_of(401, "") as (address, _), pytest.raises(KNOWN):
        require_reachable(generator(address, api_key_env="MY_KEY"), setting="generator")


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def cut(name: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])

    return spoil


def config(**values: object) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        file = folder / "config.json"
        known = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps(known | values), encoding="utf-8")

    return spoil


def without_end(folder: Path) -> None:
    without("tokenizer_config.json")(folder)
    config(eos_token_id=None)(folder)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (without("config.json"), "cannot be loaded"),
        (cut("config.json"), "cannot be loaded"),
        (without("tokenizer.json"), "cannot be loaded"),
        (cut("tokenizer.json"), "cannot be loaded"),
        (without_end, "no end token"),
        (without("model.safetensors"), "cannot be loaded"),
        (cut("model.safetensors"), "cannot be loaded"),
        (without("chat_template.jinja"), "no chat template"),
        (config(num_hidden_layers=5), r"lacks weights \(model\.layers\.4\..* and 6 more\)"),
        (config(hidden_size=288), "weights of another shape than config.json says"),
        (config(vocab_size=512), "weights of another shape|512 embeddings"),
        (config(model_type="vit"), "cannot be loaded"),
    ],
)
def test_a_model_that_cannot_be_loaded_is_known_without_its_weights(
    tmp_path: Path, spoil: Callable[[Path], None], says: str
) -> None:
    model = tmp_path / "model"
    shutil.copytree(resolve("embedded:student-a"), model)
    (model / "chat_template.jinja").write_text("{{ messages }}", encoding="utf-8")
    assert require_loadable(str(model), chats=True).parameters == 1_144_080
    spoil(model)
    with pytest.raises(TrainingError, match=says):
        require_loadable(str(model), chats=True)


def settings_of(folder: Path, **changed: str) -> StudySettings:
    study = write_small_study(folder)
    text = study.read_text(encoding="utf-8")
    text = text.replace(
        "{model: local/fake}", changed.get("generator", "{model: embedded:generator}")
    )
    text = text.replace("fake-student", changed.get("student", "embedded:student-a"))
    study.write_text(text, encoding="utf-8")
    return load_study(study)


@pytest.mark.lean
@pytest.mark.usefixtures("installed")
def test_a_study_that_can_start_says_what_was_checked(tmp_path: Path) -> None:
    lean, written, learnt = require_machines(settings_of(tmp_path))
    assert lean.startswith("checked     Lean: whole, in ")
    assert written.startswith("checked     generator embedded:generator: configuration, tokenizer")
    assert "student embedded:student-a: configuration, tokenizer and 1,144,080 weights" in learnt


@pytest.mark.lean
@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"student": "{folder}/student"}, "student .*student cannot be loaded"),
        ({"generator": "{{model: {folder}/student}}"}, "generator .*student cannot be loaded"),
        ({"generator": "{{model: embedded:gone}}"}, "generator.model: no `embedded:gone`"),
        (
            {"generator": "{{model: openai/x, api_base: 'http://127.0.0.1:9/v1'}}"},
            "nothing answers at http://127.0.0.1:9/v1",
        ),
        (
            {"generator": "{{model: openai/x, api_key_env: NOT_SET_ANYWHERE}}"},
            "generator.api_key_env names NOT_SET_ANYWHERE, which is not set",
        ),
    ],
)
def test_a_search_that_could_not_write_or_train_stops_before_anything_is_begun(
    tmp_path: Path, changed: dict[str, str], says: str
) -> None:
    shutil.copytree(resolve("embedded:student-a"), tmp_path / "student")
    cut("model.safetensors")(tmp_path / "student")
    settings = settings_of(
        tmp_path, **{name: text.format(folder=tmp_path) for name, text in changed.items()}
    )
    search = Search(settings, "", tmp_path / "run", parts=real_parts())
    with pytest.raises(KNOWN, match=says):
        run_search(search, console=Console(quiet=True))
    assert not (tmp_path / "run").exists()


def test_a_run_folder_that_cannot_be_made_is_found_by_a_dry_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert place_lines(tmp_path / "new" / "run")[0].startswith("checked     run folder")
    with pytest.raises(StudyError, match="file is a file"):
        place_lines(tmp_path / "file" / "run")


def test_an_mlflow_server_that_is_away_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", closed_port())
    assert "WARNING     MLflow" in place_lines(tmp_path)[1]
    with server_of(200, "OK") as (address, asked):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        assert place_lines(tmp_path)[1].endswith("answers")
    assert asked == [("/health", "")]


def test_a_study_about_another_task_needs_no_lean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise AssertionError("Lean was looked for")

    monkeypatch.setattr("lean_sandbox.toolchain.find", missing)
    settings = load_study(write_small_study(tmp_path))
    other = settings.model_copy(update={"task": "tests.contracts.shouting:SHOUTING"})

    assert next(_checks(other)).startswith("checked     task: shouting 1;")
