from __future__ import annotations

import dataclasses
import json
import re
import sys
from pathlib import Path

import pytest

from search import cli
from search.errors import NoExplanation
from search.report.run_view import RunView, view_run
from search.report.why import explain, lost_problems
from search.report.why_text import explanation_lines, lost_lines
from search.trial.leaks import Leak
from tests.search_tests.small_run import make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("why"), trials=6, failed=1)


@pytest.fixture(scope="module")
def view(run: Path) -> RunView:
    return view_run(run)


def test_a_lost_problem_leads_to_rows_prompt_and_contributor(view: RunView) -> None:
    best = max(
        (one for one in view.records if one.outcome), key=lambda one: one.outcome.score.value
    )
    assert best.outcome is not None
    # a student passes the first problem for the first right example, and so on
    lost = f"search-{best.outcome.examples}"
    assert lost_problems(view, trial=None)[0].id == lost

    found = explain(view, lost, trial=None, rows=2)

    assert found.trial == best.number
    assert not found.passed
    assert found.problem.docstring == f"Twice x (search {best.outcome.examples})."
    assert found.problem.reference == ""
    assert len(found.kept) == 2
    assert found.trained_on == best.outcome.examples
    assert found.trained_on + found.not_trained_on == best.outcome.candidates
    assert found.recipe.instruction.startswith("Translate the Python function to Lean 4.")
    for near in found.kept:
        context = near.row.context
        assert context is not None
        assert (context.contributor, context.licence) == ("tests", "CC0-1.0")
        assert context.inputs[0].startswith(f"def double{context.id.removeprefix('c')}(x)")
        assert near.shared[0] == "twice"
        assert near.row.outcome == "accepted"


def test_problems_that_the_baseline_passed_are_listed_first(view: RunView) -> None:
    baseline, best = (
        next(one for one in view.records if one.number == number)
        for number in (0, explain(view, "search-0", trial=None, rows=1).trial)
    )
    # the other way round: the best's answers under the baseline's number, which passed more
    swapped = dataclasses.replace(best, number=0), dataclasses.replace(baseline, number=1)
    lost = lost_problems(dataclasses.replace(view, records=swapped), trial=1)

    assert best.outcome is not None
    back = [one.id for one in lost if one.passed_by_baseline]
    assert back == [f"search-{place}" for place in range(best.outcome.examples)]
    assert [one.id for one in lost[: len(back)]] == back
    lines = lost_lines(lost)
    assert lines[0] == (
        f"20 problems lost, {len(back)} of them passed under the baseline's recipe (first, with a "
        "!):"
    )
    assert lines[1] == "! search-0  Twice x (search 0)."
    assert lines[-1] == "  search-19  Twice x (search 19)."


def test_rows_left_out_are_traced_with_their_reason(view: RunView) -> None:
    first = next(one for one in view.records if one.outcome and one.outcome.refused)
    found = explain(view, "search-0", trial=first.number, rows=1)
    assert [near.row.reason for near in found.refused] == ["unfaithful"]
    assert found.refused[0].row.outcome == "refused"
    assert found.refused[0].row.detail
    shown = "\n".join(explanation_lines(found, view.task))
    assert "  left out    unfaithful. Lean refutes it" in shown
    assert found.refused[0].row.detail.splitlines()[0] in shown


def test_a_row_that_gave_a_problem_away_is_traced_as_a_leak(view: RunView) -> None:
    best = explain(view, "search-0", trial=None, rows=100)
    taken = best.kept[0].row.place
    leak = Leak(*taken, "row and problem")
    records = tuple(
        dataclasses.replace(one, outcome=dataclasses.replace(one.outcome, leaks=(leak,)))
        if one.outcome and one.number == best.trial
        else one
        for one in view.records
    )
    found = explain(dataclasses.replace(view, records=records), "search-0", trial=None, rows=100)
    (near,) = [near for near in found.refused if near.row.reason == "leak"]
    assert near.row.place == taken


def test_what_a_model_wrote_reaches_the_terminal_as_text_that_can_be_seen(view: RunView) -> None:
    text = "\n".join(explanation_lines(explain(view, "search-19", trial=None, rows=3), view.task))
    assert "\u202e" not in text
    assert "‹U+202E›" in text
    assert "lost by student fake-student" in text
    assert "by tests, CC0-1.0" in text


@pytest.mark.parametrize(
    ("problem", "trial", "says"),
    [
        ("sealed-20", None, "sealed-20 is a sealed problem"),
        ("serch-3", None, "no search problem `serch-3` among 20; there is search-3"),
        ("search-3", 99, "has no trial 99; it has 0 to 6"),
        ("search-3", 6, r"trial 6 is failed \(select: .*\): its student answered nothing"),
    ],
)
def test_what_cannot_be_traced_is_one_line(
    view: RunView, problem: str, trial: int | None, says: str
) -> None:
    with pytest.raises(NoExplanation, match=says) as caught:
        explain(view, problem, trial=trial, rows=3)
    assert "\n" not in str(caught.value)


def test_the_command_finds_the_newest_run_lists_lost_problems_and_writes_json(
    run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "newest").symlink_to(run)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["outerloop", "why"])
    with pytest.raises(SystemExit):
        cli.main()
    listed = capsys.readouterr().out
    assert "run folder  runs/newest" in listed
    lost = re.findall(r"search-\d+", listed)
    assert f"{len(lost)} problems lost:" in listed

    monkeypatch.setattr(sys, "argv", ["outerloop", "why", lost[0], "--json", "why.json"])
    with pytest.raises(SystemExit):
        cli.main()
    written = json.loads(Path("why.json").read_text(encoding="utf-8"))
    assert written["problem"]["id"] == lost[0]
    assert written["kept"][0]["row"]["context"]["contributor"] == "tests"


def test_without_any_run_the_command_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["outerloop", "why", "p1"])
    with pytest.raises(SystemExit):
        cli.main()
    assert "no run in runs/; name one with --run" in capsys.readouterr().err
