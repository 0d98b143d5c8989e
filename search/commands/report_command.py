"""`outerloop report`: what a search found, live or finished, as text and as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from search import environment
from search.commands.dashboard_command import run_dir
from search.errors import StudyError


def report(
    study: Annotated[
        Path,
        typer.Argument(metavar="STUDY", help="A run folder, or the study file of one in runs/."),
    ],
    html: Annotated[
        Path | None,
        typer.Option(help="The HTML file to write.  [default: report.html in the run folder]"),
    ] = None,
    stages_dir: Annotated[
        Path | None,
        typer.Option(help="The search's stage store.  [default: in the run folder]"),
    ] = None,
) -> None:
    """Read a search: its trials, proxies, knobs, prompt, rows, problems and ledger.

    outerloop report runs/embedded

    Changes nothing in the study, so it can be asked while the search runs.
    """
    environment.prepare()
    from search.report.page import report_html
    from search.report.run_view import view_run
    from search.report.terminal import terminal
    from search.report.text import report_text

    folder = run_dir(study)
    view = view_run(folder, stages_dir=stages_dir)
    console = terminal()
    for part in report_text(view):
        console.print(part, soft_wrap=isinstance(part, str), markup=False)
    page = html or folder / "report.html"
    _write(page, report_html(view))
    console.print(f"report      {page}", soft_wrap=True, markup=False)


def _write(page: Path, text: str) -> None:
    from search.run_folder import write_atomically

    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(page, text)
    except OSError as error:
        raise StudyError(
            f"{page}: cannot be written ({error.strerror}); name another with --html PATH"
        ) from error
