"""The product itself, small: real models, a real Lean, real fine-tunes, the command line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMALLER = {
    r"^name: .*": "name: smaller",
    r"^  limit: .*": "  limit: 40",
    r"^(  sealed: .*)": r"\1\n  search_limit: 40\n  sealed_limit: 60",
    r"^  max_steps: .*": "  max_steps: 10",
    r"^  trials: .*": "  trials: 3",
}


def outerloop(*arguments: str, cwd: Path) -> str:
    command = [sys.executable, "-c", "from search.cli import main; main()", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.lean
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_small_search_ends_with_a_judged_winner_and_a_pipeline(tmp_path: Path) -> None:
    study = (ROOT / "examples" / "embedded.yaml").read_text(encoding="utf-8")
    for find, put in SMALLER.items():
        study, times = re.subn(find, put, study, flags=re.MULTILINE)
        assert times == 1, find
    (tmp_path / "smaller.yaml").write_text(study, encoding="utf-8")

    printed = outerloop("search", "smaller.yaml", cwd=tmp_path)

    run = tmp_path / "runs" / "smaller"
    assert printed.startswith("run folder  runs/smaller\n")
    assert printed.splitlines()[-1].startswith("next        outerloop generate runs/smaller/")
    assert len(re.findall(r"^trial +\d+  score", printed, flags=re.MULTILINE)) == 3
    assert printed.count("(n = 60)") >= 3
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["trials"]["complete"] == 3
    assert manifest["spent"]["checks"] > 3 * 40
    pipeline = json.loads((run / "pipeline" / "pipeline.json").read_text(encoding="utf-8"))
    assert pipeline["student"] == "embedded:student-a"

    again = outerloop("search", "smaller.yaml", "--resume", cwd=tmp_path)

    assert not re.search(r"^trial +\d+  starts", again, flags=re.MULTILINE)
    assert again.splitlines()[-3] == printed.splitlines()[-3]
