"""Run folders as a search leaves them, made with the fakes and without Ray, in a moment."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path

from engines.ledger import Ledger
from evaluators.task import Candidate, Context
from search.errors import TooFewExamples
from search.materials.contexts import load_contexts
from search.materials.problems import load_problems
from search.recipes.recipe import Recipe
from search.recipes.space import baseline_parameters, distributions, recipe_of
from search.report.trial_pages import Attachments, TrialPages
from search.settings.file import load_study
from search.settings.study import StudySettings
from search.study.records import Failure
from search.study.study import SearchStudy
from search.trial.plan import TrialPlan
from search.trial.trial import run_trial
from search.trial.workshop import Workshop
from stores.stages import StageStore
from tests.search_tests.eng2lean import TASK
from tests.search_tests.fakes import LEAN, FakeGenerator, FakeLearner, FakeSandbox
from tests.search_tests.small_study import write_small_study

HOSTILE = (
    '</pre><script>document.title="taken"</script><img src=x onerror="document.title=1">\u202e'
)
"""What a model may write to take over whoever reads its rows."""


class HostileGenerator(FakeGenerator):
    """The fake generator with every docstring followed by `HOSTILE`."""

    def write(self, recipe: Recipe, contexts: Sequence[Context], *, seed: int) -> list[Candidate]:
        """See `FakeGenerator.write`."""
        written = super().write(recipe, contexts, seed=seed)
        return [
            dataclasses.replace(one, outputs=(one.outputs[0] + HOSTILE, one.outputs[1]))
            for one in written
        ]


def make_run(
    folder: Path, *, trials: int = 4, failed: int = 0, running: int = 0, attached: bool = False
) -> Path:
    """A run folder under `folder`: so many trials with a score, failed, and still running."""
    study_file = write_small_study(folder)
    settings = load_study(study_file)
    run = folder / "run"
    run.mkdir(exist_ok=True)
    shutil.copy(study_file, run / "study.yaml")
    study = SearchStudy(
        run / "study.db",
        name=settings.name,
        space=distributions(settings.recipe),
        sampler="random",
        startup_trials=1,
        seed=0,
    )
    study.describe({"search.trials": 6, "student": settings.student}, may_change=frozenset())
    study.begin_with(baseline_parameters(settings.baseline, settings.recipe))
    plan = plan_of(settings)
    if attached:
        study.attach_with(Attachments(run / "artifacts", pages_of(run)))
    for number in range(trials + failed):
        _run_one(study, settings, plan, run, fails=number >= trials)
    for _ in range(running):
        study.propose()
    return run


def pages_of(run: Path) -> TrialPages:
    """What makes the pages of a run's trials."""
    plan = plan_of(load_study(run / "study.yaml"))
    return TrialPages(run / "stages", TASK, problems=plan.problems, contexts=plan.contexts)


def _run_one(
    study: SearchStudy, settings: StudySettings, plan: TrialPlan, run: Path, *, fails: bool
) -> None:
    proposal = study.propose()
    recipe = recipe_of(proposal.parameters, settings.recipe, {})
    ledger = Ledger()
    workshop = Workshop(HostileGenerator(), FakeSandbox(), FakeLearner())
    plan = dataclasses.replace(plan, min_examples=1000 if fails else 0)
    try:
        outcome = run_trial(
            recipe, plan=plan, workshop=workshop, stages=StageStore(run / "stages", ledger=ledger)
        )
        study.complete(proposal.number, outcome, tuple(ledger.lines))
    except TooFewExamples as error:
        failure = Failure(str(error), error.candidates, error.refused)
        study.fail(proposal.number, failure, tuple(ledger.lines))


def plan_of(settings: StudySettings) -> TrialPlan:
    """A plan with the settings' rows, and names for everything else."""
    return TrialPlan(
        task=TASK,
        contexts=load_contexts(settings.contexts.path, TASK),
        contexts_sha256="contexts",
        problems=load_problems(settings.problems.search, TASK),
        problems_sha256="problems",
        student="fake-student",
        student_sha256="student",
        generation={},
        training=settings.training.config,
        evaluation={},
        checker=LEAN,
        checked_by="lean",
        min_examples=0,
        seed=0,
    )
