"""`outerloop search`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engines import environment


def search(  # noqa: PLR0913 - a command's options are its parameters
    study: Annotated[
        Path, typer.Argument(metavar="STUDY.yaml", help="The study file.", show_default=False)
    ],
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the study if it was begun before.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, run nothing, spend nothing.")
    ] = False,
    trials: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Scores to reach, in place of search.trials."),
    ] = None,
    student: Annotated[
        str | None,
        typer.Option(
            metavar="STUDENT",
            help="Base model, in place of the study's; it gets a study of its own.",
        ),
    ] = None,
    run_dir: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Run folder, or the address of a copy: s3://…  [default: runs/<study name>]",
        ),
    ] = None,
    mirror: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Address of a copy of the run folder, where --run-dir is a folder.",
        ),
    ] = None,
    stages_dir: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Stage store to share between studies.  [default: in the run folder]",
        ),
    ] = None,
) -> None:
    """Search for the recipe whose data make the student best, and freeze it.

    outerloop search examples/embedded.yaml

    Killed? The same command with --resume repeats no finished trial and no finished stage.
    """
    environment.prepare()
    from search.console import Console
    from search.driver.dry_run import dry_run_lines
    from search.driver.plan import Search
    from search.driver.search import run_search
    from search.runs.copy import kept_in, split_run_dir
    from search.runs.folder import RunFolder
    from search.settings.file import load_study, with_overrides

    settings = with_overrides(load_study(study), trials=trials, student=student)
    folder, copy = split_run_dir(run_dir, default=Path("runs") / settings.name, copy=mirror)
    plan = Search(
        settings=settings,
        study_text=study.read_text(encoding="utf-8"),
        run_dir=folder,
        stages_dir=stages_dir,
        resume=resume,
    )
    console = Console()
    if dry_run:
        if copy is not None:
            copy.read()  # it answers, or this says why not
        for line in dry_run_lines(plan):
            console.print(line)
        return
    kept = kept_in(copy, RunFolder(folder), stages_dir=stages_dir, resume=resume, console=console)
    with kept:
        run_search(plan, console=console)
