"""A small study whose pools grow, run with the fakes and without Ray."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from engines.budget import Purse
from engines.ledger import Ledger
from engines.settings import GeneratorSettings
from evaluators.task import Task
from search.errors import TrialError
from search.generation.instruction_writing import Brief, InstructionWriter
from search.materials.problems import load_problems
from search.proposals.setup import pool_grower
from search.recipes.space import baseline_parameters, distributions, recipe_of
from search.settings.file import parse_study
from search.settings.proposals import Source
from search.settings.study import StudySettings
from search.study.records import Failure, TrialRecord
from search.study.study import SearchStudy
from search.trial.job import Job
from search.trial.trial import run_trial
from search.trial.workshop import Workshop
from stores.stages import StageStore
from tests.search_tests.eng2lean import TASK
from tests.search_tests.fakes import FakeGenerator, FakeLearner, FakeSandbox, fake_parts
from tests.search_tests.small_run import plan_of
from tests.search_tests.small_study import write_small_study

GROWING = """\
  growing: [addition, demo_set]
  additions: ["Be very careful. Ask nobody.", "Be terse. Say no more.", "Think it over."]
"""
PROPOSALS = "proposals: {at_start: 1, trials_per_arm: 1}\n"


class FakeWriter:
    """Writes what it is told to, one text after the other, the last for ever."""

    def __init__(self, texts: Sequence[str], *, fails: Exception | None = None) -> None:
        self.fingerprint = "fake-writer"
        self.briefs: list[Brief] = []
        self._texts = list(texts)
        self._fails = fails

    def write(self, brief: Brief, *, seed: int) -> str:
        self.briefs.append(brief)
        if self._fails is not None:
            raise self._fails
        return self._texts.pop(0) if len(self._texts) > 1 else self._texts[0]


def growing_settings(
    folder: Path, *, growing: str = GROWING, proposals: str = PROPOSALS
) -> StudySettings:
    """The small study with pools that grow."""
    text = write_small_study(folder).read_text(encoding="utf-8")
    text = text.replace("  temperature: {low", growing + "  temperature: {low", 1) + proposals
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return parse_study(text, name="study.yaml")


@dataclasses.dataclass
class GrowingStudy:
    """The study, the desk, and what the desk said."""

    study: SearchStudy
    settings: StudySettings
    job: Job
    told: list[str]
    ready: Callable[[], bool]

    def run(self, trials: int) -> list[TrialRecord]:
        """So many more trials, each after the desk has settled."""
        for _ in range(trials):
            self._wait()
            self._trial()
        self._wait()
        return self.study.records()

    def values(self, parameter: str) -> list[str]:
        """What a pool holds."""
        return [arm.value for arm in self.study.pools[parameter].arms]

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while not self.ready():
            assert time.monotonic() < deadline
            time.sleep(0.002)

    def _trial(self) -> None:
        proposal = self.study.propose()
        recipe = recipe_of(proposal.parameters, self.settings.recipe, {}, shown=proposal.shown)
        ledger = Ledger()
        stages = StageStore(self.job.stages, ledger=ledger)
        workshop = Workshop(FakeGenerator(), FakeSandbox(), FakeLearner())
        try:
            outcome = run_trial(recipe, plan=self.job.plan, workshop=workshop, stages=stages)
            self.study.complete(proposal.number, outcome, tuple(ledger.lines))
        except TrialError as error:
            self.study.fail(proposal.number, Failure(str(error)), tuple(ledger.lines))


def open_growing(
    folder: Path,
    settings: StudySettings,
    *,
    writers: Mapping[Source, InstructionWriter] | None = None,
    purse: Purse | None = None,
    min_examples: int = 0,
) -> GrowingStudy:
    """The study of a folder, made or gone on with."""
    study = SearchStudy(
        folder / "study.journal",
        name=settings.name,
        space=distributions(settings.recipe),
        sampler="tpe",
        startup_trials=3,
        seed=0,
    )
    study.begin_with(baseline_parameters(settings.baseline, settings.recipe))

    def make(_: GeneratorSettings, __: Task) -> Mapping[Source, InstructionWriter]:
        return writers or {}

    job = Job(
        settings=settings,
        parts=dataclasses.replace(fake_parts(), writers=make),
        plan=dataclasses.replace(plan_of(settings), min_examples=min_examples),
        demos={},
        stages=folder / "stages",
        checker=FakeSandbox(),
        identity=study.identity,
        purse=purse,
    )
    told: list[str] = []
    sealed = load_problems(settings.problems.sealed, TASK)
    ready = pool_grower(job, study, sealed=sealed, tell=told.append)
    return GrowingStudy(study, settings, job, told, ready)
