"""`outerloop sweep`: a search for each of several students, and the transfer table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engines import environment


def sweep(  # noqa: PLR0913 - a command's options are its parameters
    study: Annotated[
        Path, typer.Argument(metavar="STUDY.yaml", help="The study file.", show_default=False)
    ],
    student: Annotated[
        list[str],
        typer.Option(
            metavar="STUDENT",
            help="Base model, in place of the study's; repeatable.",
            show_default=False,
        ),
    ],
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the sweep if it was begun before.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, run nothing, spend nothing.")
    ] = False,
    trials: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Scores to reach in each study.")
    ] = None,
    best: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, max=100, help="Best recipes of each student in the table."
        ),
    ] = 2,
    seeds: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=64,
            help="Fresh fine-tunes of each cell.  [default: search.final_seeds]",
        ),
    ] = None,
    money: Annotated[
        float | None,
        typer.Option(
            metavar="DOLLARS",
            min=1e-6,
            help="US dollars for the whole sweep, dealt out to the students.",
        ),
    ] = None,
    tokens: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Tokens, likewise, of language models.")
    ] = None,
    checks: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Programs that Lean is asked about, likewise."),
    ] = None,
    hours: Annotated[
        float | None,
        typer.Option(metavar="HOURS", min=1e-6, help="Hours that a driver runs, likewise."),
    ] = None,
    sweep_dir: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Sweep folder, or the address of a copy: s3://…  "
            "[default: runs/<study name>-sweep]",
        ),
    ] = None,
    mirror: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Address of a copy of the sweep folder, where --sweep-dir is a folder.",
        ),
    ] = None,
) -> None:
    """Search for each student's best recipe, and measure how far each carries to the others.

    outerloop sweep STUDY.yaml --student embedded:student-a --student embedded:student-b

    Each student gets a study of its own. What they generate is shared. The transfer table (best
    recipes × students) uses fresh seeds and the search problems; the sealed ones stay sealed.
    A budget in the study file is each student's; --money and the like are caps over the sweep.
    Killed? The same command with --resume goes on.
    """
    environment.prepare()
    from engines.settings import BudgetSettings
    from search.console import Console
    from search.runs.copy import split_run_dir
    from search.runs.folder import RUNS
    from search.settings.file import load_study, with_overrides
    from search.sweep.copy import sweep_kept_in
    from search.sweep.sweep import Sweep, run_sweep, sweep_dry_run_lines

    settings = with_overrides(load_study(study), trials=trials)
    default = RUNS / f"{settings.name}-sweep"
    folder, copy = split_run_dir(sweep_dir, default=default, copy=mirror)
    plan = Sweep(
        settings=settings,
        study_text=study.read_text(encoding="utf-8"),
        students=tuple(student),
        folder=folder,
        best=best,
        seeds=seeds,
        budget=BudgetSettings(money=money, tokens=tokens, checks=checks, hours=hours),
        resume=resume,
    )
    console = Console()
    if dry_run:
        if copy is not None:
            copy.read()  # it answers, or this says why not
        for line in sweep_dry_run_lines(plan):
            console.print(line)
        return
    with sweep_kept_in(copy, plan, console=console):
        run_sweep(plan, console=console)
