"""Runs a small sweep on fakes in a process of its own.

    python -m tests.end_to_end_tests.drive_small_sweep FOLDER [--resume] [--fail-other]

Two students: `fake-student` passes a problem for every right example, `fake-contrary` for every
wrong one. Every generation that is really run is written down in FOLDER/ran.log.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from engines import environment

environment.prepare()

from evaluators.evaluation import Evaluation  # noqa: E402 - the environment comes first
from evaluators.problem import Problem  # noqa: E402
from lean_sandbox.sandbox import Sandbox  # noqa: E402
from search.console import Console  # noqa: E402
from search.errors import KNOWN, SearchError  # noqa: E402
from search.settings.file import load_study  # noqa: E402
from search.settings.study import StudySettings  # noqa: E402
from search.sweep.sweep import Sweep, run_sweep  # noqa: E402
from tests.end_to_end_tests.drive_small_study import LoggedGenerator, SlowLearner  # noqa: E402
from tests.search_tests.evaluations import evaluation_of  # noqa: E402
from tests.search_tests.fakes import fake_parts  # noqa: E402
from trainers.adapter import Adapter  # noqa: E402

STUDENTS = ("fake-student", "fake-contrary")


class ContraryLearner(SlowLearner):
    """Passes as many problems as the fine-tune saw wrong examples, of the dozen it saw."""

    def evaluate(
        self, adapter: Adapter | None, problems: Sequence[Problem], *, seed: int
    ) -> Evaluation:
        super().evaluate(adapter, problems, seed=seed)
        wrong = 0
        if adapter is not None:
            weights = (adapter.path / "weights.json").read_text(encoding="utf-8")
            wrong = 12 - int(json.loads(weights)["right"])
        return evaluation_of(problems, [index < wrong for index in range(len(problems))])


def _generator(log: Path, _: StudySettings) -> LoggedGenerator:
    return LoggedGenerator(log)


def _learner(log: Path, fails: str, settings: StudySettings, _: Sandbox) -> SlowLearner:
    if settings.student == fails:
        raise SearchError("this student cannot be loaded")
    kind = ContraryLearner if settings.student == "fake-contrary" else SlowLearner
    return kind(log, 0)


def main() -> None:
    """Run it; a study error is one line and exit code 1, as in the command line."""
    folder = Path(sys.argv[1])
    log, study = folder / "ran.log", folder / "study.yaml"
    fails = "fake-contrary" if "--fail-other" in sys.argv else ""
    sweep = Sweep(
        settings=load_study(study),
        study_text=study.read_text(encoding="utf-8"),
        students=STUDENTS,
        folder=folder / "sweep",
        best=1,
        resume="--resume" in sys.argv,
        parts=dataclasses.replace(
            fake_parts(),
            generator=functools.partial(_generator, log),
            learner=functools.partial(_learner, log, fails),
        ),
    )
    try:
        run_sweep(sweep, console=Console())
    except KNOWN as error:
        sys.exit(f"outerloop: {error}")


if __name__ == "__main__":
    main()
