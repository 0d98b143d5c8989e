"""Optuna dashboard on a study, for looking only.

What would change the study is refused with a reason, before the dashboard asks a storage that
cannot be written. The importances it draws are the report's: one study has one answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import optuna
from optuna.artifacts import FileSystemArtifactStore
from optuna.trial import TrialState

from search.report.importance import REPORTED, importances
from search.settings.storage_address import Place
from search.study.records import record_of
from search.study.storage import open_to_read

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_IMPORTANCES = re.compile(r"/api/studies/(\d+)/param_importances/?")
_REFUSED = "this dashboard only shows; outerloop changes the study, and its run folder is yours"


def serve_dashboard(
    place: Place,
    *,
    files: FileSystemArtifactStore,
    host: str,
    port: int,
) -> None:
    """Serve the dashboard on a study until it is interrupted.

    Args:
        place: where the study is.
        files: the trials' artifacts.
        host: the address to listen on.
        port: the port to listen on.

    Raises:
        OSError: the port is taken.
    """
    from optuna_dashboard import wsgi

    storage = open_to_read(place)
    shown = only_shown(wsgi(storage, artifact_store=files), storage)
    with make_server(host, port, shown, _Server, _Quiet) as server:
        server.serve_forever()


def only_shown(
    dashboard: WSGIApplication, storage: optuna.storages.BaseStorage
) -> WSGIApplication:
    """The dashboard without what would change a study, and with the report's importances."""
    known: dict[tuple[int, int], list[dict[str, Any]]] = {}

    def shares_of(study_id: int) -> list[dict[str, Any]]:
        trials = storage.get_all_trials(study_id, deepcopy=False)
        scored = [trial for trial in trials if trial.state is TrialState.COMPLETE]
        key = (study_id, len(scored))
        if key not in known:
            kinds = {
                name: type(distribution).__name__
                for trial in scored
                for name, distribution in trial.distributions.items()
            }
            shares = importances([record_of(trial) for trial in scored], seed=REPORTED)
            known[key] = [
                {
                    "name": knob.knob,
                    "importance": knob.share,
                    "distribution": kinds.get(knob.knob, "CategoricalDistribution"),
                }
                for knob in shares.knobs
            ]
        return known[key]

    def answer(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in _READS:
            return _json(start, HTTPStatus.FORBIDDEN, {"reason": _REFUSED})
        wanted = _IMPORTANCES.fullmatch(environ.get("PATH_INFO", ""))
        if wanted is None:
            return dashboard(environ, start)
        try:
            shares = shares_of(int(wanted[1]))
        except KeyError:
            return _json(start, HTTPStatus.NOT_FOUND, {"reason": f"no study {wanted[1]}"})
        return _json(start, HTTPStatus.OK, {"param_importances": [shares]})

    return answer


def _json(start: StartResponse, status: HTTPStatus, value: object) -> list[bytes]:
    body = json.dumps(value).encode()
    start(
        f"{status.value} {status.phrase}",
        [("Content-Type", "application/json"), ("Content-Length", str(len(body)))],
    )
    return [body]


class _Server(ThreadingMixIn, WSGIServer):
    """A page asks for several things at a time."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """No line for each request."""

    def log_message(self, format: str, *args: object) -> None:
        """See `http.server.BaseHTTPRequestHandler.log_message`."""
