from __future__ import annotations

import re
import shutil
from pathlib import Path

import optuna
import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from engines.ledger import Cost, Ledger
from search.errors import StudyNotFound
from search.report.ledger import ledger_section
from search.report.page import report_html
from search.report.run_view import standing, view_run
from search.study.study import SearchStudy
from stores.stages import StageStore
from tests.search_tests.chromium import dom_of, needs_chromium
from tests.search_tests.small_run import make_run


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("finished"), trials=12)


@pytest.fixture(scope="module")
def page(finished: Path) -> str:
    return report_html(view_run(finished))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run to be spoilt; too few trials for importances, which take most of a page's time."""
    return make_run(tmp_path, trials=3)


def section(page: str, name: str) -> str:
    return page.split(f'<section id="{name}">')[1].split("</section>")[0]


def test_the_page_needs_no_network_and_runs_one_script_only(page: str) -> None:
    assert not re.findall(r"https?://", page)
    assert not re.findall(r"<(?:link|iframe|object|embed|img)\b|@import|url\((?!#)", page)
    assert page.count("<script") == 1
    assert "script-src 'sha256-" in page


def test_a_row_that_says_script_is_inert_text(page: str) -> None:
    assert "&lt;script&gt;document.title=&#34;taken&#34;&lt;/script&gt;" in page
    assert "<img" not in page
    assert "\u202e" not in page
    assert "‹U+202E›" in page


@needs_chromium
def test_a_browser_runs_our_script_and_no_rows(page: str, tmp_path: Path) -> None:
    dom = _opened(page, tmp_path)

    assert "<title>small: search report</title>" in dom
    rows = dom.count('<article class="row"')
    assert re.search(rf'id="shown"[^>]*>{rows} of {rows} rows<', dom)


@needs_chromium
def test_rows_are_narrowed_by_outcome_in_a_browser(page: str, tmp_path: Path) -> None:
    refused = len(re.findall('<article [^>]*data-outcome="refused"', page))
    rows = page.count('<article class="row"')

    dom = _opened(page.replace("<option>refused<", "<option selected>refused<"), tmp_path)

    assert 0 < refused < rows
    assert re.search(rf'id="shown"[^>]*>{refused} of {rows} rows<', dom)


def test_every_figure_says_in_words_what_it_shows(page: str) -> None:
    labels = re.findall(r'<figure role="img" aria-label="([^"]+)"', page)
    assert len(labels) == 3
    # 12 scores, none failed; what the numbers are is the fakes' doing
    assert labels[0].startswith("12 scores from ")
    assert labels[0].endswith("0 trials failed")


def test_the_ledger_holds_what_no_trial_paid_for_by_stage_and_by_whose_it_was(
    tmp_path: Path,
) -> None:
    run = make_run(tmp_path, trials=2)
    study = SearchStudy(
        run / "study.db", name="small", space={}, sampler="random", startup_trials=1, seed=0
    )
    proposals = StageStore(run / "stages", ledger=Ledger(), maker=f"{study.identity}/proposals")
    study.close()
    proposals.run(
        "propose",
        inputs={},
        compute=lambda _: {},
        codec=TypeAdapter(dict[str, str]),
        cost=lambda _: Cost(output_tokens=1_234_567),
    )

    view = view_run(run)
    found = ledger_section(view.ledger)

    tokens = found.columns.index("output tokens")
    cells = {line.name: line.cells[tokens] for line in (*found.by_stage, *found.by_trial)}
    assert cells["propose"] == cells["proposals"] == "1,234,567"
    of_trials = [int(cells[f"trial {number}"].replace(",", "")) for number in range(2)]
    assert cells["spent in all"] == f"{1_234_567 + sum(of_trials):,}"
    assert min(of_trials) > 0
    assert report_html(view).count("1,234,567") == 2


def test_problems_won_show_both_answers_and_sealed_ones_are_never_shown(page: str) -> None:
    problems = section(page, "problems")

    # the baseline passes none of 20, a careful recipe as many as it has right examples
    assert re.search(r"12 won, 0 lost, 0 passed by both, 8 by neither", problems)
    assert "Twice x (search 0)." in problems
    assert '<pre dir="ltr">x - x</pre>' in problems
    assert '<pre dir="ltr">x + x</pre>' in problems
    assert "sealed-" not in page


def test_the_prompt_is_shown_as_what_was_added_to_the_baselines(page: str) -> None:
    prompt = section(page, "prompt")

    assert "<ins>Be careful." in prompt
    assert "Translate the Python function to Lean 4." in prompt


