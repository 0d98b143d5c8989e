from __future__ import annotations

from pathlib import Path

import pytest
import ray

from search.errors import StudyError
from search.settings.file import load_study
from search.workers.learner import cluster
from tests.search_tests.small_study import write_small_study


def test_a_ray_that_does_not_start_is_one_line_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(*_: object, **__: object) -> None:
        raise Exception("The current node timed out during startup.\nLong advice follows.")

    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(ray, "init", too_slow)
    with (
        pytest.raises(StudyError, match=r"timed out during startup.*same command") as caught,
        cluster(load_study(write_small_study(tmp_path))),
    ):
        pass
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionError("Failed to connect to GCS at 10.0.0.1:6379"),
        RuntimeError("No node info found matching attributes: '10.0.0.2'"),
        ValueError("Malformed address: head"),
    ],
)
def test_an_address_without_a_ray_that_has_a_node_here_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    monkeypatch.setattr(ray, "init", refused)
    with (
        pytest.raises(StudyError, match=r"RAY_ADDRESS is 10\.0\.0\.1:6379.*as a job") as caught,
        cluster(load_study(write_small_study(tmp_path))),
    ):
        pass
    assert str(error) in str(caught.value)
