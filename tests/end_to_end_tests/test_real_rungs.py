"""One trial with rungs on the real machines: a language model, Lean and a fine-tune."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from engines.ledger import Ledger, StageCost, spent
from evaluators.tasks import DEFAULT, task_named
from search.materials.gathering import gather
from search.recipes.space import baseline_parameters, recipe_of
from search.settings.file import load_study
from search.settings.study import RungSettings, StudySettings
from search.trial.machines import real_parts
from search.trial.outcome import KnownRows, TrialOutcome
from search.trial.plan import plan_for
from search.trial.rung_rules import ROWS, SHORT
from search.trial.rungs import climb
from search.trial.trial import run_trial
from search.trial.workshop import Workshop
from stores.stages import StageStore

ROOT = Path(__file__).parents[2]
RUNGS = RungSettings(contexts=8, max_steps=4, problems=6)


def small_settings() -> StudySettings:
    settings = load_study(ROOT / "examples" / "embedded.yaml")
    update = {
        "contexts": settings.contexts.model_copy(update={"limit": 20}),
        "problems": settings.problems.model_copy(update={"search_limit": 12, "sealed_limit": 4}),
        "training": settings.training.model_copy(update={"max_steps": 8, "min_examples": 4}),
        "resources": settings.resources.model_copy(update={"lean_workers": 1}),
    }
    return settings.model_copy(update=update)


@pytest.mark.lean
@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_real_trial_climbs_and_its_whole_rows_begin_with_those_of_the_rung(
    tmp_path: Path,
) -> None:
    settings, parts = small_settings(), real_parts()
    materials = gather(settings)
    first = baseline_parameters(settings.baseline, settings.recipe)
    recipe = recipe_of({**first, "temperature": 0.7}, settings.recipe, materials.demos)
    reported: dict[int, float] = {}
    lines: list[StageCost] = []
    with parts.checker(settings) as sandbox:
        plan = plan_for(
            settings,
            materials,
            checker=task_named(DEFAULT).checker_name(sandbox),
            checked_by=parts.checked_by(settings),
        )
        workshop = Workshop(parts.generator(settings), sandbox, parts.learner(settings, sandbox))

        def whole(root: Path, known: KnownRows = KnownRows()) -> TrialOutcome:  # noqa: B008 - frozen
            stages = StageStore(root, ledger=Ledger(lines.append))
            return run_trial(recipe, plan=plan, workshop=workshop, stages=stages, known=known)

        known = climb(
            recipe,
            plan=plan,
            rungs=RUNGS,
            workshop=workshop,
            stages=StageStore(tmp_path / "rungs", ledger=Ledger(lines.append)),
            report=reported.__setitem__,
        )
        climbed = whole(tmp_path / "rungs", known)
        asked = spent(lines)
        lines.clear()
        plain = whole(tmp_path / "plain")

    assert set(reported) == {ROWS, SHORT}
    assert len(known.written) == len(known.checked) == 8
    generated = [one for one in lines if one.stage == "generate"]
    assert asked.output_tokens == spent(generated).output_tokens  # no row was written twice
    assert climbed.stages == plain.stages  # and the rows, hence the fine-tune, are the same
    assert dataclasses.replace(climbed, proxies=()) == dataclasses.replace(plain, proxies=())
