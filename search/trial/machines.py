"""The real machines of a trial, built from a study's settings.

`Parts` says how each machine is made, not the machines themselves: parts travel to workers, and
every worker builds its own. Tests hand in parts that build fakes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from engines.settings import GeneratorSettings
from evaluators.eng2lean.evaluation import Evaluation
from evaluators.eng2lean.problem import Problem
from lean_sandbox.sandbox import CheckRequest, Sandbox
from lean_sandbox.verdict import Verdict
from search.generation.generator import Generator
from search.generation.instruction_writing import InstructionWriter
from search.generation.judge_model import Judge
from search.materials.gathering import student_path
from search.settings.proposals import Source
from search.settings.study import StudySettings
from search.trial.chosen_lean import judged_by, open_lean
from search.trial.readiness import require_machines
from search.trial.workshop import Learner
from trainers.adapter import Adapter
from trainers.dataset import Example


def _writers(settings: GeneratorSettings) -> Mapping[Source, InstructionWriter]:
    from search.generation.instruction_writing import make_writers

    return make_writers(settings)


def _judged_by(settings: StudySettings) -> str:
    return judged_by(settings.resources.lean)


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
    sandbox: Callable[[StudySettings], AbstractContextManager[Sandbox]]
    learner: Callable[[StudySettings, Sandbox], Learner]
    judged_by: Callable[[StudySettings], str] = _judged_by
    """The fingerprint of the Lean behind the sandbox; raises where it is not there."""
    writers: Callable[[GeneratorSettings], Mapping[Source, InstructionWriter]] = _writers
    """Who writes instructions with a language model; see `search.proposals`."""
    judge: Callable[[StudySettings], Judge | None] = _judge
    """Who judges rows; None where the study asks nobody."""


def real_parts() -> Parts:
    """The machines of the product."""
    return Parts(
        require=require_machines, generator=_generator, sandbox=_sandbox, learner=_learner
    )


class StudentLearner:
    """Trains with the trainer of the study's method and evaluates on Eng2Lean."""

    def __init__(self, settings: StudySettings, sandbox: Sandbox) -> None:
        self._settings = settings
        self._sandbox = sandbox
        self._student = student_path(settings.student)

    def train(
        self,
        examples: Sequence[Example],
        *,
        out_dir: Path,
        seed: int,
        max_steps: int | None = None,
    ) -> Adapter:
        """See `search.trial.workshop.Learner.train`."""
        from trainers.make import make_trainer

        config = self._settings.training.config
        if max_steps is not None:
            config = config.model_copy(update={"max_steps": max_steps})
        trainer = make_trainer(config)
        return trainer.train(examples, student=self._student, out_dir=out_dir, seed=seed)

    def evaluate(
        self, adapter: Adapter | None, problems: Sequence[Problem], *, seed: int
    ) -> Evaluation:
        """See `search.trial.workshop.Learner.evaluate`."""
        from evaluators.eng2lean.evaluate import evaluate
        from evaluators.eng2lean.stop_rule import stop_rule
        from evaluators.equivalence.beq_core import BeqCore
        from evaluators.student.model import StudentModel

        model = StudentModel.load(
            student=self._student,
            adapter=adapter,
            threads=self._settings.training.threads,
            stop=stop_rule(problems),
            wanted=self._settings.training.prompt_form,
        )
        found = evaluate(
            model,
            problems,
            self._sandbox,
            settings=self._settings.evaluation,
            seed=seed,
            comparison=BeqCore(self._sandbox),
        )
        return dataclasses.replace(found, fit=model.fit(problems))


def _generator(settings: StudySettings) -> Generator:
    from search.generation.generator import make_generator

    return make_generator(settings.generator)


def _sandbox(settings: StudySettings) -> AbstractContextManager[Sandbox]:
    resources = settings.resources
    return open_lean(
        resources.lean,
        workers=resources.lean_workers,
        timeout_seconds=resources.lean_timeout_seconds,
    )


def _learner(settings: StudySettings, sandbox: Sandbox) -> Learner:
    return StudentLearner(settings, sandbox)


def lean_version(sandbox: Sandbox) -> str:
    """Which Lean judges in a sandbox, asked of the sandbox itself."""
    probe = CheckRequest(program="def version_probe : Nat := 0")
    verdict: Verdict = sandbox.check_many([probe])[0]
    return verdict.lean_version
