from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from engines.ledger import Cost, Ledger
from search.report.utilisation import busy, busy_line, stages_of
from stores.manifests import Manifest, maker
from stores.stages import StageStore


def test_the_time_with_all_workers_in_a_stage_is_told_from_that_with_one() -> None:
    # one worker from 0 to 6, the other from 1 to 3 and from 4 to 10
    found = busy([(0.0, 6.0), (1.0, 3.0), (4.0, 10.0)], workers=2)

    assert found is not None
    assert found.seconds == 10.0
    assert found.at_work == (10.0, 4.0)
    assert (found.any_share, found.all_share, found.mean_share) == (1.0, 0.4, 0.7)
    assert busy_line(found) == (
        "All 2 workers were in a stage for 40% of 0.2 minutes, at least one for 100%."
    )


def test_time_between_two_stages_of_one_worker_is_idle() -> None:
    found = busy([(0.0, 30.0), (40.0, 60.0)], workers=1)

    assert found is not None
    assert found.all_share == pytest.approx(50 / 60)
    assert busy_line(found) == "The worker was in a stage for 83% of 1.0 minutes."


def test_where_nothing_ran_nothing_is_said() -> None:
    assert busy([], workers=2) is None
    assert busy_line(None) == ""


def test_only_the_stages_that_this_driver_ran_for_this_study_count(tmp_path: Path) -> None:
    for study, who, ended in [
        ("a", "trial 0", "2026-01-01T00:01:40.250Z"),
        ("a", "trial 1", "2026-01-01T00:00:09Z"),  # an earlier driver's
        ("a", "final: best 1", "2026-01-01T00:02:00Z"),
        ("b", "trial 0", "2026-01-01T00:02:00Z"),
    ]:
        folder = tmp_path / "train" / f"{study}{who[-1]}{ended[-3:]}{who[:1]}"
        folder.mkdir(parents=True)
        at, cost = datetime.fromisoformat(ended), Cost(seconds=40.0)
        made_by = maker(study, who)
        Manifest(folder, {}, files={}, cost=cost, finished=at, made_by=made_by).write(folder)
    (tmp_path / "train" / "broken").mkdir()
    (tmp_path / "train" / "broken" / "manifest.json").write_text("{", encoding="utf-8")
    newyear = 1767225600.0

    assert sorted(stages_of(tmp_path, "a", since=newyear)) == [
        (newyear + 60.25, newyear + 100.25),
        (newyear + 80.0, newyear + 120.0),
    ]
    # the clock was set back to 110 s: what ended later was an earlier driver's
    assert stages_of(tmp_path, "a", since=newyear, until=newyear + 110) == [
        (newyear + 60.25, newyear + 100.25)
    ]


def test_a_stage_says_when_it_ended_to_the_millisecond(tmp_path: Path) -> None:
    from pydantic import TypeAdapter

    store = StageStore(tmp_path, ledger=Ledger(), maker="s/trial 0")
    store.run("x", inputs={}, compute=lambda _: 1, codec=TypeAdapter(int), cost=lambda _: Cost())

    ((began, ended),) = stages_of(tmp_path, "s")
    assert 0 <= ended - began < 60
