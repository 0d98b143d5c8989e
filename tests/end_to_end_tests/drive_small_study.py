"""Runs a small study on fakes in a process of its own, so that a test can kill it.

    python -m tests.end_to_end_tests.drive_small_study FOLDER TRIALS SECONDS [--resume]

With --run-dir=DIR the run folder is DIR, FOLDER/run else. SECONDS is how long a fine-tune takes.
Every stage that is really run is written down in FOLDER/ran.log by the fakes.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from engines import environment
from trainers.request import FineTune

environment.prepare()

from evaluators.evaluation import Evaluation  # noqa: E402 - the environment comes first
from evaluators.problem import Problem  # noqa: E402
from evaluators.task import Candidate  # noqa: E402
from lean_sandbox.sandbox import Sandbox  # noqa: E402
from search.console import Console  # noqa: E402
from search.driver.plan import Search  # noqa: E402
from search.driver.search import run_search  # noqa: E402
from search.errors import KNOWN  # noqa: E402
from search.materials.contexts import Context  # noqa: E402
from search.recipes.recipe import Recipe  # noqa: E402
from search.settings.file import load_study  # noqa: E402
from search.settings.study import StudySettings  # noqa: E402
from tests.search_tests.fakes import FakeGenerator, FakeLearner, fake_parts  # noqa: E402
from trainers.adapter import Adapter  # noqa: E402
from trainers.dataset import Example  # noqa: E402


class LoggedGenerator(FakeGenerator):
    """Writes down every generation."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log

    def write(self, recipe: Recipe, contexts: Sequence[Context], *, seed: int) -> list[Candidate]:
        candidates = super().write(recipe, contexts, seed=seed)
        what = (recipe.instruction, recipe.demos, recipe.temperature, recipe.attempts, seed)
        _write(self._log, f"generate {what!r}")
        return candidates


class SlowLearner(FakeLearner):
    """Takes its time to train, so that a kill finds trials in the middle of it."""

    def __init__(self, log: Path, seconds: float) -> None:
        super().__init__()
        self._log = log
        self._seconds = seconds

    def train(self, asked: FineTune) -> Adapter:
        time.sleep(self._seconds)
        adapter = super().train(asked)
        _write(self._log, f"train {hash_of(asked.examples)} {asked.seed} {asked.config.max_steps}")
        return adapter

    def evaluate(
        self, adapter: Adapter | None, problems: Sequence[Problem], *, seed: int
    ) -> Evaluation:
        evaluation = super().evaluate(adapter, problems, seed=seed)
        sha256 = adapter.sha256 if adapter else "untuned"
        _write(self._log, f"evaluate {sha256} {problems[0].id} {seed}")
        return evaluation


def hash_of(examples: Sequence[Example]) -> str:
    """The examples in a few characters."""
    return "+".join(sorted({f"{one.prompt[:40]!r}{one.completion!r}" for one in examples}))


def _write(log: Path, line: str) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(line.replace("\n", " ") + "\n")
        file.flush()
        os.fsync(file.fileno())


def _generator(log: Path, _: StudySettings) -> LoggedGenerator:
    return LoggedGenerator(log)


def _learner(log: Path, seconds: float, _: StudySettings, __: Sandbox) -> SlowLearner:
    return SlowLearner(log, seconds)


def main() -> None:
    """Run it; a study error is one line and exit code 1, as in the command line."""
    folder, trials, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    log, study = folder / "ran.log", folder / "study.yaml"
    settings = load_study(study)
    given = [one.removeprefix("--run-dir=") for one in sys.argv if one.startswith("--run-dir=")]
    search = settings.search.model_copy(update={"trials": trials, "max_failed_trials": 100})
    parts = dataclasses.replace(
        fake_parts(),
        generator=functools.partial(_generator, log),
        learner=functools.partial(_learner, log, seconds),
    )
    plan = Search(
        settings=settings.model_copy(update={"search": search}),
        study_text=study.read_text(encoding="utf-8"),
        run_dir=Path(*given) if given else folder / "run",
        resume="--resume" in sys.argv,
        parts=parts,
    )
    try:
        run_search(plan, console=Console())
    except KNOWN as error:
        sys.exit(f"outerloop: {error}")


if __name__ == "__main__":
    main()
