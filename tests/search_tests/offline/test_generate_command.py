"""`outerloop export` and `outerloop generate` as a person runs them, on fakes."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from search.cli import main
from search.materials.contexts import contexts_hash, load_contexts
from search.offline.export import export_pipeline
from search.trial.chosen_checker import open_checker
from tests.lean_sandbox_tests.served import PoolOf, serving
from tests.search_tests.eng2lean import TASK
from tests.search_tests.generation_fakes import FakeGenerator, FakeSandbox, job


@pytest.fixture
def outerloop(tmp_path, monkeypatch, capsys):
    """Runs a command line in an empty folder; gives exit code, output and error output."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "search.offline.dataset_request.make_generator", lambda *_, adapter: FakeGenerator()
    )
    monkeypatch.setattr(
        "search.offline.dataset_request.open_checker",
        lambda *_, **__: nullcontext(FakeSandbox()),
    )

    def run(line: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["outerloop", *line.split()])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def write_contexts(path: Path) -> None:
    rows = (
        {"id": str(n), "python": f"def f{n}(x): return x + x", "docstring": "Twice."}
        for n in range(10)
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_a_search_is_exported_and_the_pipeline_used(outerloop, tmp_path):
    export_pipeline(job(tmp_path).pipeline, folder=tmp_path / "runs" / "small" / "pipeline")
    write_contexts(tmp_path / "functions.jsonl")

    code, said, _ = outerloop("export runs/small --out pipeline")
    assert code == 0
    assert said.splitlines()[0] == "pipeline: pipeline"
    assert (
        said.splitlines()[-1]
        == "next: outerloop generate pipeline YOUR_FUNCTIONS.jsonl --out data"
    )

    code, said, _ = outerloop("generate pipeline functions.jsonl --out data --format parquet")
    assert code == 0
    assert said.splitlines()[:2] == ["data set: data", "accepted: 8"]
    assert "refused, elaboration_error: 4" in said
    assert {path.name for path in (tmp_path / "data").iterdir()} - {".lock"} == {
        "README.md",
        "data.parquet",
        "manifest.json",
        "refused.jsonl",
    }

    code, said, _ = outerloop("generate pipeline functions.jsonl --out data --format parquet")
    assert code == 0
    assert "finished already" in said


def test_a_running_server_checks_the_rows_and_the_manifest_names_its_lean(
    outerloop, tmp_path, monkeypatch
):
    monkeypatch.setattr("search.offline.dataset_request.open_checker", open_checker)
    export_pipeline(job(tmp_path).pipeline, folder=tmp_path / "pipeline")
    write_contexts(tmp_path / "functions.jsonl")
    with serving(PoolOf(FakeSandbox(), checked_by="a" * 64), key="open-sesame") as url:
        line = f"generate pipeline functions.jsonl --out data --lean-server {url}"
        code, _, error = outerloop(line)
        assert code == 1
        assert error.endswith("name the variable that holds its key\n")
        monkeypatch.setenv("MY_LEAN_KEY", "open-sesame")
        code, said, _ = outerloop(f"{line} --lean-key-env MY_LEAN_KEY")
    assert code == 0
    assert "accepted: 8" in said
    manifest = json.loads((tmp_path / "data" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["checked_by"] == "a" * 64


def test_without_out_the_pipeline_goes_into_a_folder_of_its_studys_name(outerloop, tmp_path):
    export_pipeline(job(tmp_path).pipeline, folder=tmp_path / "runs" / "small" / "pipeline")
    code, _, _ = outerloop("export small")
    assert code == 0
    assert (tmp_path / "pipelines" / "small" / "pipeline.json").is_file()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("export nowhere", "nowhere is no run folder"),
        ("generate nowhere functions.jsonl --out data", "nowhere is no pipeline"),
        ("generate pipeline nowhere.jsonl --out data", "nowhere.jsonl: no such file"),
        ("generate pipeline broken.jsonl --out data", "broken.jsonl:2: not a JSON object"),
        ("generate pipeline functions.jsonl --out data --limit 0", "a limit of 0 leaves no"),
        ("generate pipeline functions.jsonl --out pipeline", "pipeline holds something else"),
        (
            "generate pipeline functions.jsonl --out data --lean-server here",
            "--lean-server: is no address; give one like http://127.0.0.1:8000",
        ),
        (
            "generate pipeline functions.jsonl --out data --project p --toolchain t",
            "--toolchain: --project has a toolchain of its own; keep one of --project and",
        ),
        (
            "generate pipeline functions.jsonl --out data --project nowhere",
            "nowhere has no lakefile",
        ),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(outerloop, tmp_path, line, says):
    export_pipeline(job(tmp_path).pipeline, folder=tmp_path / "pipeline")
    write_contexts(tmp_path / "functions.jsonl")
    sound = (tmp_path / "functions.jsonl").read_text(encoding="utf-8").splitlines()
    (tmp_path / "broken.jsonl").write_text(f"{sound[0]}\n{{torn\n", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    code, _, error = outerloop(line)
    assert code == 1
    assert error.count("\n") == 1
    assert says in error
    assert sorted(tmp_path.rglob("*")) == before


def test_the_contexts_of_the_search_itself_are_named_as_such(outerloop, tmp_path):
    write_contexts(tmp_path / "used.jsonl")
    used = contexts_hash(load_contexts(str(tmp_path / "used.jsonl"), TASK))
    pipeline = job(tmp_path).pipeline
    pipeline = pipeline.model_copy(update={"provenance": {"contexts": used}})
    export_pipeline(pipeline, folder=tmp_path / "pipeline")
    rows = (tmp_path / "used.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "new.jsonl").write_text("".join(rows[1:]), encoding="utf-8")

    warned = "note: these are the contexts of the search itself"
    assert warned in outerloop("generate pipeline used.jsonl --out one")[1]
    assert warned in outerloop("generate pipeline used.jsonl --out two --limit 3")[1]
    assert warned not in outerloop("generate pipeline new.jsonl --out three")[1]
