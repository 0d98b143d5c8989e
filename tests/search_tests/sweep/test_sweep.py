from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from search import cli
from search.console import Console
from search.errors import StudyError, StudyExists
from search.offline.pipeline import MANIFEST
from search.runs.folder import RunFolder
from search.settings.file import load_study
from search.sweep.sweep import Sweep, is_finished, run_sweep, sweep_dry_run_lines
from tests.search_tests.fakes import fake_parts
from tests.search_tests.small_study import write_small_study


def sweep_of(folder: Path, *students: str, **fields: object) -> Sweep:
    study = write_small_study(folder)
    whole = {"parts": fake_parts(), **fields}
    text = study.read_text(encoding="utf-8")
    return Sweep(load_study(study), text, students, folder / "sweep", **whole)  # type: ignore[arg-type]


def test_each_student_has_a_study_and_a_folder_of_its_own_and_all_share_the_stages(
    tmp_path: Path,
) -> None:
    searches = sweep_of(tmp_path, "embedded:student-a", "org/model").searches()
    assert list(searches) == ["student-a", "model"]
    first, second = searches.values()
    assert (first.settings.name, first.settings.student) == (
        "small-student-a",
        "embedded:student-a",
    )
    assert second.run_dir == tmp_path / "sweep" / "model"
    assert first.stages_dir == second.stages_dir == tmp_path / "sweep" / "stages"


def test_a_dry_run_names_every_study_and_the_table_and_writes_nothing(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, "one", "two", "three", best=2, seeds=3)
    before = sorted(tmp_path.iterdir())
    lines = sweep_dry_run_lines(sweep)
    assert [line for line in lines if line.startswith("student ")] == [
        "student 1 of 3: one",
        "student 2 of 3: two",
        "student 3 of 3: three",
    ]
    # the baseline and two of each of three
    assert any("up to 7 recipes × 3 students × 3 fine-tunes" in line for line in lines)
    assert sorted(tmp_path.iterdir()) == before


def test_the_last_students_mistake_is_found_before_the_first_study_starts(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, "fake-student", "./nowhere")
    with pytest.raises(StudyError, match=r"student \./nowhere: no such folder"):
        run_sweep(sweep, console=Console(quiet=True))
    assert not (tmp_path / "sweep").exists()


def test_a_sweep_that_was_begun_wants_to_be_resumed(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, "one", "two")
    begun = tmp_path / "sweep" / "two"
    begun.mkdir(parents=True)
    (begun / "study.db").touch()
    with pytest.raises(StudyExists, match=r"holds a sweep already \(two\); add --resume"):
        run_sweep(sweep, console=Console(quiet=True))


def test_one_student_is_no_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    study = write_small_study(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["outerloop", "sweep", str(study), "--student", "one"])
    with pytest.raises(SystemExit):
        cli.main()
    said = capsys.readouterr().err
    assert re.match(
        r"outerloop: a sweep compares two students or more: .*`outerloop search`", said
    )


@pytest.mark.parametrize("command", [["why", "--run"], ["dashboard"], ["export"]])
def test_where_one_run_is_wanted_a_sweep_names_those_it_has(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
) -> None:
    for name in ("a", "b"):
        (tmp_path / "sweep" / name).mkdir(parents=True)
        (tmp_path / "sweep" / name / "study.yaml").touch()
    (tmp_path / "sweep" / "sweep.lock").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["outerloop", *command, "sweep"])
    with pytest.raises(SystemExit):
        cli.main()
    assert "name one of its runs: sweep/a, sweep/b" in capsys.readouterr().err


def test_a_study_whose_rungs_stopped_trials_is_finished_all_the_same(tmp_path: Path) -> None:
    search = sweep_of(tmp_path, "embedded:student-a", "org/model").searches()["student-a"]
    folder = RunFolder(search.run_dir)
    (folder.pipeline).mkdir(parents=True)
    (folder.pipeline / MANIFEST).write_text("{}", encoding="utf-8")
    folder.begin(search.study_text)

    def finished(complete: int, pruned: int) -> bool:
        trials = {"complete": complete, "pruned": pruned}
        folder.finish({"student": search.settings.student, "trials": dict(trials)})
        return is_finished(search)

    assert search.settings.search.trials == 5
    assert finished(3, 2)
    assert not finished(3, 1)
