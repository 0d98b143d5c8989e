"""`outerloop search --dry-run`: what a search would do and cost, before the first token.

Nothing is run and nothing written. Rates come from the stages that earlier runs left in this run
folder, in the folders beside it and in `--stages-dir`; what no run has measured is assumed, and
every line says which.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path

from evaluators.judge import PROMPT
from search.begun import folder_lines
from search.errors import StudyNotFound
from search.generation.prices import Price, is_local, price_of
from search.generation.weights import fingerprint_of
from search.materials.contexts import Context
from search.materials.gathering import Materials, gather
from search.money.estimate import Estimate, Sizes, dollars, estimate, reaches
from search.money.ledger import Cost
from search.money.rates import ASSUMED, Rate, Rates, measure
from search.money.spending import require_price
from search.money.table import study_ledger
from search.run_folder import RunFolder
from search.runner import Search
from search.study.recipe import Recipe
from search.study.records import State, TrialRecord, read_records
from search.study.resolution import budget_warnings, resolution
from search.study.settings import StudySettings
from search.study.space import baseline_parameters, distributions, recipe_of
from search.trials.workshop import real_parts

_REPLY_SECONDS = 5.0
"""Assumed for one reply of an endpoint that nobody has measured."""
_TURN_BYTES = 16
_FORM_BYTES = 2_000
"""What DSPy's chat form puts around an endpoint's prompt, generously."""


def dry_run_lines(search: Search) -> list[str]:
    """What a search would do, after checking all that can be checked before the first token.

    Raises:
        StudyError: the study could not start.
    """
    settings = search.settings
    materials = gather(settings)
    (search.parts or real_parts()).require(settings)
    require_price(settings)
    space = distributions(settings.recipe)
    first = baseline_parameters(settings.baseline, settings.recipe)
    recipe = recipe_of(first, settings.recipe, materials.demos)
    trainer, at_once = settings.resources.trainer, settings.search.concurrent_trials
    return [
        f"study       {settings.name}, student {settings.student}, seed {settings.seed}",
        *folder_lines(search),
        f"contexts    {len(materials.contexts)} from {settings.contexts.path}",
        f"problems    {len(materials.search_problems)} search, "
        f"{len(materials.sealed_problems)} sealed",
        f"space       {len(space)} parameters: {', '.join(space)}",
        f"baseline    {recipe.instruction}",
        f"trials      {settings.search.trials}, {at_once} at a time, {settings.search.sampler}",
        f"resources   {trainer.cpus:g} CPU and {trainer.gpus:g} GPU a trainer, "
        f"{settings.resources.lean_workers} Lean workers",
        *settings.proposals.lines(settings.recipe.growing, trials=settings.search.trials),
        *_estimate_lines(search, materials, recipe),
        "dry run     nothing was run, nothing was written",
    ]


def _estimate_lines(search: Search, materials: Materials, recipe: Recipe) -> list[str]:
    settings = search.settings
    records = _past(search)
    scored = sum(record.outcome is not None for record in records)
    pruned = sum(record.state is State.PRUNED for record in records)
    left = max(0, settings.search.trials - scored - pruned)
    sizes = Sizes(
        contexts=len(materials.contexts),
        search_problems=len(materials.search_problems),
        sealed_problems=len(materials.sealed_problems),
        trials_left=left,
    )
    price = price_of(settings.generator.model, settings.generator.price)
    rates = measure(
        _stores(search),
        settings,
        generator=fingerprint_of(settings.generator.model, settings.generator.api_base),
        student_sha256=materials.student_sha256,
        assumed=_assumed(settings, recipe, materials.contexts),
    )
    expected = estimate(settings, rates, sizes, price=price)
    spent = study_ledger(records).spent
    told = resolution(
        records,
        search_problems=sizes.search_problems,
        sealed_problems=sizes.sealed_problems,
        seeds=settings.search.final_seeds,
    )
    caps = reaches(settings.budget, expected, spent)
    warnings = [*budget_warnings(caps, trials_left=left), *told.warnings()]
    return [
        *_sum_lines(expected, spent, price, scored=scored),
        *_rate_lines(rates),
        *_disk_lines(search.run_dir, expected, warnings),
        *told.lines(),
        *warnings,
    ]


def _sum_lines(expected: Estimate, spent: Cost, price: Price | None, *, scored: int) -> list[str]:
    total = expected.total
    fresh = ", the finalists' fresh runs" if expected.finalists.seconds else ""
    before = f", {scored} scored so far for {dollars(spent)}" if scored else ""
    return [
        f"left        {expected.trials_left} trials{fresh} and the final comparison{before}",
        f"time        about {_duration(expected.hours)}, {total.seconds / 3600:.1f} h of stages; "
        f"a trial {expected.trial.seconds:,.0f} s",
        f"tokens      about {total.input_tokens:,} in and {total.output_tokens:,} out",
        f"money       about {dollars(total)} ({price or 'state generator.price'})",
        f"Lean        about {total.lean_checks:,} checks",
    ]


def _rate_lines(rates: Rates) -> list[str]:
    return [f"rate        {stage:<9} {rate}" for stage, rate in rates.by_stage().items()]


def _disk_lines(run_dir: Path, expected: Estimate, warnings: list[str]) -> list[str]:
    there = next(folder for folder in [run_dir, *run_dir.resolve().parents] if folder.exists())
    free = shutil.disk_usage(there).free
    if expected.disk_bytes > free:
        warnings.append(
            f"WARNING     {there} has {_bytes(free)} free, the study takes about "
            f"{_bytes(expected.disk_bytes)}; make room or give another --run-dir"
        )
    return [f"disk        about {_bytes(expected.disk_bytes)}; {_bytes(free)} free"]


def _past(search: Search) -> list[TrialRecord]:
    """The trials of a study that is there already."""
    try:
        found = RunFolder(search.run_dir).existing_study()
        return read_records(found, search.settings.name)
    except StudyNotFound:
        return []


def _stores(search: Search) -> list[Path]:
    """This run's store first, then those of the runs beside it."""
    beside = search.run_dir.parent
    others = sorted(beside.glob("*/stages")) if beside.is_dir() else []
    return list(dict.fromkeys([*([search.stages_dir] if search.stages_dir else []), *others]))


