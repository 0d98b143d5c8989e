"""Where a search's MLflow and Ray can be looked at, as a person is told.

An address may hold a name and a password; neither is ever printed.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from search.runs.folder import RunFolder
from search.runs.next_steps import look_at_store

_RAY_DASHBOARD = 8265
"""The port of Ray's dashboard unless whoever started Ray chose another."""


def mlflow_address(server: str | None, run_dir: Path) -> str:
    """The tracking server's address, or what to type for a store in the run folder."""
    if server is None:
        return look_at_store(RunFolder(run_dir))
    parts = urlsplit(server)
    if parts.scheme not in {"http", "https"}:
        return f"the store that MLFLOW_TRACKING_URI names ({parts.scheme or 'a path'})"
    return f"{parts.scheme}://{_host(parts)}{parts.path}"


def ray_address(cluster: str | None) -> str:
    """The dashboard of the cluster the search joins, where one can be told from its address."""
    if cluster is None:
        return "no dashboard: a search starts its own Ray without one unless RAY_ADDRESS is set"
    if cluster in {"auto", "local"}:
        return f"http://127.0.0.1:{_RAY_DASHBOARD}, unless its Ray was started with another port"
    parts = urlsplit(cluster if "://" in cluster else f"ray://{cluster}")
    if parts.scheme in {"http", "https"}:
        return f"{parts.scheme}://{_host(parts)}"
    return f"http://{_named(parts)}:{_RAY_DASHBOARD}, unless its Ray was started with another port"


def _host(parts: SplitResult) -> str:
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return _named(parts) + port


def _named(parts: SplitResult) -> str:
    host = parts.hostname or "unknown"
    return f"[{host}]" if ":" in host else host
