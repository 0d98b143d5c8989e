"""`outerloop search --dry-run`: what a search would do and cost, before the first token.

Nothing is run and nothing written. Rates come from the stages that earlier runs left in this run
folder, in the folders beside it and in `--stages-dir`; what no run has measured is assumed, and
every line says which.
"""

from __future__ import annotations

from evaluators.words import counted
from search.driver.dry_run_of_begun import folder_lines
from search.driver.places import place_lines
from search.driver.plan import Search
from search.errors import StudyNotFound
from search.forecast.estimate import dollars
from search.forecast.outlook import Outlook, free_bytes, outlook, size
from search.forecast.rates import Rates
from search.materials.gathering import Materials, gather
from search.recipes.space import baseline_parameters, distributions, recipe_of
from search.runs.folder import RunFolder
from search.runs.location import StudyHome
from search.settings.study import StudySettings
from search.spending.budgets import require_price
from search.study.records import TrialRecord, read_records
from search.trial.machines import real_parts


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
