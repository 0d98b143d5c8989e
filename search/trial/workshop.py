"""The machines a trial works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from evaluators.eng2lean.evaluation import Evaluation
from evaluators.eng2lean.problem import Problem
from lean_sandbox.sandbox import Sandbox
from search.generation.generator import Generator
from search.generation.judge_model import Judge
from trainers.adapter import Adapter
from trainers.dataset import Example


class Learner(Protocol):
    """Fine-tunes one student and asks what it has learnt."""

    def train(
        self,
        examples: Sequence[Example],
        *,
        out_dir: Path,
        seed: int,
        max_steps: int | None = None,
    ) -> Adapter:
        """Fine-tune the student; see `trainers.trainer.Trainer.train`.

        `max_steps` stands in for the study's `training.max_steps` where it is given.
        """
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
    sandbox: Sandbox
    learner: Learner
    judge: Judge | None = None
    """Asked about the training rows where the plan says how."""
