"""What is left of a study and what could go wrong with it, from its trials and from rates.

A dry run shows all of it; a search that begins shows the warnings. Nothing is run and nothing
written.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from engines.ledger import Cost
from engines.prices import Price, is_local, price_of
from engines.weights import fingerprint_of
from evaluators.proxies.judge import PROMPT
from search.forecast.estimate import Estimate, Sizes, estimate, reaches
from search.forecast.power import Resolution, budget_warnings, resolution
from search.forecast.rates import (
    ASSUMED,
    Rate,
    Rates,
    assumed_answer,
    assumed_reply,
    assumed_step,
    measure,
)
from search.materials.gathering import Materials
from search.recipes.recipe import Recipe
from search.recipes.space import baseline_parameters, recipe_of
from search.settings.study import StudySettings
from search.study.ledger import study_ledger
from search.study.records import State, TrialRecord

_REPLY_SECONDS = 5.0
"""Assumed for one reply of an endpoint that nobody has measured."""
_TURN_BYTES = 16
_FORM_BYTES = 2_000
"""What DSPy's chat form puts around an endpoint's prompt, generously."""


@dataclasses.dataclass(frozen=True, slots=True)
class Outlook:
    """What a study has still to do, at which rates, and what speaks against it."""

    expected: Estimate
    rates: Rates
    price: Price | None
    """Of the generator's tokens; None where nobody knows."""
    spent: Cost
    """By the trials so far."""
    scored: int
    told: Resolution
    warnings: tuple[str, ...]


def outlook(
    settings: StudySettings,
    materials: Materials,
    records: Sequence[TrialRecord],
    *,
    run_dir: Path,
    stages_dir: Path | None,
) -> Outlook:
    """Look at what is left after these trials.

    Args:
        settings: the study.
        materials: its contexts and problems.
        records: its trials so far.
        run_dir: its run folder; rates are measured there and in the run folders beside it.
        stages_dir: its stage store, where that is not in the run folder.
    """
    scored = sum(record.outcome is not None for record in records)
    pruned = sum(record.state is State.PRUNED for record in records)
    left = max(0, settings.search.trials - scored - pruned)
    sizes = Sizes(
        contexts=len(materials.contexts),
        search_problems=len(materials.search_problems),
        sealed_problems=len(materials.sealed_problems),
        trials_left=left,
    )
    first = baseline_parameters(settings.baseline, settings.recipe)
    recipe = recipe_of(first, settings.recipe, materials.demos)
    rates = measure(
        _stores(run_dir, stages_dir),
        settings,
        generator=fingerprint_of(settings.generator.model, settings.generator.api_base),
        student_sha256=materials.student_sha256,
        assumed=_assumed(settings, recipe, materials),
    )
    price = price_of(settings.generator.model, settings.generator.price)
    expected = estimate(settings, rates, sizes, price=price)
    spent = study_ledger(records).spent
    told = resolution(
        records,
        search_problems=sizes.search_problems,
        sealed_problems=sizes.sealed_problems,
        seeds=settings.search.final_seeds,
    )
    caps = budget_warnings(reaches(settings.budget, expected, spent), trials_left=left)
    warnings = (*caps, *_disk_warnings(run_dir, expected), *told.warnings())
    return Outlook(expected, rates, price, spent, scored, told, warnings)


def free_bytes(run_dir: Path) -> tuple[Path, int]:
    """The nearest folder that is there, and what is free on its disk."""
    there = next(folder for folder in [run_dir, *run_dir.resolve().parents] if folder.exists())
    return there, shutil.disk_usage(there).free


def size(number: float) -> str:
    """Bytes for a person."""
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"


def _disk_warnings(run_dir: Path, expected: Estimate) -> Iterable[str]:
    there, free = free_bytes(run_dir)
    if expected.disk_bytes > free:
        yield (
            f"WARNING     {there} has {size(free)} free, the study takes about "
            f"{size(expected.disk_bytes)}; make room or give another --run-dir"
        )


def _stores(run_dir: Path, stages_dir: Path | None) -> list[Path]:
    """This run's store first, then those of the runs beside it."""
    beside = run_dir.parent
    others = sorted(beside.glob("*/stages")) if beside.is_dir() else []
    return list(dict.fromkeys([*([stages_dir] if stages_dir else []), *others]))


def _assumed(settings: StudySettings, recipe: Recipe, materials: Materials) -> Rates:
    """`ASSUMED` for this study's models, with tokens that cannot be more.

    A byte is a token at most, and a reply as long as it may be.
    """
    contexts = materials.contexts
    shown = sum(
        len(text.encode()) + _TURN_BYTES
        for demo in recipe.demos
        for text in (*demo.inputs, *demo.outputs)
    )
    asked = sum(len("".join(context.inputs).encode()) for context in contexts)
    local = is_local(settings.generator.model)
    form = _TURN_BYTES if local else _FORM_BYTES
    if local:
        reply = assumed_reply(settings.generator)
    else:
        seconds = _REPLY_SECONDS / settings.generator.concurrent_calls
        reply = dataclasses.replace(ASSUMED.generate, seconds=seconds)
    generate = dataclasses.replace(
        reply,
        input_tokens=len(recipe.instruction.encode())
        + shown
        + asked / max(1, len(contexts))
        + form,
        output_tokens=settings.generator.max_new_tokens,
    )
    return Rates(
        generate=generate,
        check=ASSUMED.check,
        train=assumed_step(settings, materials.search_problems),
        evaluate=assumed_answer(settings),
        judge=_assumed_judge(settings),
    )


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
