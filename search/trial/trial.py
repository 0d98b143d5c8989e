"""One trial, left to right: generate → check → select → train → evaluate → score.

Every stage but `select`, which takes no time, is content-addressed: a stage whose inputs were
seen before is read. A trial that cannot go on raises `TrialError`; it never ends with an invented
score.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.task import Checked
from search.recipes.recipe import Recipe
from search.trial.judging import judged
from search.trial.leaks import Leak, leaks_of
from search.trial.outcome import NOTHING_KNOWN, KnownRows, TrialOutcome
from search.trial.plan import TrialPlan
from search.trial.rows import Row, examples_of, faithfulness, refusals, rows_under, validity
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
    rows, leaks = select(checked.value, recipe, plan)
    examples, refused = examples_of(rows), refusals(rows)
    require_enough(examples, len(rows), refused, plan)
    trained = train(examples, plan, workshop, stages)
    evaluated = evaluate(trained, plan, workshop, stages)
    with failing("judge"):
        opinion = judged(rows, plan, workshop.judge, stages)
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
    rows, _ = select(checked.value, recipe, plan)
    require_enough(examples_of(rows), len(rows), refusals(rows), plan)
    return train(examples_of(rows), plan, workshop, stages)


def select(
    checked: Sequence[Checked], recipe: Recipe, plan: TrialPlan
) -> tuple[list[Row], tuple[Leak, ...]]:
    """Every candidate as a row, those that give a problem away refused; and these."""
    leaks = leaks_of(checked, recipe, plan.contexts, plan.problems, plan.task)
    leaking = {leak.place for leak in leaks}
    rows = rows_under(checked, recipe, plan.contexts, plan.task, leaking=leaking)
    return rows, leaks
