"""What comes up deep in a trial is heard at the terminal; one that must wait is no failure."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path

import pytest
from rich.console import Console

from engines import notices
from engines.errors import EndpointExhausted
from evaluators.task import Candidate, Context
from search.driver.plan import Search
from search.driver.search import run_search
from search.errors import StudyStopped
from search.recipes.recipe import Recipe
from search.settings.file import load_study
from search.settings.study import StudySettings
from tests.search_tests.fakes import FakeGenerator, fake_parts
from tests.search_tests.small_study import write_small_study


class Talking(FakeGenerator):
    """Says something from eight threads, then wants no more requests."""

    def write(self, recipe: Recipe, contexts: Sequence[Context], *, seed: int) -> list[Candidate]:
        with ThreadPoolExecutor(8) as pool:
            said = [pool.submit(copy_context().run, notices.say, f"no {n}") for n in range(8)]
        [one.result() for one in said]
        raise EndpointExhausted("generator asks for a pause of 3600 s; run again with --resume")


def _talking(_: StudySettings) -> Talking:
    return Talking()


def test_a_notice_is_heard_and_a_pause_of_an_hour_ends_the_study_in_one_line(
    tmp_path: Path,
) -> None:
    file = write_small_study(tmp_path)
    console = Console(file=io.StringIO(), width=200)
    search = Search(
        settings=load_study(file),
        study_text=file.read_text(encoding="utf-8"),
        run_dir=tmp_path / "run",
        parts=dataclasses.replace(fake_parts(), generator=_talking),
    )
    with pytest.raises(StudyStopped, match=r"^stopped with 0 of \d+ trials scored: .*--resume$"):
        run_search(search, console=console)
    printed = console.file.getvalue()
    assert all(f"trial   0  notice    no {number}\n" in printed for number in range(8))
    assert "FAILED" not in printed
