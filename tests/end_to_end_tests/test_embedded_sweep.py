"""A sweep of the product itself, small: two real students, a real Lean, the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.end_to_end_tests.test_embedded_search import ROOT, SMALLER, outerloop

STUDENTS = ("--student", "embedded:student-a", "--student", "embedded:student-b")


@pytest.mark.lean
@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_a_small_sweep_ends_with_a_table_that_every_export_carries(tmp_path: Path) -> None:
    study = (ROOT / "examples" / "embedded.yaml").read_text(encoding="utf-8")
    for find, put in SMALLER.items():
        study = re.sub(find, put, study, flags=re.MULTILINE)
    (tmp_path / "smaller.yaml").write_text(study, encoding="utf-8")

    planned = outerloop("sweep", "smaller.yaml", *STUDENTS, "--dry-run", cwd=tmp_path)
    assert "transfer    up to 5 recipes × 2 students × 1 fine-tunes" in planned
    assert not (tmp_path / "runs").exists()

    printed = outerloop("sweep", "smaller.yaml", *STUDENTS, cwd=tmp_path)

    sweep = tmp_path / "runs" / "smaller-sweep"
    table = json.loads((sweep / "transfer.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in table["students"]] == ["student-a", "student-b"]
    assert len(table["cells"]) == 2 * len(table["recipes"])
    assert all(cell["score"]["n"] == 40 for cell in table["cells"])
    assert printed.splitlines()[-1] == "next        outerloop report runs/smaller-sweep"

    outerloop("report", "runs/smaller-sweep", cwd=tmp_path)
    page = (sweep / "student-b" / "report.html").read_text(encoding="utf-8")
    assert "student-b (this run)" in page
    outerloop("export", "runs/smaller-sweep/student-a", "--out", "a", cwd=tmp_path)
    assert "## Other students" in (tmp_path / "a" / "README.md").read_text(encoding="utf-8")
    outerloop("export", "runs/smaller-sweep/student-a", "--alias", "winner", cwd=tmp_path)
    lost = outerloop("why", "--run", "runs/smaller-sweep/student-a", cwd=tmp_path)
    problem = lost.split("problems lost:")[1].split()[0]
    told = outerloop("why", problem, "--run", "runs/smaller-sweep/student-a", cwd=tmp_path)
    assert "training rows nearest to the problem" in told
