from __future__ import annotations

import time
from pathlib import Path

from evaluators.task import Demo
from search.recipes.pool import Draft
from search.study.records import SHOWN
from search.workers.bridge import Bridge
from tests.search_tests.growing_study import growing_settings, open_growing
from tests.search_tests.workers.test_bridge import FakeWatcher, ending

DEMO = Demo(("def f(x): return x", "in"), ("out", "def f"))


def test_a_trial_is_held_back_only_while_drafts_are_about_to_come(tmp_path: Path) -> None:
    search = open_growing(tmp_path, growing_settings(tmp_path))
    bridge = Bridge(search.study, FakeWatcher(), ready=search.ready, search=search.settings.search)

    held = bridge.propose("a")
    deadline = time.monotonic() + 30
    while (proposed := bridge.propose("a")) is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)

    assert held is None
    assert isinstance(proposed, dict)
    assert search.values("addition") == ["", "Be very careful. Ask nobody."]


def test_a_worker_is_given_the_demos_of_a_proposed_set_and_the_text_of_an_addition(
    tmp_path: Path,
) -> None:
    search = open_growing(tmp_path, growing_settings(tmp_path))
    study = search.study
    bridge = Bridge(study, FakeWatcher(), ready=lambda: True, search=search.settings.search)
    study.pools["demo_set"].add(Draft(demos=(DEMO,), origin="rows"), after=0)
    study.pools["addition"].add(Draft("Think."), after=0)

    given = []
    for name in "abcd":
        proposed = bridge.propose(name)
        assert isinstance(proposed, dict)
        given.append(proposed)
        bridge.ended(name, ending())

    shown = {one["parameters"]["demo_set"]: SHOWN.validate_json(one["shown"]) for one in given}
    assert shown == {"none": None, "rows 1": (DEMO,)}
    assert {one["parameters"]["addition"] for one in given} == {"", "Think."}
