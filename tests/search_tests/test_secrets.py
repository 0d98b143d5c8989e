from __future__ import annotations

from pathlib import Path

import pytest

from search import environment
from search.errors import SettingsError
from search.study.file import load_study
from search.study.settings import flat_settings
from tests.search_tests.small_study import write_small_study


@pytest.mark.parametrize(
    "address",
    ["http://ada:hunter2@host/v1", "http://ada@host/v1", "http://host/v1?api_key=hunter2"],
)
def test_an_endpoints_address_with_a_secret_in_it_is_refused_without_repeating_it(
    tmp_path: Path, address: str
) -> None:
    study = write_small_study(tmp_path)
    text = study.read_text(encoding="utf-8").replace(
        "{model: local/fake}", f"{{model: hosted_vllm/m, api_base: '{address}'}}"
    )
    study.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="api_base: holds a name, a password or a query") as no:
        load_study(study)
    assert "hunter2" not in str(no.value)
    assert "generator.api_key_env" in str(no.value)


def test_a_bare_address_is_taken(tmp_path: Path) -> None:
    study = write_small_study(tmp_path)
    text = study.read_text(encoding="utf-8").replace(
        "{model: local/fake}", "{model: hosted_vllm/m, api_base: 'http://127.0.0.1:8000/v1'}"
    )
    study.write_text(text, encoding="utf-8")
    assert load_study(study).generator.api_base == "http://127.0.0.1:8000/v1"


def test_secrets_are_the_values_of_keys_and_the_passwords_of_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN", "OUTERLOOP_STORAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MY_KEY", "one")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "two")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ada:three@host:5000")
    assert environment.secrets("MY_KEY") == {"one", "two", "three"}
    assert environment.secrets("NOT_SET") == {"two", "three"}
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://[broken")
    assert environment.secrets() == {"two"}


def test_what_is_tracked_changes_no_study_that_never_said_so(tmp_path: Path) -> None:
    study = write_small_study(tmp_path)
    assert not [name for name in flat_settings(load_study(study)) if name.startswith("tracking")]
    with study.open("a", encoding="utf-8") as file:
        file.write("tracking: {adapters: all}\n")
    assert flat_settings(load_study(study))["tracking.adapters"] == "all"
