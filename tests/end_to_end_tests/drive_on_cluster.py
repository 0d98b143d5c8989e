"""Runs a small study on the Ray that RAY_ADDRESS names, so that a test can take its nodes away.

    python -m tests.end_to_end_tests.drive_on_cluster FOLDER TRIALS SECONDS

As `drive_small_study`; besides, every fine-tune that is begun is written down in FOLDER/began.log,
with the node it is begun on.
"""

from __future__ import annotations

import dataclasses
import functools
import sys
from pathlib import Path

from engines import environment
from trainers.request import FineTune

environment.prepare()

import ray  # noqa: E402 - the environment comes first

from lean_sandbox.sandbox import Sandbox  # noqa: E402
from search.console import Console  # noqa: E402
from search.driver.plan import Search  # noqa: E402
from search.driver.search import run_search  # noqa: E402
from search.settings.file import load_study, with_overrides  # noqa: E402
from search.settings.study import StudySettings  # noqa: E402
from tests.end_to_end_tests.drive_small_study import (  # noqa: E402
    LoggedGenerator,
    SlowLearner,
    hash_of,
)
from tests.search_tests.fakes import fake_parts  # noqa: E402
from trainers.adapter import Adapter  # noqa: E402


class PlacedLearner(SlowLearner):
    """Says where it begins to train."""

    def __init__(self, folder: Path, seconds: float) -> None:
        super().__init__(folder / "ran.log", seconds)
        self._began = folder / "began.log"

    def train(self, asked: FineTune) -> Adapter:
        node = ray.get_runtime_context().get_node_id()
        line = f"{node} {hash_of(asked.examples)} {asked.seed}".replace("\n", " ")
        with self._began.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        return super().train(asked)


def _generator(log: Path, _: StudySettings) -> LoggedGenerator:
    return LoggedGenerator(log)


def _learner(folder: Path, seconds: float, _: StudySettings, __: Sandbox) -> PlacedLearner:
    return PlacedLearner(folder, seconds)


def main() -> None:
    """Run it."""
    folder, trials, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    study = folder / "study.yaml"
    parts = dataclasses.replace(
        fake_parts(),
        generator=functools.partial(_generator, folder / "ran.log"),
        learner=functools.partial(_learner, folder, seconds),
    )
    search = Search(
        settings=with_overrides(load_study(study), trials=trials),
        study_text=study.read_text(encoding="utf-8"),
        run_dir=folder / "run",
        parts=parts,
    )
    run_search(search, console=Console())


if __name__ == "__main__":
    main()
