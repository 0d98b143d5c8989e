"""No study file, row file or run folder, however spoilt, gets a traceback out of a command.

The short tests run a few hundred cases that are always the same; the long one draws new ones for
`OUTERLOOP_FUZZ_SECONDS` (600), a part of it for each kind of file.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.search_tests.fuzzing import (
    COMMANDS,
    HOWS,
    JUNKS,
    NASTY_YAML,
    fake_machines,
    make_folder,
    require_clean,
    rows_texts,
    spoil,
    yaml_texts,
)
from tests.search_tests.small_study import STUDY

SECONDS = float(os.environ.get("OUTERLOOP_FUZZ_SECONDS", "600"))
MORE = """\
budget: {tokens: 100000, hours: 1}
proposals: {at_start: 1}
evaluation: {max_new_tokens: 20}
tracking: {data: false}
judge: {lm: {model: openai/x, price: {input_per_million: 1, output_per_million: 2}}, rows: 3}
"""
DEMO = {"id": "d", "python": "def f(x): return x", "docstring_in": "x.", "docstring": "x.",
        "lean": "def f (x : Int) : Int := x"}  # fmt: skip
DRY = ("search", "spoilt.yaml", "--run-dir", "new", "--dry-run")
STUDY_COMMANDS = (
    DRY,
    ("sweep", "spoilt.yaml", "--student", "a", "--student", "b", "--dry-run"),
    ("export", "spoilt.yaml"),
    ("report", "spoilt.yaml"),
)
ROWS = ("contexts", "search", "sealed", "demos")
ROW_COMMANDS = (
    ("search", "study.yaml", "--run-dir", "new", "--dry-run"),
    ("generate", "run/pipeline", "{rows}.jsonl", "--out", "data"),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a study, its files, a run and a sweep; commands run inside."""
    folder, before = tmp_path_factory.mktemp("fuzzing") / "whole", Path.cwd()
    make_folder(folder)
    (folder / "demos.jsonl").write_text(json.dumps(DEMO) + "\n", encoding="utf-8")
    study = folder / "study.yaml"
    shown = f"  demos: {folder}/demos.jsonl\n  demo_sets: {{none: [], one: [d]}}\n  clauses:"
    text = study.read_text(encoding="utf-8").replace("  clauses:", shown)
    (folder / "shown.yaml").write_text(text, encoding="utf-8")
    shutil.copytree(folder, folder.parent / "kept")
    os.chdir(folder)
    with fake_machines():
        yield folder
    os.chdir(before)


def study_file(folder: Path, content: bytes, command: tuple[str, ...]) -> None:
    (folder / "spoilt.yaml").write_bytes(content)
    require_clean(*command)


def row_file(folder: Path, name: str, content: bytes, command: tuple[str, ...]) -> None:
    rows = folder / f"{name}.jsonl"
    before = rows.read_bytes()
    rows.write_bytes(content)
    try:
        require_clean(*(part.format(rows=name) for part in command))
    finally:
        rows.write_bytes(before)
        shutil.rmtree(folder / "data", ignore_errors=True)


def run_file(
    folder: Path, place: str, how: str, junk: bytes, commands: list[tuple[str, ...]]
) -> None:
    for command in commands:
        os.chdir(folder.parent)
        shutil.rmtree(folder)
        shutil.copytree(folder.parent / "kept", folder)
        os.chdir(folder)
        spoil(folder / place, how, junk)
        require_clean(*command)


def example(folder: Path) -> str:
    return STUDY.format(folder=folder, trials=5) + MORE


def rows_of(folder: Path, name: str) -> list[dict[str, object]]:
    lines = (folder.parent / "kept" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[:4]]


def places(folder: Path) -> list[str]:
    """A file of each kind: stages of a kind are alike."""
    kept = folder.parent / "kept"
    files = [path.relative_to(kept) for path in sorted(kept.rglob("*")) if path.is_file()]
    kinds = {tuple(part for part in file.parts if len(part) < 40): file for file in files}
    return [file.as_posix() for file in kinds.values()]


def short(examples: int) -> settings:
    """The same few cases in every run."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def test_a_study_that_is_whole_passes(whole: Path) -> None:
    (whole / "spoilt.yaml").write_text(STUDY.format(folder=whole, trials=5), encoding="utf-8")
    assert require_clean(*DRY) == 0
    assert require_clean("search", "shown.yaml", "--run-dir", "new", "--dry-run") == 0


def test_no_value_in_a_study_file_gets_a_traceback(whole: Path) -> None:
    text = STUDY.format(folder=whole, trials=5).splitlines()
    for junk in NASTY_YAML:
        for line in (0, 1, 3, 9, 16):
            head = text[line].partition(":")[0]
            spoilt = [*text[:line], f"{head}: {junk}", *text[line + 1 :]]
            content = "\n".join(spoilt).encode("utf-8", "surrogatepass")
            study_file(whole, content, ("export", "spoilt.yaml"))


def test_no_study_file_gets_a_traceback(whole: Path) -> None:
    @short(25)
    @given(yaml_texts(example(whole)), st.sampled_from(STUDY_COMMANDS))
    def fuzz(content: bytes, command: tuple[str, ...]) -> None:
        study_file(whole, content, command)

    fuzz()


def test_no_rows_get_a_traceback(whole: Path) -> None:
    rows = {name: rows_texts(rows_of(whole, name)) for name in ROWS}
    named = st.sampled_from(ROWS).flatmap(lambda name: st.tuples(st.just(name), rows[name]))

    @short(25)
    @given(named, st.sampled_from(ROW_COMMANDS))
    def fuzz(pair: tuple[str, bytes], command: tuple[str, ...]) -> None:
        row_file(whole, *pair, command)

    fuzz()


def test_no_run_folder_gets_a_traceback(whole: Path) -> None:
    chance = random.Random(0)
    for place in chance.sample(places(whole), 15):
        how, junk = chance.choice(HOWS), chance.choice(JUNKS)
        run_file(whole, place, how, junk, [chance.choice(COMMANDS)])


@pytest.mark.slow
@pytest.mark.timeout(SECONDS * 2 + 300)
def test_no_file_of_ten_minutes_gets_a_traceback(whole: Path) -> None:
    end = [time.monotonic() + SECONDS / 3]
    rows = {name: rows_texts(rows_of(whole, name)) for name in ROWS}
    named = st.sampled_from(ROWS).flatmap(lambda name: st.tuples(st.just(name), rows[name]))
    long = settings(
        max_examples=1_000_000,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )

    class Over(BaseException):
        """The time is over."""

    def in_time() -> None:
        if time.monotonic() > end[0]:
            raise Over

    @long
    @given(yaml_texts(example(whole)), st.sampled_from(STUDY_COMMANDS))
    def fuzz_studies(content: bytes, command: tuple[str, ...]) -> None:
        in_time()
        study_file(whole, content, command)

    @long
    @given(named, st.sampled_from(ROW_COMMANDS))
    def fuzz_rows(pair: tuple[str, bytes], command: tuple[str, ...]) -> None:
        in_time()
        row_file(whole, *pair, command)

    for fuzz in (fuzz_studies, fuzz_rows):
        end[0] = time.monotonic() + SECONDS / 3
        with pytest.raises(Over):
            fuzz()
    end[0] = time.monotonic() + SECONDS / 3
    chance = random.Random()
    while time.monotonic() < end[0]:
        where = chance.choice(places(whole)), chance.choice(HOWS), chance.choice(JUNKS)
        run_file(whole, *where, chance.sample(COMMANDS, 3))
