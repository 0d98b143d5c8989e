"""`outerloop search --dry-run`: what a search would do and cost, before the first token.

Nothing is run and nothing written. Rates come from the stages that earlier runs left in this run
folder, in the folders beside it and in `--stages-dir`; what no run has measured is assumed, and
every line says which.
"""

from __future__ import annotations

import os
from pathlib import Path

from engines import environment
from engines.errors import first_line
from evaluators.words import counted
from search.driver.plan import MAY_CHANGE, Search
from search.errors import StudyError, StudyNotFound
from search.forecast.estimate import dollars
from search.forecast.outlook import Outlook, free_bytes, outlook, size
from search.forecast.rates import Rates
from search.materials.gathering import Materials, gather
from search.recipes.space import baseline_parameters, distributions, recipe_of
from search.runs.folder import RunFolder
from search.runs.location import StudyHome
from search.settings.changes import allowed, changes, refuse_changes
from search.settings.study import StudySettings, flat_settings
from search.spending.budgets import require_price
from search.study.made_from import refuse_other_sources, sources_of, version_lines, versions
from search.study.records import StoredStudy, TrialRecord, read_records, read_study
from search.study.storage import refuse_another
from search.trial.machines import real_parts

_SECONDS = 5.0


def dry_run_lines(search: Search) -> list[str]:
    """What a search would do, after checking all that can be checked before the first token.

    Raises:
        StudyError: the study could not start.
    """
    settings = search.settings
    materials = gather(settings)
    checked = (search.parts or real_parts()).require(settings)
    require_price(settings)
    space = distributions(settings.recipe)
    first = baseline_parameters(settings.baseline, settings.recipe)
    recipe = recipe_of(first, settings.recipe, materials.demos)
    trainer, at_once = settings.resources.trainer, settings.search.concurrent_trials
    return [
        f"study       {settings.name}, student {settings.student}, seed {settings.seed}",
        *folder_lines(search, materials),
        f"contexts    {len(materials.contexts)} from {settings.contexts.path}",
        f"problems    {len(materials.search_problems)} search, "
        f"{len(materials.sealed_problems)} sealed",
        f"space       {counted(len(space), 'parameter')}: {', '.join(space)}",
        f"baseline    {recipe.instruction}",
        f"trials      {settings.search.trials}, {at_once} at a time, {settings.search.sampler}",
        f"resources   {trainer.cpus:g} CPU and {trainer.gpus:g} GPU a trainer, {_lean(settings)}",
        *settings.proposals.lines(settings.recipe.growing, trials=settings.search.trials),
        *_estimate_lines(search, materials),
        *checked,
        *place_lines(search.run_dir),
        "dry run     nothing was run, nothing was written; Ray was not started",
    ]


def _lean(settings: StudySettings) -> str:
    server = settings.resources.lean.server
    return f"Lean at {server}" if server else f"{settings.resources.lean_workers} Lean workers"


def _estimate_lines(search: Search, materials: Materials) -> list[str]:
    found = outlook(
        search.settings,
        materials,
        _past(search),
        run_dir=search.run_dir,
        stages_dir=search.stages_dir,
    )
    _, free = free_bytes(search.run_dir)
    return [
        *_sum_lines(found),
        *_rate_lines(found.rates),
        f"disk        about {size(found.expected.disk_bytes)}; {size(free)} free",
        *found.told.lines(),
        *found.warnings,
    ]


def _sum_lines(found: Outlook) -> list[str]:
    expected, total = found.expected, found.expected.total
    fresh = ", the finalists' fresh runs" if expected.finalists.seconds else ""
    before = f", {found.scored} scored so far for {dollars(found.spent)}" if found.scored else ""
    gpus = f", {total.gpu_seconds / 3600:.1f} h of GPUs" if total.gpu_seconds else ""
    return [
        f"left        {counted(expected.trials_left, 'trial')}{fresh} and the final "
        f"comparison{before}",
        f"time        about {_duration(expected.hours)}, {total.seconds / 3600:.1f} h of stages"
        f"{gpus}; a trial {expected.trial.seconds:,.0f} s",
        f"tokens      about {total.input_tokens:,} in and {total.output_tokens:,} out",
        f"money       about {dollars(total)} ({found.price or 'state generator.price'})",
        f"checks      about {total.checks:,}",
    ]


