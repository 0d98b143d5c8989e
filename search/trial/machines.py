"""The real machines of a trial, built from a study's settings.

`Parts` says how each machine is made, not the machines themselves: parts travel to workers, and
every worker builds its own. Tests hand in parts that build fakes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from engines.settings import GeneratorSettings
from evaluators.evaluation import Evaluation
from evaluators.problem import Problem
from evaluators.task import Asked, Checker, Task
from evaluators.tasks import task_named
from search.generation.generator import Generator
from search.generation.instruction_writing import InstructionWriter
from search.generation.judge_model import Judge
from search.materials.gathering import student_path
from search.settings.proposals import Source
from search.settings.study import StudySettings
from search.trial.chosen_checker import checked_by, open_checker
from search.trial.readiness import require_machines
from search.trial.workshop import Learner
from trainers.adapter import Adapter
from trainers.request import FineTune


def _writers(settings: GeneratorSettings, task: Task) -> Mapping[Source, InstructionWriter]:
    from search.generation.instruction_writing import make_writers

    return make_writers(settings, task)


def _checked_by(settings: StudySettings) -> str:
    return checked_by(settings.task, settings.resources.lean)


def _judge(settings: StudySettings) -> Judge | None:
    from search.generation.judge_model import DspyJudge

    return DspyJudge(settings.judge) if settings.judge else None


@dataclass(frozen=True, slots=True)
class Parts:
    """How a study's machines are made; importable functions."""

    require: Callable[[StudySettings], Sequence[str]]
    """Raises what would stop every trial and can be known before any is begun; says what was
    checked, and what was not."""
    generator: Callable[[StudySettings], Generator]
    checker: Callable[[StudySettings], AbstractContextManager[Checker]]
    learner: Callable[[StudySettings, Checker], Learner]
    checked_by: Callable[[StudySettings], str] = _checked_by
    """The fingerprint of what checks; raises where it is not there."""
    writers: Callable[[GeneratorSettings, Task], Mapping[Source, InstructionWriter]] = _writers
    """Who writes instructions with a language model; see `search.proposals`."""
    judge: Callable[[StudySettings], Judge | None] = _judge
    """Who judges rows; None where the study asks nobody."""


def real_parts() -> Parts:
    """The machines of the product."""
    return Parts(
        require=require_machines, generator=_generator, checker=_checker, learner=_learner
    )


class StudentLearner:
    """Fine-tunes a student and puts it to the study's task."""

    def __init__(self, settings: StudySettings, checker: Checker) -> None:
        self._settings = settings
        self._checker = checker
        self._task = task_named(settings.task)
        self._student = student_path(settings.student)

    def train(self, asked: FineTune) -> Adapter:
        """See `search.trial.workshop.Learner.train`."""
        from trainers.fine_tuning import fine_tune

        return fine_tune(asked)

    def evaluate(
        self, adapter: Adapter | None, problems: Sequence[Problem], *, seed: int
    ) -> Evaluation:
        """See `search.trial.workshop.Learner.evaluate`."""
        asked = Asked(
            student=self._student,
            adapter=adapter,
            settings=self._settings.evaluation,
            form=self._settings.training.prompt_form,
            threads=self._settings.training.threads,
            seed=seed,
        )
        return self._task.evaluate(asked, problems, self._checker)


def _generator(settings: StudySettings) -> Generator:
    from search.generation.generator import make_generator

    return make_generator(settings.generator, task_named(settings.task))


def _checker(settings: StudySettings) -> AbstractContextManager[Checker]:
    resources = settings.resources
    return open_checker(
        settings.task,
        resources.lean,
        workers=resources.lean_workers,
        timeout_seconds=resources.lean_timeout_seconds,
    )


def _learner(settings: StudySettings, checker: Checker) -> Learner:
    return StudentLearner(settings, checker)
