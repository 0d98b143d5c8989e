"""A sweep over two students that want opposite data, with Ray and the study, on fakes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from search.offline.export import find_pipeline
from search.runs.folder import RunFolder
from search.runs.sweep_folder import read_transfer
from tests.search_tests.small_study import write_small_study

ROOT = Path(__file__).parents[2]


def sweep(folder: Path, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.end_to_end_tests.drive_small_sweep", str(folder), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def write_study(folder: Path) -> None:
    """The small study with a filter that lets wrong rows through, so that students can differ."""
    study = write_small_study(folder, trials=4)
    text = study.read_text(encoding="utf-8")
    text = text.replace("filter: [compiles, faithful]", "filter: [none]")
    text = text.replace("baseline:\n", "baseline:\n  filter: none\n")
    text = text.replace("startup_trials: 2", "startup_trials: 4\n  sampler: random")
    study.write_text(text, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_sweep_measures_every_best_recipe_with_every_student_and_generates_once(
    tmp_path: Path,
) -> None:
    write_study(tmp_path)
    code, printed = sweep(tmp_path)
    assert code == 0, printed

    transfer = read_transfer(tmp_path / "sweep" / "transfer.json")
    assert transfer is not None
    assert [one.name for one in transfer.students] == ["fake-student", "fake-contrary"]
    mine, theirs = transfer.own("fake-student"), transfer.own("fake-contrary")
    assert mine is not None
    assert theirs is not None
    assert "careful" in mine.recipe.instruction
    assert "careful" not in theirs.recipe.instruction
    scores = {
        (row, student): transfer.cell(recipe.key, student).score.value
        for row, recipe in (("mine", mine), ("theirs", theirs))
        for student in ("fake-student", "fake-contrary")
    }
    # twelve contexts, twenty problems: a student passes one problem for each example it likes
    assert scores == {
        ("mine", "fake-student"): 0.6,
        ("mine", "fake-contrary"): 0.0,
        ("theirs", "fake-student"): 0.0,
        ("theirs", "fake-contrary"): 0.6,
    }
    (pair,) = transfer.pairs
    assert pair.tried.rho == pytest.approx(-1)
    assert pair.tried.n == 4
    ran = Counter((tmp_path / "ran.log").read_text(encoding="utf-8").splitlines())
    assert [line for line in ran if line.startswith("generate ") and ran[line] > 1] == []
    # three arms of the first student; of the second, whose best is the baseline, two
    assert sum(ran[line] for line in ran if "sealed-" in line) == 5

    run = tmp_path / "sweep" / "fake-student"
    pipeline = find_pipeline(str(run))
    assert set(pipeline.files) == {"program.json", "transfer.json"}
    card = (run / "pipeline" / "README.md").read_text(encoding="utf-8")
    assert "## Other students" in card
    assert "| `fake-student` | `fake-contrary` |" in card
    assert RunFolder(run).facts()["files"]["pipeline/transfer.json"]

    before = (tmp_path / "ran.log").read_text(encoding="utf-8")
    table = json.loads((tmp_path / "sweep" / "transfer.json").read_text(encoding="utf-8"))
    refused, said = sweep(tmp_path)
    assert refused == 1
    assert "holds a sweep already (fake-student, fake-contrary); add --resume" in said
    code, printed = sweep(tmp_path, "--resume")
    assert code == 0, printed
    assert (tmp_path / "ran.log").read_text(encoding="utf-8") == before
    again = json.loads((tmp_path / "sweep" / "transfer.json").read_text(encoding="utf-8"))
    assert again == table


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_student_without_a_winner_costs_the_others_nothing(tmp_path: Path) -> None:
    write_study(tmp_path)
    code, printed = sweep(tmp_path, "--fail-other")

    assert code == 1
    assert "outerloop: no transfer table: fake-contrary: none of" in printed
    assert (tmp_path / "sweep" / "fake-student" / "manifest.json").exists()
