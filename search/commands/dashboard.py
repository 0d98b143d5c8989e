"""`outerloop dashboard`: Optuna dashboard on a study, live or finished."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Annotated

import typer

from engines import environment
from search.commands.addresses import mlflow_address, ray_address
from search.errors import PortInUse, StudyNotFound
from search.runs.copy import LEFT, bring_back
from search.runs.folder import RUNS, RunFolder
from search.runs.sweep_folder import SweepFolder
from stores.copies import mirror_at

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
    from search.console import Console
    from search.report.attachments import FilesToRead
    from search.report.dashboard import serve_dashboard
    from search.runs.folder import RunFolder
    from search.runs.moved_store import settle_if_possible

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


def one_run(study: Path) -> Path:
    """The run folder a person means, where one run is wanted.

    Raises:
        StudyNotFound: it is a sweep's, which has several.
    """
    from search.runs.sweep_folder import SweepFolder

    folder = run_dir(study)
    sweep = SweepFolder(folder)
    if sweep.is_sweep:
        raise StudyNotFound(f"{folder} is a sweep; name one of its runs: {sweep.named_runs()}")
    return folder


def run_dir(study: Path) -> Path:
    """The run folder a person means by a folder, by a study file or by a copy's address."""
    address = re.match(r"([a-z][a-z0-9+.-]+):/+(.+)", str(study))  # a path has lost a slash
    if address:
        from search.commands.dashboard import brought_to_look

        slashes = ":///" if address[1] == "file" else "://"
        return brought_to_look(f"{address[1]}{slashes}{address[2]}")
    if study.suffix in {".yaml", ".yml"}:
        from search.runs.folder import RUNS
        from search.settings.file import load_study

        return RUNS / load_study(study).name
    return study


def brought_to_look(address: str) -> Path:
    """A run's or a sweep's copy as a local folder for whoever only looks, without its weights.

    Raises:
        SettingsError: the address cannot be used.
        StudyNotFound: no study was copied there.
        CopyUnavailable: the copy cannot be reached.
    """
    folder = RUNS / ".mirrored" / re.sub(r"[^A-Za-z0-9.-]+", "-", address)
    bring_back(mirror_at(address), folder, leave=LEFT)
    if not (RunFolder(folder).has_study() or SweepFolder(folder).is_sweep):
        raise StudyNotFound(f"{address}: no study there; `outerloop search --run-dir` writes one")
    return folder
