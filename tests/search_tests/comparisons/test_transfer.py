from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from evaluators.statistics.intervals import score_from_passes
from evaluators.statistics.runs import Replicate
from search.comparisons.transfer import (
    Agreement,
    Cell,
    Finding,
    Found,
    StudentPair,
    Transfer,
    TransferRecipe,
    TransferStudent,
    chosen_recipes,
    student_pairs,
    with_gaps,
)
from search.comparisons.transfer_table import borrowing_lines, transfer_lines, transfer_markdown
from search.errors import StudyError
from search.offline.export import export_pipeline, transfer_of
from search.offline.pipeline import Pipeline
from search.recipes.recipe import Recipe
from search.report.page import report_html
from search.report.run_view import view_run
from search.runs.folder import RunFolder
from search.runs.sweep_folder import SweepFolder, read_transfer, short_names, transfer_beside
from tests.search_tests.frozen_run import frozen
from tests.search_tests.offline.test_export import pipeline
from tests.search_tests.small_run import make_run


def cell(key: str, student: str, passed: int, n: int = 100) -> Cell:
    """A cell in which the first `passed` of `n` problems passed."""
    flags = [place < passed for place in range(n)]
    return Cell(key, student, score_from_passes(flags), (Replicate.of(flags, seed=1),), None)


def recipe(key: str, *found: Finding) -> TransferRecipe:
    return TransferRecipe(key, Recipe(f"Say {key}."), found)


ROWS = (
    recipe("base", Finding("a", 0, 0)),
    recipe("for-a", Finding("a", 3, 1)),
    recipe("for-b", Finding("b", 5, 1), Finding("a", 4, 2)),
)
PASSED = {
    ("base", "a"): 20,
    ("for-a", "a"): 60,
    ("for-b", "a"): 30,
    ("base", "b"): 10,
    ("for-a", "b"): 15,
    ("for-b", "b"): 40,
}


def table(pipeline_hash: str = "p") -> Transfer:
    cells = with_gaps(
        [cell(key, student, passed) for (key, student), passed in PASSED.items()],
        {"a": "for-a", "b": "for-b"},
    )
    return Transfer(
        study="small",
        students=(
            TransferStudent("a", "embedded:a", "s", pipeline_hash, 12),
            TransferStudent("b", "embedded:b", "t", "q", 12),
        ),
        recipes=ROWS,
        cells=cells,
        pairs=(
            StudentPair("a", "b", Agreement(0.5, -0.4, 0.9, 6), Agreement(None, None, None, 2)),
        ),
        seeds=(7,),
        problems=100,
        problems_sha256="x",
        checker="4",
    )


def test_a_gap_is_the_students_own_best_minus_the_other_recipe() -> None:
    gap = table().cell("for-b", "a").behind
    assert gap is not None
    assert gap.difference == pytest.approx(0.3)  # 60 and 30 of 100
    assert gap.low < 0.3 < gap.high
    assert gap.n == 100
    assert table().cell("for-a", "a").behind is None


def test_a_cell_without_a_score_has_no_gap_and_says_why() -> None:
    broken = Cell("for-b", "a", None, (), None, "train: out of memory")
    cells = with_gaps([cell("for-a", "a", 60), broken], {"a": "for-a"})
    assert cells[1].behind is None
    whole = dataclasses.replace(table(), cells=(*cells, *table().cells[3:], cell("base", "a", 1)))
    assert "no score: train: out of memory" in transfer_markdown(whole)


def test_students_agree_over_the_recipes_both_have() -> None:
    cells = [cell(key, student, passed) for (key, student), passed in PASSED.items()]
    nobody = [Found(name, None, (), None) for name in ("a", "b")]  # type: ignore[arg-type]
    (pair,) = student_pairs(nobody, ROWS, cells)
    # a ranks base < for-b < for-a, b ranks base < for-a < for-b: 1 - 6 * 2 / (3 * 8)
    assert pair.chosen.rho == pytest.approx(0.5)
    assert pair.chosen.n == 3
    assert pair.tried == Agreement(None, None, None, 0)
    assert str(pair.tried) == "ρ unknown (n = 0)"


def test_rows_are_the_baseline_and_each_students_best_each_recipe_once(tmp_path: Path) -> None:
    view = view_run(make_run(tmp_path, trials=5))
    best = max(
        (one for one in view.records if one.outcome),
        key=lambda one: (one.outcome.score.value, -one.number),
    )
    mine = Found("mine", best.number, view.records, view.stages)
    rows = chosen_recipes([mine, dataclasses.replace(mine, name="theirs")], best=1)

    assert rows[0].label.startswith("baseline")
    winner = next(row for row in rows if any(one.rank == 1 for one in row.found))
    trials = {(one.student, one.trial) for one in winner.found if one.rank == 1}
    assert trials == {("mine", best.number), ("theirs", best.number)}
    assert len({row.key for row in rows}) == len(rows) <= 2
    assert winner.recipe.filter == best.parameters["filter"]


