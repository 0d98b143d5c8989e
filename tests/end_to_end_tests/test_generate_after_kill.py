"""`outerloop generate` with the embedded generator and the real Lean, killed on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engines.settings import GeneratorSettings
from search.generation.generator import make_generator
from search.generation.prompting import Prompting
from search.offline.export import export_pipeline
from search.offline.pipeline import Pipeline
from search.recipes.recipe import Recipe
from tests.search_tests.eng2lean import TASK

pytestmark = [pytest.mark.lean, pytest.mark.slow, pytest.mark.timeout(900)]

CONTEXTS = 40
BATCH = 8


@pytest.fixture
def pipeline(tmp_path) -> Path:
    settings = GeneratorSettings(model="embedded:generator", concurrent_calls=BATCH)
    recipe = Recipe("Translate the Python function to Lean 4. Use Int for numbers.")
    frozen = Pipeline(
        name="killed",
        seed=1,
        recipe=recipe,
        prompting=Prompting.of(settings.model, recipe, TASK),
        generator=settings,
        generator_fingerprint=make_generator(settings, TASK).fingerprint,
        student="embedded:student-a",
        student_fingerprint="not used here",
        provenance={},
        scores=(),
    )
    return export_pipeline(frozen, folder=tmp_path / "pipeline")


def generate(pipeline: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    words = ["generate", str(pipeline), "embedded:contexts", "--out", str(out)]
    words += ["--limit", str(CONTEXTS), "--lean-workers", "1", *options]
    return subprocess.Popen(
        [sys.executable, "-c", "from search.cli import main; main()", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    said, _ = process.communicate()
    return process.returncode, said.decode()


def test_a_killed_run_resumed_gives_the_rows_of_an_uninterrupted_one(pipeline, tmp_path):
    code, said = ended(generate(pipeline, tmp_path / "whole"))
    assert code == 0, said

    stopped = tmp_path / "stopped"
    process = generate(pipeline, stopped)
    journal = stopped / "journal.jsonl"
    while not journal.exists() or journal.read_bytes().count(b"\n") < 1 + 2:
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    ended(process)
    assert not (stopped / "manifest.json").exists()
    kept = journal.read_bytes().split(b"\n")[: 1 + 2]

    code, said = ended(generate(pipeline, stopped))
    assert code == 1
    assert "--resume" in said
    assert journal.read_bytes().split(b"\n")[: 1 + 2] == kept

    code, said = ended(generate(pipeline, stopped, "--resume"))
    assert code == 0, said
    for name in ("data.jsonl", "refused.jsonl", "README.md", "manifest.json"):
        assert (stopped / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    rows = (stopped / "data.jsonl").read_bytes() + (stopped / "refused.jsonl").read_bytes()
    assert rows.count(b"\n") == CONTEXTS
