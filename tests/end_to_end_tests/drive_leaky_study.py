"""Runs a small study whose generator, judge and instruction writers are an endpoint's.

    python -m tests.end_to_end_tests.drive_leaky_study FOLDER

Lean and the student are fakes; everything that is sent and written is the product's.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from engines import environment

environment.prepare()

from search.console import Console  # noqa: E402 - the environment comes first
from search.driver.plan import Search  # noqa: E402
from search.driver.search import run_search  # noqa: E402
from search.errors import KNOWN  # noqa: E402
from search.settings.file import load_study  # noqa: E402
from search.trial.machines import real_parts  # noqa: E402
from tests.search_tests.fakes import fake_parts  # noqa: E402


def main() -> None:
    """Run it; a study error is one line and exit code 1, as in the command line."""
    folder = Path(sys.argv[1])
    study = folder / "study.yaml"
    fake = fake_parts()
    parts = dataclasses.replace(real_parts(), require=fake.require, checker=fake.checker,
                                learner=fake.learner)  # fmt: skip
    plan = Search(
        settings=load_study(study),
        study_text=study.read_text(encoding="utf-8"),
        run_dir=folder / "run",
        parts=parts,
    )
    try:
        run_search(plan, console=Console())
    except KNOWN as error:
        sys.exit(f"outerloop: {error}")


if __name__ == "__main__":
    main()