def test_two_studies_of_the_same_recipes_agree_wholly(tmp_path: Path) -> None:
    view = view_run(make_run(tmp_path, trials=5))
    mine = Found("mine", None, view.records, view.stages)
    (pair,) = student_pairs([mine, dataclasses.replace(mine, name="theirs")], (), [])
    assert pair.tried.n == 5
    assert pair.tried.rho == pytest.approx(1)


def test_the_terminal_and_the_card_say_who_gains_what() -> None:
    lines = "\n".join(transfer_lines(table()))
    assert "best of b (trial 5), no. 2 of a (trial 4)" in lines
    assert "60.0 % [50.2, 69.1] *" in lines
    gap = borrowing_lines(table())[0]
    assert gap.startswith("a: own best − best of b = +30.0 points [")
    assert "a and b rank recipes: ρ = +0.50 [-0.40, +0.90] (n = 6) over the recipes both" in lines
    card = transfer_markdown(table())
    assert "| recipe | `embedded:a` | `embedded:b` |" in card
    assert "**40.0 % [30.9, 49.8]**" in card
    assert "The sealed problems are not touched." in card


def test_a_pipeline_finds_its_table_by_its_hash_and_keeps_it_when_exported(tmp_path: Path) -> None:
    mine = pipeline()
    run = tmp_path / "sweep" / "a"
    folder = export_pipeline(mine, folder=run / "pipeline")
    sweep = SweepFolder(tmp_path / "sweep")
    sweep.save(table("another's hash"))
    assert transfer_of(folder, Pipeline.load(folder)) is None

    sweep.save(table(mine.hash))
    assert transfer_beside(run, "") is None
    found = transfer_of(folder, Pipeline.load(folder))
    assert found == table(mine.hash)
    away = export_pipeline(mine, folder=tmp_path / "away", transfer=found)
    assert "## Other students" in (away / "README.md").read_text(encoding="utf-8")
    exported = Pipeline.load(away)
    assert exported.hash == mine.hash
    assert transfer_of(away, exported) == found
    again = export_pipeline(exported, folder=away)
    assert Pipeline.load(again).files.keys() == {"program.json"}


def test_a_damaged_table_or_another_versions_is_none(tmp_path: Path) -> None:
    file = tmp_path / "transfer.json"
    assert read_transfer(file) is None
    file.write_text('{"study": ', encoding="utf-8")
    assert read_transfer(file) is None
    SweepFolder(tmp_path).save(dataclasses.replace(table(), schema=2))
    assert read_transfer(file) is None


def test_the_report_of_a_run_in_a_sweep_shows_the_table(tmp_path: Path) -> None:
    sweep = tmp_path / "sweep"
    sweep.mkdir()
    run = RunFolder(make_run(sweep, trials=3))
    alone = report_html(view_run(run.path))
    assert "belongs to no finished sweep" in alone

    mine = pipeline()
    export_pipeline(mine, folder=run.pipeline)
    students = dataclasses.replace(
        table(mine.hash),
        recipes=(dataclasses.replace(ROWS[0], recipe=Recipe("<script>1</script>")), *ROWS[1:]),
    )
    SweepFolder(sweep).save(students)
    page = report_html(view_run(run.path))
    section = page.split('<section id="students">')[1].split("</section>")[0]
    assert "60.0 % [50.2, 69.1]" in section
    assert "own best is +30.0 points" in section
    assert "&lt;script&gt;1" in section


def test_students_are_named_by_their_last_part_unless_two_end_alike() -> None:
    assert short_names(["embedded:student-a", "org/model"]) == {
        "embedded:student-a": "student-a",
        "org/model": "model",
    }
    assert list(short_names(["one/model", "two/model"]).values()) == ["one-model", "two-model"]
    with pytest.raises(StudyError, match="two students or more"):
        short_names(["a"])
    with pytest.raises(StudyError, match="--student a stands there twice"):
        short_names(["a", "b", "a"])


def test_a_student_whose_search_is_resumed_keeps_the_table_in_its_card(tmp_path: Path) -> None:
    sweep = tmp_path / "sweep"
    sweep.mkdir()
    run = RunFolder(make_run(sweep, trials=3))
    mine = Pipeline.load(frozen(run))
    SweepFolder(sweep).save(table(mine.hash))

    again = frozen(run)  # what `outerloop search --resume` does at its end

    assert Pipeline.load(again).hash == mine.hash
    assert "## Other students" in (again / "README.md").read_text(encoding="utf-8")
    assert transfer_of(again, Pipeline.load(again)) == table(mine.hash)
