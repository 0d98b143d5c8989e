"""Pools grow while a whole search runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from search.report.run_view import view_run
from search.report.terminal import report_text
from search.study.records import State
from tests.end_to_end_tests.test_resume import TRIALS, finished, printed, start
from tests.search_tests.growing_study import growing_settings


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_arms_are_let_in_tried_reported_and_frozen(tmp_path: Path) -> None:
    growing_settings(tmp_path)

    driver = start(tmp_path, seconds=0.05)

    assert driver.wait(250) == 0, printed(tmp_path)
    trials = finished(tmp_path)
    assert sum(one.state is State.COMPLETE for one in trials) == TRIALS
    tried = {str(one.parameters["addition"]) for one in trials}
    assert len(tried) > 1
    assert "let in      addition" in printed(tmp_path)
    view = view_run(tmp_path / "run")
    assert tried - {""} <= {arm.value for arm in view.arms["addition"]}
    assert any("Let in while the study ran" in str(part) for part in report_text(view))
    frozen = json.loads((tmp_path / "run/pipeline/pipeline.json").read_text(encoding="utf-8"))
    best = max((one for one in trials if one.outcome), key=lambda one: one.outcome.score.value)
    assert str(best.parameters["addition"]) in frozen["recipe"]["instruction"]
