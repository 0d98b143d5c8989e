"""The examples of docs/python.md, run one after the other as somebody would paste them.

A search takes minutes, so it is answered by a run that is there; the machines are fakes.
"""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager, nullcontext
from pathlib import Path

import outerloop
from outerloop import _search
from search.runs.folder import RunFolder
from tests.contracts.fake_sandbox import FakeSandbox as OneLineSandbox
from tests.evaluators_tests.fakes import RuleSandbox
from tests.search_tests.evaluate.test_evaluate_command import SeededStudent
from tests.search_tests.fakes import FakeGenerator, FakeSandbox
from tests.search_tests.frozen_run import frozen
from tests.search_tests.offline.test_generate_command import write_contexts
from tests.search_tests.small_run import make_run

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")


def test_every_example_on_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "examples", "examples")
    write_contexts(tmp_path / "functions.jsonl")
    Path("runs").mkdir()
    shutil.move(make_run(tmp_path), "runs/embedded")
    frozen(RunFolder(Path("runs/embedded")), passed=10)
    for name, value in machines().items():
        monkeypatch.setattr(name, value)
    monkeypatch.setattr(outerloop, "run_search", lambda _, run_dir: _search.read_run(run_dir))

    for example in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(example, "docs/python.md", "exec"), {})

    told = capsys.readouterr().out
    assert "StudyNotFound: runs/nowhere: no study there" in told
    assert "accepted: " in told
    assert "score       " in told


def machines() -> dict[str, object]:
    """Where the page's functions find their machines, and the fakes in their place."""

    @contextmanager
    def judge(*_: object, **__: object):
        yield RuleSandbox()

    student = SeededStudent()
    return {
        "search.offline.dataset_request.make_generator": lambda *_, adapter: FakeGenerator(),
        "search.offline.dataset_request.open_checker": lambda *_, **__: nullcontext(FakeSandbox()),
        "search.trial.chosen_lean.open_lean": lambda *_, **__: nullcontext(OneLineSandbox()),
        "outerloop.LeanPool": lambda **_: nullcontext(OneLineSandbox()),
        "search.evaluate.run.StudentModel.load": lambda **_: student,
        "search.evaluate.run.open_lean": judge,
    }