def test_a_half_finished_study_says_how_far_it_is(tmp_path: Path) -> None:
    page = report_html(view_run(make_run(tmp_path, trials=2, failed=1, running=1)))

    assert "Not finished: 2 of 6 trials scored, 1 failed, 1 running." in page
    assert "too few trials: 2 scored, at least 10 are needed" in page
    assert "1 × <span" in section(page, "trials")


def test_a_study_that_has_its_trials_and_no_verdict_says_what_is_missing(tmp_path: Path) -> None:
    view = view_run(make_run(tmp_path, trials=6))

    assert standing(view) == (
        "Not finished: 6 of 6 trials scored; the winner is still to be judged."
    )


def test_rungs_are_drawn_where_there_are_any_and_pruned_trials_have_no_score(
    tmp_path: Path,
) -> None:
    run = make_run(tmp_path, trials=1, running=2)
    study = optuna.load_study(study_name="small", storage=f"sqlite:///{run / 'study.db'}")
    for number, values in ((1, (0.1,)), (2, (0.2, 0.4))):
        trial = optuna.Trial(study, study.trials[number]._trial_id)
        for step, value in enumerate(values):
            trial.report(value, step)
    study.tell(1, state=optuna.trial.TrialState.PRUNED)

    page = report_html(view_run(run))

    assert "1 of 6 trials scored, 1 pruned, 1 running" in page
    assert 'aria-label="2 trials on 2 rungs; 1 pruned"' in page


def test_a_study_without_a_score_is_one_clear_line(tmp_path: Path) -> None:
    run = make_run(tmp_path, trials=0, failed=3)
    view = view_run(run)

    page = report_html(view)
    printed = CliRunner().invoke(_app(), [str(run)]).output

    line = "No trial has ended with a score yet: 0 of 6 trials scored, 3 failed. 3 times: select:"
    assert line in page
    assert printed.count("No trial has ended with a score yet") == 1
    assert "Trials" not in printed
    assert '<article class="row"' in page  # what they failed on can be read


def test_a_study_that_has_only_begun_has_a_page(tmp_path: Path) -> None:
    page = report_html(view_run(make_run(tmp_path, trials=0, running=1)))

    assert "0 of 6 trials scored, 1 running" in page
    assert "No stage has ended yet." in page


@pytest.mark.parametrize(
    ("file", "notice"),
    [
        ("study.yaml", "the study file cannot be read"),
        ("final.json", "final.json is damaged or another version&#39;s"),
    ],
)
def test_a_damaged_file_is_named_and_the_rest_is_shown(run: Path, file: str, notice: str) -> None:
    (run / file).write_text("{ broken: [", encoding="utf-8")

    page = report_html(view_run(run))

    assert notice in page
    assert page.count('<article class="row"') > 0


def test_a_damaged_stage_is_named_and_not_believed(run: Path) -> None:
    for rows in (run / "stages" / "check").glob("*/rows.jsonl"):
        rows.write_text(rows.read_text(encoding="utf-8")[:-40], encoding="utf-8")

    page = report_html(view_run(run))

    assert "stage check: cannot be read (its hash is not the manifest&#39;s)" in page
    assert "no trial has rows that can be read" in page


def test_without_its_stages_a_run_still_has_its_scores(run: Path) -> None:
    shutil.rmtree(run / "stages")

    page = report_html(view_run(run))

    assert "stage evaluate: cannot be read (it is not there)" in page
    assert "3 scores from" in page


@pytest.mark.parametrize("spoilt", [b"", b"not a database at all" * 300])
def test_a_study_that_cannot_be_read_is_one_line(run: Path, spoilt: bytes) -> None:
    (run / "study.db").write_bytes(spoilt)

    with pytest.raises(StudyNotFound, match="no study that can be read") as caught:
        view_run(run)
    assert "\n" not in str(caught.value)


def test_the_command_prints_the_page_last_and_changes_nothing_else(run: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file()}

    answer = CliRunner().invoke(_app(), [str(run)])

    assert answer.exit_code == 0, answer.output
    assert answer.output.splitlines()[-1] == f"report      {run / 'report.html'}"
    after = {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file()}
    assert set(after) - set(before) == {run / "report.html"}
    assert {path: after[path] for path in before} == before


def test_a_page_can_be_written_elsewhere_and_a_bad_place_is_named(
    run: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "new" / "page.html"
    assert CliRunner().invoke(_app(), [str(run), "--html", str(elsewhere)]).exit_code == 0
    assert elsewhere.exists()

    bad = run / "study.db" / "page.html"
    answer = CliRunner().invoke(_app(), [str(run), "--html", str(bad)])

    assert "cannot be written" in str(answer.exception)


def _opened(page: str, folder: Path) -> str:
    file = folder / "report.html"
    file.write_text(page, encoding="utf-8")
    return dom_of(file)


def _app() -> object:
    from search.cli import _single
    from search.commands.report import report

    return _single(report)
