"""A study loaded, searched and read from Python, with the fakes in place of the machines."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import outerloop
from evaluators.statistics.deltaone import Conclusion
from search.runs.folder import RunFolder
from search.settings.file import load_study, parse_study, study_text
from stores.errors import AddressRefused
from tests.search_tests.fakes import fake_parts
from tests.search_tests.frozen_run import frozen
from tests.search_tests.small_run import make_run
from tests.search_tests.small_study import write_small_study

ROOT = Path(__file__).parents[2]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # workers find the fakes from any folder
    return tmp_path


def test_a_study_is_loaded_by_a_path_in_either_form_and_overridden_as_on_the_command_line(here):
    file = write_small_study(here)

    assert outerloop.load_study(str(file)) == outerloop.load_study(file) == load_study(file)
    other = outerloop.load_study(file, trials=7, student="models/other")
    assert (other.search.trials, other.student, other.name) == (7, "models/other", "small-other")


def test_a_mistake_in_a_study_file_names_its_line_and_can_be_caught(here):
    file = write_small_study(here)
    file.write_text(file.read_text().replace("trials: 5", "trails: 5"))

    with pytest.raises(
        outerloop.OuterloopError, match=r"study\.yaml:\d+: search\.trails: .*`trials`"
    ):
        outerloop.load_study(file)


def test_no_search_is_for_less_than_one_score(here):
    with pytest.raises(outerloop.OuterloopError, match="trials = 0: a search needs at least 1"):
        outerloop.load_study(write_small_study(here), trials=0)


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.glob("examples/*.yaml")))
def test_the_file_that_a_run_keeps_says_what_was_searched(name):
    study = outerloop.load_study(ROOT / "examples" / name)

    assert parse_study(study_text(study), name="kept") == study


def test_a_search_from_python_leaves_what_the_command_leaves_and_gives_it_back(
    here, monkeypatch, capsys
):
    monkeypatch.setattr("search.driver.search.real_parts", fake_parts)
    study = outerloop.load_study(write_small_study(here, trials=3))

    run = outerloop.run_search(study, run_dir="run", quiet=True)

    assert capsys.readouterr().out == ""
    assert run.finished
    assert run.verdict in Conclusion
    assert sum(trial.outcome is not None for trial in run.records) == 3
    assert run.best is not None
    assert outerloop.load_study("run/study.yaml") == study
    assert outerloop.load_pipeline("run").name == "small"
    with pytest.raises(outerloop.OuterloopError, match="add --resume"):
        outerloop.run_search(study, run_dir="run", quiet=True)


def test_an_address_that_cannot_be_used_is_refused_before_anything_starts(here):
    study = outerloop.load_study(write_small_study(here))

    with pytest.raises(AddressRefused):
        outerloop.run_search(study, run_dir="nonsense://bucket/run", quiet=True)
    assert not (here / "runs").exists()


def test_a_run_is_read_with_its_trials_and_the_best_of_them(here):
    make_run(here, trials=3, failed=1, running=1)

    run = outerloop.read_run("run")

    assert [trial.state for trial in run.records] == ["complete"] * 3 + ["failed", "running"]
    scores = [trial.outcome.score.value for trial in run.records if trial.outcome]
    assert run.best is not None
    assert run.best.outcome is not None
    assert run.best.outcome.score.value == max(scores)
    assert run.verdict is None
    assert outerloop.read_run(here / "run").records == run.records


def test_a_run_is_named_by_its_study_file_too_and_a_folder_without_one_is_an_error(here):
    make_run(here, trials=1)
    (here / "runs").mkdir()
    shutil.move(here / "run", here / "runs" / "small")

    assert outerloop.read_run("study.yaml").path == Path("runs/small")
    with pytest.raises(outerloop.OuterloopError, match="nowhere: no study there"):
        outerloop.read_run("nowhere")


def test_the_pipeline_of_a_finished_search_is_loaded_from_its_run_folder_or_its_own(here):
    run = RunFolder(make_run(here))
    frozen(run, passed=10)

    pipeline = outerloop.load_pipeline(run.path)

    assert pipeline == outerloop.load_pipeline(str(run.pipeline))
    assert pipeline.student == "fake-student"
    with pytest.raises(outerloop.OuterloopError, match="is no run folder"):
        outerloop.load_pipeline("elsewhere")
