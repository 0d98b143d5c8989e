"""`outerloop dashboard`: Optuna dashboard on a study, live or finished."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

import typer

from engines import environment
from search.errors import PortInUse
from search.runs.folder import RunFolder
from search.runs.next_steps import look_at_store

_HOST = "127.0.0.1"
"""The dashboard has no authentication, so nothing but this machine may reach it."""
_RAY_DASHBOARD = 8265
"""The port of Ray's dashboard unless whoever started Ray chose another."""


def dashboard(
    study: Annotated[
        Path,
        typer.Argument(metavar="STUDY", help="A run folder, or the study file of one in runs/."),
    ],
    port: Annotated[
        int, typer.Option(metavar="PORT", min=1, max=65535, help="Port on the loopback address.")
    ] = (8080),
) -> None:
    """Watch a study in the browser while it runs.

    outerloop dashboard runs/embedded

    Beside each trial stand its note, its prompt, some of its rows and its problems.
    """
    environment.prepare()
    from search.commands.dashboard import mlflow_address, ray_address
    from search.console import Console
    from search.report.dashboard import serve_dashboard
    from search.report.trial_pages import FilesToRead
    from search.runs.folder import RunFolder
    from search.runs.location import settle_if_possible
    from search.runs.named_run import one_run

    folder = RunFolder(one_run(study))
    path = folder.existing_study()
    require_free(port)
    settle_if_possible(folder)
    console = Console()
    console.print(f"study   http://{_HOST}:{port}  (Ctrl-C stops it; the search goes on)")
    console.print(f"MLflow  {mlflow_address(environment.mlflow_tracking_uri(), folder.path)}")
    console.print(f"Ray     {ray_address(environment.ray_address())}")
    serve_dashboard(path, files=FilesToRead(folder.artifacts), host=_HOST, port=port)


def require_free(port: int) -> None:
    """Check that nobody listens on a port.

    Raises:
        PortInUse: somebody does.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise PortInUse(
                f"port {port} on {_HOST} is taken ({error.strerror}); choose another with "
                f"--port {port + 1 if port < 65535 else 8080}"
            ) from error


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
