"""The one place that reads and sets environment variables.

`prepare` must run before torch, Ray, MLflow or DSPy are imported: each of them reads its
variables once, at import. Whatever the user has already set is left as it is.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from engines.errors import EnvironmentWrong
from engines.redaction import KNOWN_BY, strike

QUIET_AND_BOUNDED: Mapping[str, str] = {
    # one thread a process: trials run side by side, and two torch processes with a thread per
    # core each are slower than one
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # LiteLLM fetches a price map at import, and hangs MLflow where there is no network
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # a tracking server that is gone costs seconds a trial, not minutes
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    # a local Ray listens on the loopback interface; where none is set, 2.60 chooses by what an
    # earlier run left in the home folder
    "RAY_AUTH_MODE": "disabled",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DISABLE_IMPORT_WARNING": "1",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    # Tune keeps no truth of its own here, so it writes none
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "TUNE_WARN_THRESHOLD_S": "30",
    "RAY_AIR_NEW_OUTPUT": "0",
}
"""Variables every process of a search runs under, unless the user has set them."""

WITHOUT_NETWORK = "LITELLM_LOCAL_MODEL_COST_MAP=True"
"""What must stand before a command of MLflow's that a person pastes: where there is no network, it
waits for LiteLLM's prices before it serves anything."""

_JOB = "RAY_JOB_CONFIG_JSON_ENV_VAR"
"""Set by Ray for the driver of a submitted job."""
_UNPACKED = "working_dir_files"
"""The folder of a node's Ray session that working directories are unpacked in."""


_SECRET = (
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
    "PGPASSWORD",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "HF_TOKEN",
    "LEAN_SERVER_API_KEY",
)
"""Variables that hold a secret whole, which libraries read for themselves."""
_ADDRESSES = ("MLFLOW_TRACKING_URI", "OUTERLOOP_STORAGE")
"""Variables that may hold a password in an address."""
_AROUND = " \t\r\n\v\f\0\u00a0\u200b\u200c\u200d\u2060\ufeff"
"""What a file, a shell or a browser leaves around a key that is copied from it."""
_KEYS: set[str] = set()
"""Every key that this process has read."""


def prepare() -> None:
    """Set what is not set, hush libraries that log at import, and strip secrets they read."""
    for name, value in QUIET_AND_BOUNDED.items():
        os.environ.setdefault(name, value)
    for name in (*_SECRET, *_ADDRESSES):
        if name in os.environ:
            os.environ[name] = _bare(name)
    for noisy in ("ray", "mlflow", "alembic", "optuna", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def current() -> dict[str, str]:
    """The variables of `QUIET_AND_BOUNDED` as they stand, for workers on other machines."""
    return {name: os.environ.get(name, value) for name, value in QUIET_AND_BOUNDED.items()}


def for_workers() -> dict[str, str]:
    """`current` without what the Ray job was submitted with: its workers have that already.

    Ray refuses a driver that names a variable of its job's runtime environment a second time.
    """
    submitted = _job_environment()
    return {name: value for name, value in current().items() if name not in submitted}


def unpacked_by_ray(path: Path) -> bool:
    """Whether a path lies in a working directory that Ray unpacked for a submitted job.

    That is one node's own, and Ray deletes it some time after the job.
    """
    return _JOB in os.environ and _UNPACKED in path.resolve().parts


def _job_environment() -> frozenset[str]:
    """Names of the variables that the job whose driver this process is was submitted with."""
    try:
        job = json.loads(os.environ.get(_JOB, "") or "{}")
        return frozenset(job.get("runtime_env", {}).get("env_vars", {}))
    except (ValueError, AttributeError, TypeError):
        return frozenset()


def ray_address() -> str | None:
    """The Ray cluster this process was told to join, None for one of its own."""
    return os.environ.get("RAY_ADDRESS") or None


def key(name: str) -> str | None:
    """The key that a variable holds, None where that is unset or blank.

    What stands around it is left out, also for whoever reads the variable later, and from here on
    no error of this process repeats it.

    Raises:
        EnvironmentWrong: no HTTP header could carry it.
    """
    value = _bare(name)
    if not value:
        return None
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise EnvironmentWrong(
            f"{name} holds a space, a line break or a character outside ASCII in the middle, so "
            "it is no key; export the key alone"
        )
    _KEYS.add(value)
    os.environ[name] = value
    return value


def struck(text: str) -> str:
    """A text for logs and people without the secrets that somebody's error may repeat."""
    named = {_bare(name) for name in _SECRET}
    passwords = {part for name in _ADDRESSES for part in _passwords(_bare(name))}
    return strike(text, (_KEYS | named | passwords) - {""})


def struck_reply(text: str) -> str:
    """What a language model wrote, without a key that its endpoint repeats.

    Only keys that no text holds by chance: a reply keeps its `x` although that is somebody's key.
    """
    return strike(text, {known for known in _KEYS if len(known) >= KNOWN_BY})


def _bare(name: str) -> str:
    return os.environ.get(name, "").strip(_AROUND)


def _passwords(address: str) -> set[str]:
    """An address's password as it stands there, and as it is meant."""
    try:
        password = urlsplit(address).password or ""
    except ValueError:
        return set()
    return {password, unquote(password)}


def mlflow_tracking_uri() -> str | None:
    """The MLflow server this process was told to log to, None for a store in the run folder."""
    return _bare("MLFLOW_TRACKING_URI") or None


STUDY_STORAGE = "OUTERLOOP_STORAGE"
"""The variable that says where studies live, password and all; it wins over `search.storage`."""


def study_storage() -> str | None:
    """Where this process was told that studies live, None to ask the study file."""
    return _bare(STUDY_STORAGE) or None
