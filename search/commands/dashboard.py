"""`outerloop dashboard`: Optuna dashboard on a study, live or finished."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated

import typer

from engines import environment
from search.errors import PortInUse

_HOST = "127.0.0.1"
"""The dashboard has no authentication, so nothing but this machine may reach it."""


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
    from search.commands.addresses import mlflow_address, ray_address
    from search.console import Console
    from search.report.attachments import FilesToRead
    from search.report.dashboard import serve_dashboard
    from search.runs.folder import RunFolder
    from search.runs.moved_store import settle_if_possible
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
