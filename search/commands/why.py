"""`outerloop why`: from a lost problem to the rows, prompt and contexts behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engines import environment
from search.errors import NoExplanation


def why(
    problem: Annotated[
        str | None,
        typer.Argument(
            metavar="PROBLEM", help="A search problem's id; without one the lost ones are listed."
        ),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Run folder, or the study file of one in runs/.  [default: the newest]",
        ),
    ] = None,
    trial: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Whose student.  [default: the best trial's]"),
    ] = None,
    rows: Annotated[
        int, typer.Option(metavar="N", min=1, max=1000, help="Rows of each kind to show.")
    ] = 3,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it to this file as JSON too.")
    ] = None,
    stages_dir: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="The search's stage store.  [default: the run's or its sweep's]"
        ),
    ] = None,
) -> None:
    """Follow a lost problem to the training rows nearest to it and where they come from.

    outerloop why PROBLEM --run runs/embedded

    Shows the answer and Lean's verdict, the prompt and demos of the trial, the nearest rows it was
    trained on and those it refused, and each row's context and contributor.
    """
    environment.prepare()
    from pydantic import TypeAdapter

    from search.console import Console
    from search.report.run_view import view_run
    from search.report.why import Explanation, explain, lost_problems
    from search.report.why_text import explanation_lines, lost_lines
    from search.runs.folder import RUNS
    from search.runs.named_run import newest_run, one_run
    from stores.content import write_atomically

    folder = one_run(run) if run else newest_run()
    if folder is None:
        raise NoExplanation(f"no run in {RUNS}/; name one with --run, or search first")
    console = Console()
    console.print(f"run folder  {folder}")
    view = view_run(folder, stages_dir=stages_dir)
    if problem is None:
        for line in lost_lines(lost_problems(view, trial=trial)):
            console.print(line)
        return
    found = explain(view, problem, trial=trial, rows=rows)
    for line in explanation_lines(found, view.task):
        console.print(line)
    if json is not None:
        try:
            write_atomically(
                json, TypeAdapter(Explanation).dump_json(found, indent=1).decode() + "\n"
            )
        except OSError as error:
            raise NoExplanation(
                f"{json}: cannot be written ({error.strerror}); name another with --json PATH"
            ) from error
