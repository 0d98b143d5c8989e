"""A search that asks a running `outerloop lean serve`, over a real socket."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.serving.settings import ServerSettings
from lean_sandbox.verdict import Verdict
from search.driver.plan import Search
from search.driver.search import run_search
from search.errors import StudyError
from search.settings.file import load_study
from search.settings.study import StudySettings
from search.study.records import State, TrialRecord, read_records
from search.trial.chosen_lean import require_lean
from search.trial.machines import Parts, real_parts
from stores.stages import ROWS
from tests.lean_sandbox_tests.served import PoolOf, free_port, serving, without_key
from tests.search_tests.fakes import FakeSandbox, fake_parts
from tests.search_tests.small_study import write_small_study

ROOT = Path(__file__).parents[2]
KEY = "open-sesame-1234"


def _require_lean(settings: StudySettings) -> tuple[str, ...]:
    return (require_lean(settings.resources.lean),)


def asking_lean() -> Parts:
    """Fakes for everything but Lean, which is the study's."""
    return dataclasses.replace(fake_parts(), require=_require_lean, checker=real_parts().checker)


def search_of(folder: Path, parts: Parts, lean: str = "", *, failures: int = 0) -> Search:
    folder.mkdir()
    study = write_small_study(folder, trials=2)
    text = study.read_text(encoding="utf-8")
    text = text.replace("concurrent_trials: 2", "concurrent_trials: 1")
    text = text.replace("  trials: 2", f"  trials: 2\n  max_failed_trials: {failures}")
    text += f"  lean_workers: 1\n  lean: {{{lean}}}\n"
    study.write_text(text, encoding="utf-8")
    return Search(load_study(study), text, folder / "run", parts=parts)


def records(search: Search) -> list[TrialRecord]:
    return read_records(search.run_dir / "study.db", search.settings.name)


def scores(search: Search) -> list[float | None]:
    return [one.outcome.score.value if one.outcome else None for one in records(search)]


class HangsAfterTheFirst(PoolOf):
    """Answers one batch, the search's question for the version; later ones wait for ever."""

    def __init__(self) -> None:
        super().__init__(FakeSandbox())
        self.hangs = threading.Event()

    async def check_many_async(
        self, requests: Sequence[CheckRequest], *, timeout_seconds: float | None = None
    ) -> list[Verdict]:
        if self.asked.is_set():
            self.hangs.set()
            await asyncio.sleep(3600)
        return await super().check_many_async(requests, timeout_seconds=timeout_seconds)


def test_a_server_that_stops_under_a_search_and_is_started_again_changes_no_score(
    tmp_path: Path,
) -> None:
    settings = ServerSettings(port=free_port(), shutdown_seconds=0)
    first, second, over = HangsAfterTheFirst(), PoolOf(FakeSandbox()), threading.Event()

    def serve() -> None:
        with serving(first, settings):
            ready.set()
            first.hangs.wait(120)
        with serving(second, settings):
            over.wait(120)

    ready, thread = threading.Event(), threading.Thread(target=serve, daemon=True)
    thread.start()
    ready.wait(30)
    address = f"server: 'http://127.0.0.1:{settings.port}'"
    served = search_of(tmp_path / "served", asking_lean(), address)
    try:
        run_search(served, console=Console(quiet=True))
    finally:
        over.set()
        thread.join(60)
    assert first.hangs.is_set()
    assert second.asked.is_set()

    at_home = search_of(tmp_path / "home", fake_parts())
    run_search(at_home, console=Console(quiet=True))
    assert scores(served) == scores(at_home)
    assert {one.state for one in records(served)} == {State.COMPLETE}


def test_a_server_that_goes_away_for_good_ends_the_search_and_makes_no_score(
    tmp_path: Path,
) -> None:
    settings = ServerSettings(port=free_port(), shutdown_seconds=0)
    pool = HangsAfterTheFirst()

    def serve() -> None:
        with serving(pool, settings):
            ready.set()
            pool.hangs.wait(120)

    ready, thread = threading.Event(), threading.Thread(target=serve, daemon=True)
    thread.start()
    ready.wait(30)
    lean = f"server: 'http://127.0.0.1:{settings.port}', wait_minutes: 0.02"
    served = search_of(tmp_path / "served", asking_lean(), lean)
    with pytest.raises(StudyError, match="no verdict from http://127"):
        run_search(served, console=Console(quiet=True))
    thread.join(60)
    assert scores(served) == [None]
    (failed,) = records(served)
    assert failed.state is State.FAILED
    assert failed.error.startswith("check: SandboxUnavailable: no verdict from ")


@contextmanager
def lean_server() -> Iterator[str]:
    """The address of a real `outerloop lean serve` with a key, in a process of its own."""
    serve = ["lean", "serve", "--port", "0", "--workers", "1"]
    started = subprocess.Popen(
        [sys.executable, "-c", "from search.cli import main; main()", *serve],
        cwd=ROOT,
        env={**without_key(), "LEAN_SERVER_API_KEY": KEY},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert started.stdout is not None
        yield started.stdout.readline().split()[0]
    finally:
        started.terminate()
        started.communicate(timeout=120)


def verdicts(search: Search) -> dict[str, list[object]]:
    """What each check stage of a search holds, by its key, without the times."""
    kept: dict[str, list[object]] = {}
    for stage in sorted((search.run_dir / "stages" / "check").glob(f"*/{ROWS}")):
        rows = [json.loads(line) for line in stage.read_text(encoding="utf-8").splitlines()]
        for row in rows:
            for times in ("seconds", "gate_seconds"):
                del row["verdict"][times]
        kept[stage.parent.name] = rows
    return kept


@pytest.mark.lean
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("installed")
def test_a_served_lean_gives_a_search_the_verdicts_of_the_embedded_one_under_the_same_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded = search_of(tmp_path / "embedded", asking_lean())
    run_search(embedded, console=Console(quiet=True))
    monkeypatch.setenv("STUDY_LEAN_KEY", KEY)
    with lean_server() as url:
        lean = f"server: '{url}', api_key_env: STUDY_LEAN_KEY"
        served = search_of(tmp_path / "served", asking_lean(), lean)
        run_search(served, console=Console(quiet=True))
    assert len(verdicts(embedded)) >= 2
    assert verdicts(served) == verdicts(embedded)
    assert scores(served) == scores(embedded)
    for written in served.run_dir.rglob("*"):
        if written.is_file():
            assert KEY.encode() not in written.read_bytes(), written
    assert os.environ["STUDY_LEAN_KEY"] == KEY