def _rate_lines(rates: Rates) -> list[str]:
    return [f"rate        {stage:<9} {rate}" for stage, rate in rates.by_stage().items()]


def _past(search: Search) -> list[TrialRecord]:
    """The trials of a study that is there already, in the run folder or in its database."""
    try:
        home = StudyHome.of(search.settings, RunFolder(search.run_dir))
        return read_records(home.place, search.settings.name)
    except StudyNotFound:
        return []


def _duration(hours: float) -> str:
    return f"{hours:.1f} h" if hours >= 1 else f"{hours * 60:.0f} min"


def folder_lines(search: Search, materials: Materials) -> list[str]:
    """The run folder, and what changed since its study was begun.

    Args:
        search: the search that would be run.
        materials: what its files hold now, the student apart.

    Raises:
        StudyExists: it holds a study of another name.
        StudyChanged: it holds a study that was made from other settings, files or weights.
        StudyNotFound: what it holds cannot be read.
    """
    folder = RunFolder(search.run_dir)
    home = StudyHome.of(search.settings, folder)
    line = f"run folder  {folder.path}"
    try:
        stored = read_study(home.place)
    except StudyNotFound:
        if folder.has_study():
            raise
        return [line + (" (exists)" if folder.path.exists() else "")]
    refuse_another([stored.name], home.place, name=search.settings.name)
    return [
        f"{line} (holds this study; --resume goes on with it)",
        *_changed(stored, search, materials),
    ]


def _changed(stored: StoredStudy, search: Search, materials: Materials) -> list[str]:
    if not stored.settings:  # killed before it was tied to a file
        return []
    found = changes(stored.settings, flat_settings(search.settings))
    refuse_changes(stored.name, found, may_change=MAY_CHANGE)
    checked_by = (search.parts or real_parts()).checked_by(search.settings)
    sources = sources_of(search.settings, materials, checked_by=checked_by)
    refuse_other_sources(stored.name, stored.made_from, sources)
    return [
        *(f"changed     {one}; earlier scores stay valid" for one in allowed(found, MAY_CHANGE)),
        *version_lines(stored.made_with, versions()),
    ]


def place_lines(run_dir: Path) -> list[str]:
    """What a dry run says of the places.

    Raises:
        StudyError: the run folder cannot be made or written.
    """
    require_writable(run_dir)
    return [f"checked     run folder: {run_dir} can be written", *_mlflow_lines()]


def require_writable(folder: Path) -> None:
    """Check that a folder can be written, or made.

    Raises:
        StudyError: it cannot.
    """
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise StudyError(f"{there} is a file, and no folder can be made there; choose another")
    if not os.access(there, os.W_OK | os.X_OK):
        raise StudyError(f"{there} cannot be written by this user; choose another folder")


def _mlflow_lines() -> list[str]:
    address = environment.mlflow_tracking_uri()
    if address is None or not address.startswith(("http://", "https://")):
        return []
    import httpx

    where = "MLflow: the server that MLFLOW_TRACKING_URI names"
    try:
        answer = httpx.get(f"{address.rstrip('/')}/health", timeout=_SECONDS)
        reason = "" if answer.status_code < 500 else f"it answers {answer.status_code}"
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        reason = first_line(str(error)) if str(error) else type(error).__name__
    if not reason:
        return [f"checked     {where}: it answers"]
    return [
        f"WARNING     {where} does not answer ({reason}); a search runs without it, and the next "
        "run with --resume logs what is missing"
    ]
