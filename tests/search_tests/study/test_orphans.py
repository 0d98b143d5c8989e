"""Trials that a storage made and nobody heard of."""

from __future__ import annotations

from pathlib import Path

import optuna
import pytest

from search.study.records import State
from search.study.study import SearchStudy
from search.study.waiting import Patience, patient
from search.workers.bridge import ENOUGH
from tests.search_tests.study.test_study import FIRST
from tests.search_tests.workers.test_bridge import FakeWatcher, bridge, ending, open_study


class LosesOneAnswer(optuna.storages.InMemoryStorage):
    """Does what it is asked; the answer to one call of one method does not come back."""

    def __init__(self, method: str, call: int) -> None:
        super().__init__()
        self._method = method
        self._left = call

    def create_new_trial(self, *arguments, **named):
        return self._answered("create_new_trial", super().create_new_trial(*arguments, **named))

    def set_trial_state_values(self, *arguments, **named):
        done = super().set_trial_state_values(*arguments, **named)
        return self._answered("set_trial_state_values", done)

    def _answered(self, method, answer):
        self._left -= method == self._method
        if self._left == 0:
            self._left = -1
            raise ConnectionError("the answer was lost")
        return answer


def study_in(
    storage: optuna.storages.BaseStorage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> SearchStudy:
    waiting = patient(storage, Patience(30, lambda _: None))
    monkeypatch.setattr("search.study.study.open_to_write", lambda *_: waiting)
    return open_study(folder)


@pytest.mark.parametrize(
    ("method", "call"),
    # of making the baseline, the second trial, the third; of taking the baseline out of its queue
    [*(("create_new_trial", call) for call in (1, 2, 3)), ("set_trial_state_values", 1)],
)
def test_a_trial_whose_making_was_not_heard_of_is_run_and_the_search_comes_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, call: int
) -> None:
    study = study_in(LosesOneAnswer(method, call), tmp_path, monkeypatch)
    study.begin_with(FIRST)
    search = bridge(study, FakeWatcher())  # two trials are wanted

    handed = []
    for name in "abcdef":
        proposal = search.propose(name)
        if proposal == ENOUGH:
            break
        handed.append(proposal["number"])
        search.ended(name, ending())

    assert proposal == ENOUGH
    assert sorted(handed) == list(range(len(study.records())))
    assert len(handed) <= 3
    assert {one.state for one in study.records()} == {State.COMPLETE}


def test_a_trial_that_runs_is_not_handed_out_twice(tmp_path: Path) -> None:
    study = open_study(tmp_path)

    assert [study.propose().number for _ in range(4)] == [0, 1, 2, 3]
    again = open_study(tmp_path)
    assert [again.propose().number for _ in range(5)] == [0, 1, 2, 3, 4]
