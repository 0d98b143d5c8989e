from __future__ import annotations

import dataclasses
import io
import unicodedata
from pathlib import Path

from hypothesis import example, given, settings
from markupsafe import escape

from engines.ledger import Cost, StageCost
from search.console import Column, Console, complain, table
from search.driver.search import _print_trials
from search.recipes.pool import PoolArm
from search.report.ledger import ledger_table
from search.report.page import report_html
from search.report.ranking import proxies_table
from search.report.recipes import arms_table
from search.report.run_view import view_run
from search.report.terminal import final_lines, refusal_lines, trials_table
from search.report.trial_pages import fenced
from search.study.ledger import study_ledger
from search.study.records import State, TrialRecord
from search.tracking.tracker import _parameter
from search.untrusted_text import visible
from tests.search_tests.eng2lean import TASK
from tests.search_tests.outcomes import outcome_of
from tests.search_tests.report.test_report import final_of
from tests.search_tests.small_run import make_run
from tests.search_tests.texts import HOSTILE, texts

WIDE = 10_000
HIDDEN = {"Cc", "Cf", "Cs"}


def written(*parts: object, width: int = WIDE, terminal: bool = False) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, terminal=terminal)
    for part in parts:
        console.print(part)
    return stream.getvalue()


def squeezed(text: str) -> str:
    """A text without white space: tables pad, and tabs become spaces."""
    return "".join(text.split())


def trial(text: str, *, number: int = 0, score: int | None = 4) -> TrialRecord:
    """A trial of a recipe whose clause says this."""
    parameters = {
        "clause.style": text,
        "demo_set": "none",
        "temperature": 0.5,
        "attempts": 1,
        "filter": "compiles",
        "keep_docstring": False,
    }
    outcome = None if score is None else outcome_of(score)
    state, error = (State.FAILED, text) if score is None else (State.COMPLETE, "")
    lines = (StageCost(" ".join(text.split()), "k", False, Cost(seconds=1.0)),)
    return TrialRecord(number, state, parameters, outcome, error, lines, 2, {text: 1})


@settings(deadline=None)
@given(texts)
def test_a_line_shows_every_text_as_it_was_written(text: str) -> None:
    assert squeezed(written(text)) == squeezed(visible(text))


@settings(deadline=None)
@given(texts)
def test_a_cell_and_a_title_show_every_text_as_it_was_written(text: str) -> None:
    made = table([Column("a"), Column("b", "left", folds=True)], [("x", text)], title=text)

    assert squeezed(visible(text)) in squeezed(written(made))


@settings(deadline=None)
@given(texts)
def test_nothing_that_is_printed_or_shown_moves_a_cursor_or_turns_a_line(text: str) -> None:
    shown = [written(text), visible(text), fenced(visible(text)), _parameter(text)]

    for character in "".join(shown):
        assert character in "\n\t" or unicodedata.category(character) not in HIDDEN


@settings(deadline=None)
@given(texts)
def test_every_table_and_note_of_a_study_holds_what_its_clauses_and_failures_say(
    text: str,
) -> None:
    records = [trial(text), trial(text, number=1, score=None)]
    arms = {"clause.style": (PoolArm(0, text, origin=text),)}

    shown = written(trials_table(records), *arms_table(records, arms))
    ledger = written(ledger_table(study_ledger(records)), proxies_table(records))
    lines = written(*refusal_lines(records, TASK), *final_lines(final_of([True] * 9, [False] * 9)))

    assert squeezed(visible(text)) in squeezed(shown)
    assert squeezed(visible(" ".join(text.split()))) in squeezed(ledger)
    assert squeezed(visible(text)) in squeezed(lines)


def test_a_page_holds_every_text_and_no_character_that_nobody_sees(tmp_path: Path) -> None:
    run = make_run(tmp_path, trials=1)
    view = view_run(run)
    records = [
        dataclasses.replace(trial(text), number=number) for number, text in enumerate(HOSTILE)
    ]
    failed = [trial(text, number=90 + place, score=None) for place, text in enumerate(HOSTILE)]
    strange = dataclasses.replace(
        view, study=HOSTILE[6], student=HOSTILE[7], records=(*records, *failed), notices=HOSTILE
    )

    page = report_html(strange)

    for text in HOSTILE:
        assert squeezed(str(escape(visible(text)))) in squeezed(page)
    assert not {one for one in page if unicodedata.category(one) in HIDDEN} - {"\n", "\t"}
    assert "&lt;b&gt;" in page


@settings(deadline=None)
@given(texts)
@example(HOSTILE[0])
def test_the_end_of_the_trials_is_told_whatever_the_recipes_say(text: str) -> None:
    stream = io.StringIO()

    _print_trials([trial(text)], 0, TASK, Console(file=stream, width=WIDE))

    assert squeezed(visible(text)) in squeezed(stream.getvalue())


@settings(deadline=None)
@given(texts)
def test_what_is_drawn_in_place_in_a_terminal_may_be_any_text(text: str) -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=80, terminal=True)

    board = console.board()
    board.start()
    board.show([text, text])
    board.stop()
    with console.bar(text, total=1) as bar:
        bar(1)


def test_a_mistake_is_one_line_whatever_it_repeats(capsys) -> None:
    for text in HOSTILE:
        complain(f"no such file: {text}")

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(HOSTILE)
    assert lines[0] == f"outerloop: no such file: {HOSTILE[0]}"
    assert lines[6].startswith("outerloop: no such file: ‹U+001B›[31mred")


def test_a_pipe_gets_lines_of_any_length_and_tables_as_wide_as_a_log() -> None:
    long = "word " * 100
    assert written(long, width=40).count("\n") == 1
    stream = io.StringIO()
    Console(file=stream).print(table([Column("a", "left", folds=True)], [("x" * 500,)]))
    assert max(map(len, stream.getvalue().splitlines())) == 120