def _assumed(settings: StudySettings, recipe: Recipe, contexts: Sequence[Context]) -> Rates:
    """`ASSUMED` with tokens that cannot be more: a byte a token, and every reply at its limit."""
    shown = sum(
        len(text.encode()) + _TURN_BYTES
        for demo in recipe.demos
        for text in (demo.python, demo.docstring_in, demo.docstring, demo.lean)
    )
    asked = sum(len((one.python + one.docstring).encode()) for one in contexts)
    local = is_local(settings.generator.model)
    form = _TURN_BYTES if local else _FORM_BYTES
    seconds = ASSUMED.generate.seconds
    if not local:
        seconds = _REPLY_SECONDS / settings.generator.concurrent_calls
    generate = dataclasses.replace(
        ASSUMED.generate,
        seconds=seconds,
        input_tokens=len(recipe.instruction.encode())
        + shown
        + asked / max(1, len(contexts))
        + form,
        output_tokens=settings.generator.max_new_tokens,
    )
    return dataclasses.replace(ASSUMED, generate=generate, judge=_assumed_judge(settings))


def _assumed_judge(settings: StudySettings) -> Rate | None:
    """A row is a reply of the generator's, and an answer as long as it may be."""
    if settings.judge is None:
        return None
    lm = settings.judge.lm
    return Rate(
        "row",
        _REPLY_SECONDS / lm.concurrent_calls,
        input_tokens=len(PROMPT.encode()) + _TURN_BYTES + settings.generator.max_new_tokens,
        output_tokens=lm.max_new_tokens,
        stage_bytes=100_000,
    )


def _duration(hours: float) -> str:
    return f"{hours:.1f} h" if hours >= 1 else f"{hours * 60:.0f} min"


def _bytes(number: float) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"
