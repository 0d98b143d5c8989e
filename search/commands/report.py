"""`outerloop report`: what a search found, live or finished, as text and as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engines import environment
from search.errors import StudyError, StudyNotFound

if TYPE_CHECKING:
    from search.console import Console
    from search.runs.sweep_folder import SweepFolder


def report(
    study: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="A folder that a search, a sweep or an evaluation wrote, or the study file of a "
            "search in runs/.",
        ),
    ],
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The HTML file to write.  [default: report.html in the run folder]",
        ),
    ] = None,
    stages_dir: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="The search's stage store.  [default: in the run folder]"
        ),
    ] = None,
) -> None:
    """Read a search: trials, proxies, knobs, prompt, rows, problems, ledger. Or an evaluation.

    outerloop report runs/embedded

    Changes nothing in the study, so it can be asked while the search runs. Of a sweep folder it
    reads every run and prints the transfer table; of a folder that `outerloop evaluate` wrote, the
    stages and every problem with answer and verdict.
    """
    environment.prepare()
    from search.console import Console
    from search.evaluate.view import is_evaluation
    from search.runs.named_run import run_dir
    from search.runs.sweep_folder import SweepFolder

    folder, console = run_dir(study), Console()
    sweep = SweepFolder(folder)
    if sweep.is_sweep:
        if html is not None:
            raise StudyError(
                f"{folder} is a sweep with a page for each student; name a run in it for --html"
            )
        _report_sweep(sweep, console)
    elif is_evaluation(folder):
        _report_evaluation(folder, html or folder / "report.html", console)
    else:
        _report_run(folder, html or folder / "report.html", stages_dir, console)


def _report_run(folder: Path, page: Path, stages_dir: Path | None, console: Console) -> None:
    from search.report.page import report_html
    from search.report.run_view import view_run
    from search.report.terminal import report_text
    from search.runs.folder import RunFolder
    from search.runs.location import settle_if_possible

    view = view_run(folder, stages_dir=stages_dir)
    settle_if_possible(RunFolder(folder))
    for part in report_text(view):
        console.print(
            part,
        )
    _write(page, report_html(view))
    console.print(f"report      {page}")


def _report_evaluation(folder: Path, page: Path, console: Console) -> None:
    from search.evaluate.page import evaluation_html, evaluation_text
    from search.evaluate.view import view_evaluation

    view = view_evaluation(folder)
    for part in evaluation_text(view):
        console.print(
            part,
        )
    _write(page, evaluation_html(view))
    console.print(f"report      {page}")


def _report_sweep(sweep: SweepFolder, console: Console) -> None:
    from search.comparisons.transfer_table import transfer_lines
    from search.report.page import report_html
    from search.report.run_view import standing, view_run
    from search.runs.folder import RunFolder
    from search.runs.location import settle_if_possible
    from search.runs.sweep_folder import read_transfer

    for run in sweep.runs():
        try:
            view = view_run(run)
            settle_if_possible(RunFolder(run))
        except StudyNotFound as error:
            console.print(f"{run.name}: {error}")
            continue
        _write(run / "report.html", report_html(view))
        console.print(f"{run.name}: {standing(view)}")
        console.print(f"report      {run / 'report.html'}")
    transfer = read_transfer(sweep.table)
    lines = (
        transfer_lines(transfer) if transfer else ["no transfer table yet; sweep with --resume"]
    )
    for line in lines:
        console.print(line)


def _write(page: Path, text: str) -> None:
    from stores.content import write_atomically

    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(page, text)
    except OSError as error:
        raise StudyError(
            f"{page}: cannot be written ({error.strerror}); name another with --html PATH"
        ) from error
