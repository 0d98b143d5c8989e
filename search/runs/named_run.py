"""The run folder a person means: by the folder itself, by a study file, or by a copy's address."""

from __future__ import annotations

import re
from pathlib import Path

from search.errors import StudyNotFound
from search.runs.copy import LEFT, bring_back
from search.runs.folder import RUNS, RunFolder
from search.runs.sweep_folder import SweepFolder
from search.settings.file import load_study
from stores.copies import mirror_at


def one_run(name: Path) -> Path:
    """The run folder a person means, where one run is wanted.

    Raises:
        StudyNotFound: it is a sweep's, which has several.
    """
    folder = run_dir(name)
    sweep = SweepFolder(folder)
    if sweep.is_sweep:
        raise StudyNotFound(f"{folder} is a sweep; name one of its runs: {sweep.named_runs()}")
    return folder


def run_dir(name: Path) -> Path:
    """The run folder a person means by a folder, by a study file or by a copy's address."""
    address = re.match(r"([a-z][a-z0-9+.-]+):/+(.+)", str(name))  # a path has lost a slash
    if address:
        slashes = ":///" if address[1] == "file" else "://"
        return brought_to_look(f"{address[1]}{slashes}{address[2]}")
    if name.suffix in {".yaml", ".yml"}:
        return RUNS / load_study(name).name
    return name


def brought_to_look(address: str) -> Path:
    """A run's or a sweep's copy as a local folder for whoever only looks, without its weights.

    Raises:
        AddressRefused: the address cannot be used.
        StudyNotFound: no study was copied there.
        CopyUnavailable: the copy cannot be reached.
    """
    folder = RUNS / ".mirrored" / re.sub(r"[^A-Za-z0-9.-]+", "-", address)
    bring_back(mirror_at(address), folder, leave=LEFT)
    if not (RunFolder(folder).has_study() or SweepFolder(folder).is_sweep):
        raise StudyNotFound(f"{address}: no study there; `outerloop search --run-dir` writes one")
    return folder


def newest_run() -> Path | None:
    """The run folder in runs/ that was searched last, those of sweeps among them."""
    files = [*RUNS.glob("*/study.yaml"), *RUNS.glob("*/*/study.yaml")]
    return max(files, key=lambda file: file.stat().st_mtime).parent if files else None
