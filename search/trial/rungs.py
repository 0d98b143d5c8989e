"""The cheap steps of a trial: rows of a few contexts, then a short fine-tune on them.

Their stages lie in the same store as all others, under keys of their own. The rows of the first
rung are rows of the whole trial too: what was written and checked there is not asked for again. A
rung that cannot be measured says nothing and stops nobody; only the whole trial fails for too few
examples.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import cast

from search.materials.contexts import contexts_hash
from search.materials.problems import problems_hash
from search.recipes.recipe import Recipe
from search.settings.study import RungSettings
from search.trial.outcome import KnownRows
from search.trial.plan import TrialPlan
from search.trial.rows import examples_of, faithfulness, validity
from search.trial.rung_rules import ROWS, SHORT, RungRules
from search.trial.stages import check, evaluate, generate, train
from search.trial.trial import select
from search.trial.workshop import Workshop
from stores.content import JSONValue, fingerprint
from stores.stages import StageStore

Report = Callable[[int, float], None]
"""Told a step of `search.trial.rung_rules` and its value, of which more is better; does not return
where the trial is stopped."""

_SIGNALS = {"validity": validity, "faithfulness": faithfulness}


def small_plan(plan: TrialPlan, rungs: RungSettings) -> TrialPlan:
    """What the rungs of a study are measured on."""
    contexts = plan.contexts[: rungs.contexts]
    problems = plan.problems[: rungs.problems]
    share = len(contexts) / max(1, len(plan.contexts))
    return dataclasses.replace(
        plan,
        contexts=contexts,
        contexts_sha256=contexts_hash(contexts),
        problems=problems,
        problems_sha256=problems_hash(problems),
        training=plan.training.model_copy(update={"max_steps": rungs.max_steps}),
        min_examples=max(1, round(plan.min_examples * share)),
    )


def rules_of(rungs: RungSettings, plan: TrialPlan) -> RungRules:
    """Who goes on from a rung of a study with this plan."""
    small = small_plan(plan, rungs)
    made_from = {
        "contexts": small.contexts_sha256,
        "problems": small.problems_sha256,
        "training": cast("JSONValue", small.training.model_dump(mode="json")),
        "signal": rungs.signal,
    }
    return RungRules(
        reduction=rungs.reduction,
        control=rungs.control,
        least_correlation=rungs.least_correlation,
        least_trials=rungs.least_trials,
        seed=plan.seed,
        made_from=fingerprint(made_from)[:16],
    )


def climb(
    recipe: Recipe,
    *,
    plan: TrialPlan,
    rungs: RungSettings,
    workshop: Workshop,
    stages: StageStore,
    report: Report,
) -> KnownRows:
    """Climb the rungs below the whole trial; the rows that it need not make again.

    Raises:
        TrialError: a stage cannot be finished.
        BudgetSpent: the study's budget does not allow what comes next.
    """
    small = small_plan(plan, rungs)
    written = generate(recipe, small, workshop, stages)
    checked = check(written, small, workshop, stages)
    signal = _SIGNALS[rungs.signal](checked.value).value
    if signal is not None:
        report(ROWS, signal)
    known = KnownRows(tuple(written.value), tuple(checked.value))
    # the whole plan's problems: a rung must not train on what the trial will be asked
    rows, _ = select(checked.value, recipe, dataclasses.replace(small, problems=plan.problems))
    examples = examples_of(rows)
    if not rungs.max_steps or len(examples) < small.min_examples:
        return known
    trained = train(examples, small, workshop, stages)
    report(SHORT, evaluate(trained, small, workshop, stages).value.score.value)
    return known
