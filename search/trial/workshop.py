"""The machines a trial works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from evaluators.evaluation import Evaluation
from evaluators.problem import Problem
from evaluators.task import Checker
from search.generation.generator import Generator
from search.generation.judge_model import Judge
from trainers.adapter import Adapter
from trainers.request import FineTune


class Learner(Protocol):
    """Fine-tunes a student and asks what it has learnt."""

    def train(self, asked: FineTune) -> Adapter:
        """Fine-tune a student; see `trainers.fine_tuning.fine_tune`."""
        ...

    def evaluate(
        self, adapter: Adapter | None, problems: Sequence[Problem], *, seed: int
    ) -> Evaluation:
        """Put the final task's problems to the student with `adapter`, or to the bare student."""
        ...


@dataclass(frozen=True, slots=True)
class Workshop:
    """The machines a trial works with."""

    generator: Generator
    checker: Checker
    learner: Learner
    judge: Judge | None = None
    """Asked about the training rows where the plan says how."""
