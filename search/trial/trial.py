"""One trial, left to right: generate → check → select → train → evaluate → score.

Every stage but `select`, which takes no time, is content-addressed: a stage whose inputs were
seen before is read. A trial that cannot go on raises `TrialError`; it never ends with an invented
score.
"""

from __future__ import annotations

from search.recipes.recipe import Recipe
from search.trial.filtering import (
    faithfulness,
    refusals,
    select_examples,
    validity,
)
from search.trial.judging import Rows, judged
from search.trial.leaks import leak_counts, leaks_of, without
from search.trial.outcome import NOTHING_KNOWN, KnownRows, TrialOutcome
from search.trial.plan import TrialPlan
from search.trial.signals import signals
from search.trial.stages import (
    check,
    evaluate,
    failing,
    generate,
    require_enough,
    shares_of,
    train,
)
from search.trial.workshop import Workshop
from stores.stages import Stage, StageStore
from trainers.adapter import Adapter


def run_trial(
    recipe: Recipe,
    *,
    plan: TrialPlan,
    workshop: Workshop,
    stages: StageStore,
    known: KnownRows = NOTHING_KNOWN,
) -> TrialOutcome:
    """Find out how good a student a recipe makes.

    Args:
        recipe: what the trial tries.
        plan: everything else its score depends on.
        workshop: the machines.
        stages: where its stages are kept.
        known: rows that its rungs made; they are not made again.

    Raises:
        TrialError: a stage cannot be finished, or too few candidates passed the filter.
        BudgetSpent: the study's budget does not allow what the trial would do next.
    """
    written = generate(recipe, plan, workshop, stages, known)
    checked = check(written, plan, workshop, stages, known)
    leaks = leaks_of(checked.value, recipe, plan.contexts, plan.problems)
    fit = without(checked.value, leaks)
    examples = select_examples(fit, recipe, plan.contexts)
    refused = refusals(checked.value, filter=recipe.filter) | leak_counts(leaks)
    require_enough(examples, len(checked.value), refused, plan)
    trained = train(examples, plan, workshop, stages)
    evaluated = evaluate(trained, plan, workshop, stages)
    rows = Rows(fit, recipe, plan.contexts)
    with failing("judge"):
        opinion = judged(rows, workshop.judge, plan.judging, stages)
    return TrialOutcome(
        score=evaluated.value.score,
        passed=tuple(record.passed for record in evaluated.value.records),
        candidates=len(written.value),
        examples=len(examples),
        validity=validity(checked.value).value,
        faithfulness=faithfulness(checked.value).value,
        refused=refused,
        compiled=evaluated.value.compiled,
        undecided=evaluated.value.undecided,
        final_loss=trained.value.final_loss,
        stages={
            "generate": written.key,
            "check": checked.key,
            "train": trained.key,
            "evaluate": evaluated.key,
        },
        shares=shares_of(evaluated.value),
        proxies=(
            *signals(checked.value, examples, evaluated.value, plan.problems),
            *opinion,
        ),
        leaks=leaks,
    )


def train_only(
    recipe: Recipe, *, plan: TrialPlan, workshop: Workshop, stages: StageStore
) -> Stage[Adapter]:
    """The part of a trial that asks the plan's problems nothing.

    Raises:
        TrialError: a stage cannot be finished, or too few candidates passed the filter.
    """
    checked = check(generate(recipe, plan, workshop, stages), plan, workshop, stages)
    leaks = leaks_of(checked.value, recipe, plan.contexts, plan.problems)
    examples = select_examples(without(checked.value, leaks), recipe, plan.contexts)
    refused = refusals(checked.value, filter=recipe.filter) | leak_counts(leaks)
    require_enough(examples, len(checked.value), refused, plan)
    return train(examples, plan, workshop, stages)
