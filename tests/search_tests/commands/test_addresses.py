from __future__ import annotations

from pathlib import Path

import pytest

from search.commands.dashboard import mlflow_address, ray_address


def test_a_store_in_the_run_folder_is_a_command_to_paste() -> None:
    shown = "LITELLM_LOCAL_MODEL_COST_MAP=True mlflow ui --backend-store-uri"
    assert mlflow_address(None, Path("/runs/a")) == f"{shown} sqlite:////runs/a/mlflow.db"
    assert mlflow_address(None, Path("/my runs/#1")) == (
        f"{shown} 'sqlite+pysqlite:////my runs/%231/mlflow.db'"
    )


@pytest.mark.parametrize(
    ("server", "told"),
    [
        ("https://ada:secret@host:5000/mlflow", "https://host:5000/mlflow"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        (
            "postgresql://ada:secret@host/db",
            "the store that MLFLOW_TRACKING_URI names (postgresql)",
        ),
        ("/data/mlruns", "the store that MLFLOW_TRACKING_URI names (a path)"),
    ],
)
def test_a_servers_address_is_told_without_its_password(server: str, told: str) -> None:
    assert mlflow_address(server, Path("runs/a")) == told


@pytest.mark.parametrize(
    ("cluster", "told"),
    [
        (None, "no dashboard"),
        ("auto", "http://127.0.0.1:8265"),
        ("head:6379", "http://head:8265"),
        ("ray://head:10001", "http://head:8265"),
        ("https://ada:secret@head:443", "https://head:443"),
    ],
)
def test_rays_dashboard_is_told_from_the_clusters_address(cluster: str | None, told: str) -> None:
    assert ray_address(cluster).startswith(told)
