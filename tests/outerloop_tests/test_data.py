"""Data sets, verdicts and scores from Python, with fakes where the machines would be."""

from __future__ import annotations

import json
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

import outerloop
from lean_sandbox.toolchain import Toolchain
from search.offline.export import export_pipeline
from tests.contracts.fake_sandbox import FakeSandbox as OneLineSandbox
from tests.evaluators_tests.fakes import RuleSandbox
from tests.search_tests.evaluate.test_evaluate_command import SeededStudent, row, write
from tests.search_tests.generation_fakes import FakeGenerator, FakeSandbox, job
from tests.search_tests.offline.test_generate_command import write_contexts


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def pipeline(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pipeline folder, whose generator and Lean are fakes."""
    place = "search.offline.dataset_request"
    monkeypatch.setattr(f"{place}.make_generator", lambda *_, adapter: FakeGenerator())
    monkeypatch.setattr(f"{place}.open_checker", lambda *_, **__: nullcontext(FakeSandbox()))
    write_contexts(here / "functions.jsonl")
    return export_pipeline(job(here).pipeline, folder=here / "pipeline")


def test_a_data_set_is_made_counted_and_read_when_it_is_there_already(here, pipeline, capsys):
    counts = outerloop.generate(pipeline, "functions.jsonl", out="data", quiet=True)

    # twenty rows: of contexts 3 and 8 none can be read (4), of the other even ones the first is
    # wrong Lean (4), of the other odd ones the second is spare (4)
    assert (counts.accepted, counts.refused["elaboration_error"]) == (8, 4)
    assert len((here / "data" / "data.jsonl").read_text().splitlines()) == 8
    told = capsys.readouterr()
    assert told.out + told.err == ""
    again = outerloop.generate(pipeline, here / "functions.jsonl", out=here / "data", quiet=True)
    assert again == counts


def test_a_loaded_pipeline_and_its_folder_make_the_same_data_set(here, pipeline):
    loaded = outerloop.load_pipeline(pipeline)
    outerloop.generate(loaded, "functions.jsonl", out="one", limit=3, quiet=True)
    outerloop.generate(str(pipeline), "functions.jsonl", out="two", limit=3, quiet=True)

    assert Path("one/data.jsonl").read_bytes() == Path("two/data.jsonl").read_bytes()


def test_a_finished_data_set_whose_manifest_was_damaged_is_an_error_not_a_count(here, pipeline):
    outerloop.generate(pipeline, "functions.jsonl", out="data", quiet=True)
    path = here / "data" / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["counts"]
    path.write_text(json.dumps(manifest))

    with pytest.raises(outerloop.OuterloopError, match=r"manifest\.json is damaged"):
        outerloop.generate(pipeline, "functions.jsonl", out="data", quiet=True)


def test_programs_get_a_verdict_each_in_their_order(monkeypatch):
    monkeypatch.setattr(
        "search.trial.chosen_lean.open_lean", lambda *_, **__: nullcontext(OneLineSandbox())
    )
    right = outerloop.CheckRequest("def f (x : Int) : Int := x + x", tests=("f 3 = 6",))

    verdicts = outerloop.check_lean(["def f : Nat := sorry", right])

    assert [verdict.reason for verdict in verdicts] == ["sorry", ""]
    assert verdicts[1].accepted
    assert outerloop.check_lean([]) == []


def test_one_text_is_not_taken_for_a_list_of_one_letter_programs():
    with pytest.raises(TypeError, match=r"check_lean\(\[program\]\)"):
        outerloop.check_lean("def f : Nat := 0")


def test_two_leans_at_once_are_refused_as_on_the_command_line(here):
    with pytest.raises(ValueError, match="has a toolchain of its own; keep one of"):
        outerloop.LeanSettings(project=str(here), toolchain="default")


@pytest.mark.lean
def test_the_real_lean_is_asked(installed: Toolchain):
    [right, wrong] = outerloop.check_lean(
        ["def f (x : Int) : Int := x + x", "def f : Nat := true"], timeout_seconds=60
    )
    assert right.accepted
    assert wrong.reason == "elaboration_error"


@pytest.fixture
def student(monkeypatch: pytest.MonkeyPatch) -> SeededStudent:
    """A student that answers by the place of a problem, and a Lean that judges by rule."""
    made = SeededStudent()

    @contextmanager
    def pool(*_: object, **__: object):
        yield RuleSandbox()

    monkeypatch.setattr("search.evaluate.run.StudentModel.load", lambda **_: made)
    monkeypatch.setattr("search.evaluate.run.open_lean", pool)
    return made


def test_a_student_is_scored_stage_by_stage_and_asked_nothing_twice(here, student, capsys):
    write("rows.jsonl", *map(row, range(6)))
    ask = {"student": "embedded:student-a", "run_dir": "runs/it", "quiet": True}

    evaluation = outerloop.evaluate("rows.jsonl", **ask)

    # of six answers two pass, one fails its test, one is undecided, two do not parse
    assert (evaluation.score.value, evaluation.score.n) == (pytest.approx(2 / 6), 6)
    assert evaluation.stages[0].stage == "parsed"
    told = capsys.readouterr()
    assert told.out + told.err == ""
    asked = len(student.prompts)
    assert outerloop.evaluate(Path("rows.jsonl"), **ask) == evaluation
    assert len(student.prompts) == asked


def test_what_cannot_be_evaluated_says_why(here, student):
    write("rows.jsonl", *map(row, range(2)))

    with pytest.raises(outerloop.OuterloopError, match="no student"):
        outerloop.evaluate("rows.jsonl", quiet=True)
    with pytest.raises(outerloop.OuterloopError, match="limit = 0 leaves no problem"):
        outerloop.evaluate("rows.jsonl", student="embedded:student-a", limit=0, quiet=True)
