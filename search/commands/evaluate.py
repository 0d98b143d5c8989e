"""`outerloop evaluate`: one student, one benchmark, every stage's rate with its interval."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from engines import environment
from search.commands.native_options import (
    AllowImport,
    LeanKeyEnv,
    LeanServer,
    Project,
    ToolchainName,
)

FormName = Literal["outerloop", "verina", "clever", "humaneval-lean", "minif2f", "proofnet"]


def evaluate(  # noqa: PLR0913 - a command's options are its parameters
    benchmark: Annotated[
        str,
        typer.Option(
            metavar="BENCHMARK",
            help="Problems: embedded:NAME, a .jsonl file, or hf:NAME@COMMIT.",
            show_default=False,
        ),
    ],
    student: Annotated[
        str | None,
        typer.Option(
            metavar="STUDENT",
            help="Base model: embedded:NAME, a folder or a hub id.  [the adapter's]",
        ),
    ] = None,
    adapter: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Folder with fine-tuned weights, from a trial."),
    ] = None,
    form: Annotated[
        FormName, typer.Option(help="How the benchmark's rows are laid out.")
    ] = "outerloop",
    split: Annotated[
        str | None, typer.Option(metavar="NAME", help="Split of a hub benchmark.")
    ] = None,
    sha256: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="What the benchmark must hash to, or how that begins."),
    ] = None,
    learnt_from: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="File of what the student learnt from, to look for leaks; repeatable.",
        ),
    ] = None,
    leaks: Annotated[
        Literal["copies", "likely"],
        typer.Option(help="What stops: copies, or likely leaks too."),
    ] = "copies",
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="N problems; reading stops with the last."),
    ] = None,
    attempts: Annotated[
        int, typer.Option(metavar="N", min=1, help="Answers to each problem.")
    ] = 1,
    temperature: Annotated[
        float, typer.Option(metavar="NUMBER", min=0, max=2, help="0 is greedy.")
    ] = 0.0,
    max_new_tokens: Annotated[int, typer.Option(metavar="N", min=1, help="Longest answer.")] = 96,
    batch_size: Annotated[
        int, typer.Option(metavar="N", min=1, help="Problems answered at once.")
    ] = 64,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of the answers drawn.")] = 0,
    lean_workers: Annotated[
        int, typer.Option(metavar="N", min=1, help="Lean processes side by side.")
    ] = 2,
    project: Project = None,
    toolchain: ToolchainName = None,
    allow_import: AllowImport = None,
    lean_server: LeanServer = None,
    lean_key_env: LeanKeyEnv = None,
    run_dir: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Run folder.  [default: runs/evaluate-…]")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a stopped run.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count, look for leaks, time a few answers, stop.")
    ] = False,
) -> None:
    """Score a student on a benchmark, every stage apart, with intervals.

    outerloop evaluate --student embedded:student-a --benchmark embedded:search_problems

    Writes a record a problem (records.jsonl), summary.json, report.md, and manifest.json last.
    Killed? The same command with --resume asks no problem twice.
    """
    environment.prepare()
    from pydantic import ValidationError

    from evaluators.settings import EvaluationSettings
    from search.commands.native_options import chosen_lean
    from search.console import Console
    from search.errors import EvaluateError
    from search.evaluate.run import Request, dry_run_lines, evaluate_by_hand

    try:
        settings = EvaluationSettings(
            max_new_tokens=max_new_tokens,
            temperature=temperature,
            batch_size=batch_size,
            attempts=attempts,
        )
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise EvaluateError(said) from error
    request = Request(
        benchmark=benchmark,
        form=form,
        split=split,
        sha256=sha256,
        student=student,
        adapter=adapter,
        learnt_from=tuple(learnt_from or ()),
        likely_stops=leaks == "likely",
        limit=limit,
        settings=settings,
        seed=seed,
        lean_workers=lean_workers,
        lean=chosen_lean(
            project=project,
            toolchain=toolchain,
            allow_imports=allow_import,
            server=lean_server,
            api_key_env=lean_key_env,
        ),
        run_dir=run_dir,
        resume=resume,
    )
    console = Console()
    if dry_run:
        for line in dry_run_lines(request):
            console.print(line)
        return
    evaluate_by_hand(request, console=console, progress=Console(stderr=True))
