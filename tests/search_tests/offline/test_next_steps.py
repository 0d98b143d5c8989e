"""What a command proposes next can be pasted, in a folder of any name."""

from __future__ import annotations

import shlex
import subprocess
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlflow import MlflowClient
from typer.testing import CliRunner

from search import cli
from search.offline.export import export_pipeline
from search.runs.folder import RunFolder
from search.runs.next_steps import YOUR_FUNCTIONS, after_search, command, look_at_store
from tests.search_tests.generation_fakes import FakeGenerator, FakeSandbox, job
from tests.search_tests.offline.test_generate_command import write_contexts
from tests.search_tests.small_run import make_run


def words_of(line: str) -> list[str]:
    """What a shell makes of a command line."""
    printed = subprocess.run(
        ["sh", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True
    ).stdout.decode("utf-8")
    return printed.split("\0")[:-1]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run with a winner, in a folder whose name a shell would take apart."""
    place = tmp_path / "my runs $HOME; #1 (new)"
    place.mkdir()
    folder = RunFolder(make_run(tmp_path, trials=2).rename(place / "run"))
    export_pipeline(job(tmp_path).pipeline, folder=folder.pipeline)
    monkeypatch.chdir(place)
    monkeypatch.setattr(
        "search.offline.dataset_request.make_generator", lambda *_, adapter: FakeGenerator()
    )
    monkeypatch.setattr(
        "search.offline.dataset_request.open_checker",
        lambda *_, **__: nullcontext(FakeSandbox()),
    )
    return folder


def pasted(line: str) -> str:
    """Run a proposed command; what it prints."""
    program, *words = words_of(line)
    assert program == "outerloop"
    ended = CliRunner().invoke(cli.app, words)
    assert ended.exit_code == 0, ended.output
    return ended.output


@pytest.mark.parametrize("relative", [False, True])
def test_what_a_search_proposes_runs_as_it_is_pasted(run: RunFolder, *, relative: bool) -> None:
    folder = RunFolder(run.path.relative_to(Path.cwd())) if relative else run
    write_contexts(Path(YOUR_FUNCTIONS))
    read, write = (line.removeprefix("next").strip() for line in after_search(folder))

    assert "report      " in pasted(read)
    pasted(write)

    assert (Path("data") / "manifest.json").is_file()


def test_what_an_export_proposes_runs_as_it_is_pasted(run: RunFolder) -> None:
    write_contexts(Path(YOUR_FUNCTIONS))
    told = pasted(command("outerloop", "export", run.path, "--out", "a pipeline"))

    pasted(told.partition("next: ")[2].strip())

    assert (Path("data") / "manifest.json").is_file()


def test_the_proposed_store_is_the_runs_own(run: RunFolder) -> None:
    MlflowClient(tracking_uri=run.mlflow_uri).create_experiment("here")

    *_, address = words_of(look_at_store(run))

    assert MlflowClient(tracking_uri=address).get_experiment_by_name("here") is not None


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_a_command_says_to_the_shell_what_it_was_made_from(words: list[str]) -> None:
    assert shlex.split(command("outerloop", *words)) == ["outerloop", *words]
