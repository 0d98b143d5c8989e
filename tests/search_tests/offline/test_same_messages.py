"""The search, `outerloop generate` and the card's snippet in plain DSPy send the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from engines.paid_lm import PaidLM
from engines.settings import GeneratorSettings
from evaluators.eng2lean.contexts import PythonContext
from evaluators.eng2lean.reply import read_reply
from search import cli
from search.errors import GenerateError, PipelineError
from search.generation.generator import DSPyGenerator, make_generator
from search.generation.prompting import Prompting, adapter_for
from search.offline.export import export_pipeline
from search.offline.generate import DatasetJob
from search.offline.pipeline import Pipeline
from search.recipes.recipe import Recipe
from tests.search_tests.chat_server import ChatServer, chat_server, in_every_field
from tests.search_tests.eng2lean import TASK
from tests.search_tests.generation_fakes import FakeSandbox
from tests.search_tests.offline.test_export import DEMO, pipeline

KEY = "sk-one-of-mine"
RECIPE = Recipe('Say "it"\n  in Lean — twice {x}.', (DEMO, DEMO), 0.3, 1)
CONTEXT = PythonContext.of(
    "a", "f", "def f(x):\n    s = 'é \\\\n'\n    return x", "Return `x` {as it is}."
)
CONFIGURED = {
    "nothing": "",
    "json": "import dspy\ndspy.configure(adapter=dspy.JSONAdapter())\n",
    "xml": "import dspy\ndspy.configure(adapter=dspy.XMLAdapter())\n",
}


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with chat_server(in_every_field("def f (x : Int) : Int := x + x")) as served:
        yield served


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)


def endpoint(address: str) -> GeneratorSettings:
    return GeneratorSettings(
        model="hosted_vllm/m", api_base=address, api_key_env="MY_KEY", max_new_tokens=99
    )


def frozen(address: str) -> Pipeline:
    settings = endpoint(address)
    return pipeline(
        recipe=RECIPE,
        generator=settings,
        generator_fingerprint=f"hosted_vllm/m at {address}",
        prompting=Prompting.of(settings.model, RECIPE, TASK),
    )


def sent(server: ChatServer) -> str:
    """The last request as text, but for the seed, which each call of a search has its own of."""
    request = {name: part for name, part in server.requests[-1].items() if name != "seed"}
    return json.dumps(request, ensure_ascii=False)


def run_card(folder: Path, before: str, *, address: str | None = None) -> None:
    """The card's snippet in a fresh process, after whatever a person has configured."""
    card = (folder / "README.md").read_text(encoding="utf-8")
    code = card.split("```python\n")[1].split("```")[0]
    if address:
        code = code.replace("http://127.0.0.1:8000/v1", address)
    call = f"write(python={CONTEXT.python!r}, docstring_in={CONTEXT.docstring!r})"
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ended = subprocess.run(
        [sys.executable, "-c", f"{before}\n{code}\nprint({call})"],
        cwd=folder,
        env=outside,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "def f (x : Int) : Int := x + x" in ended.stdout


@pytest.mark.parametrize("configured", CONFIGURED)
def test_an_endpoint_gets_the_same_bytes_from_the_search_the_card_and_the_command(
    server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, configured: str
) -> None:
    make_generator(endpoint(server.address), TASK).write(RECIPE, [CONTEXT], seed=1)
    searched = sent(server)
    folder = export_pipeline(frozen(server.address), folder=tmp_path / "pipeline")

    run_card(folder, CONFIGURED[configured])
    assert sent(server) == searched

    row = {"id": "a", "python": CONTEXT.python, "docstring": CONTEXT.docstring}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    monkeypatch.setattr(
        "search.offline.dataset_request.open_checker",
        lambda *_, **__: nullcontext(FakeSandbox()),
    )
    command = f"outerloop generate {folder} {tmp_path}/rows.jsonl --out {tmp_path}/data"
    monkeypatch.setattr(sys, "argv", command.split())
    count = len(server.requests)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    assert len(server.requests) == count + 1
    assert sent(server) == searched


@pytest.mark.parametrize("configured", CONFIGURED)
def test_a_local_generator_is_asked_the_same_by_the_search_and_the_card(
    server: ChatServer, tmp_path: Path, configured: str
) -> None:
    settings = endpoint(server.address)
    lm = PaidLM("hosted_vllm/m", api_base=server.address, api_key=KEY)
    search = DSPyGenerator(
        lm, TASK, adapter_for("embedded:generator", TASK), fingerprint="m", settings=settings
    )
    search.write(RECIPE, [CONTEXT], seed=1)
    searched = json.loads(sent(server))["messages"]
    local = pipeline(recipe=RECIPE, prompting=Prompting.of("embedded:generator", RECIPE, TASK))
    folder = export_pipeline(local, folder=tmp_path / "pipeline")
    server.rule = lambda _: "/-- Twice. -/\ndef f (x : Int) : Int := x + x"
    try:
        run_card(folder, CONFIGURED[configured], address=server.address)
    finally:
        server.rule = in_every_field("def f (x : Int) : Int := x + x")
    assert json.loads(sent(server))["messages"] == searched
    assert len(searched) == 6


@pytest.mark.parametrize(
    "reply",
    [
        "/-- Twice\n x. -/\ndef f := 1\n",
        "Sure:\n```lean\n/-- a -/ def f := 1\n```\nDone.",
        "/-- a -/",
        "",
        "no",
    ],
)
def test_the_cards_adapter_reads_replies_of_the_asked_form_as_the_searchs_does(reply: str) -> None:

    names: dict[str, type] = {}
    exec(f"import re\nimport dspy\n{TASK.adapter_code()}", names)
    docstring, lean = read_reply(reply) or ("", "")
    told = names["PlainAdapter"]().parse(None, reply)
    assert told == {"docstring": docstring, "lean": lean}


def test_an_endpoint_may_move_and_nothing_else_may_change(
    server: ChatServer, tmp_path: Path
) -> None:
    gone = frozen("http://127.0.0.1:9/v1")
    job = DatasetJob(gone, (CONTEXT,), tmp_path, api_base=server.address)
    assert job.generator == endpoint(server.address)
    assert job.fingerprint == make_generator(job.generator, TASK).fingerprint
    assert job.origin == DatasetJob(gone, (CONTEXT,), tmp_path).origin
    with pytest.raises(GenerateError, match=r"--api-base holds a name, a password") as no:
        _ = DatasetJob(gone, (), tmp_path, api_base="http://a:hunter2@b/v1").generator
    assert "hunter2" not in str(no.value)
    with pytest.raises(GenerateError, match="runs in this process and has no address"):
        _ = DatasetJob(pipeline(), (), tmp_path, api_base=server.address).generator


@pytest.mark.parametrize(
    "change", [("hosted_vllm/m", "hosted_vllm/n"), ('": 99', '": 98'), ('": 0.3', '": 0.4')]
)
def test_a_pipeline_with_another_model_or_setting_is_refused(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    folder = export_pipeline(frozen("http://127.0.0.1:9/v1"), folder=tmp_path)
    path = folder / "pipeline.json"
    text = path.read_text(encoding="utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(PipelineError, match=r"was changed after the export.*--api-base"):
        Pipeline.load(folder)


def test_a_dspy_that_writes_other_messages_is_refused_by_name() -> None:
    asked = Prompting.of("hosted_vllm/m", RECIPE, TASK)
    assert asked.make(RECIPE, TASK).use_json_adapter_fallback is False
    other = asked.model_copy(update={"probe_sha256": "0" * 64, "dspy_version": "3.9.9"})
    with pytest.raises(PipelineError, match=r"install dspy==3\.9\.9"):
        other.make(RECIPE, TASK)
