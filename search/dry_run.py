"""`outerloop search --dry-run`: what a search would do and cost, before the first token."""

from __future__ import annotations

from search.materials import gather
from search.runner import Search
from search.space import baseline_parameters, distributions, recipe_of
from search.spending import require_price
from search.workshop import real_parts


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
        f"run folder  {search.run_dir}{' (exists)' if search.run_dir.exists() else ''}",
        f"contexts    {len(materials.contexts)} from {settings.contexts.path}",
        f"problems    {len(materials.search_problems)} search, "
        f"{len(materials.sealed_problems)} sealed",
        f"space       {len(space)} parameters: {', '.join(space)}",
        f"baseline    {recipe.instruction}",
        f"trials      {settings.search.trials}, {at_once} at a time, {settings.search.sampler}",
        f"resources   {trainer.cpus:g} CPU and {trainer.gpus:g} GPU a trainer, "
        f"{settings.resources.lean_workers} Lean workers",
        "dry run     nothing was run, nothing was written",
    ]
