"""What the manifest of a stage says: written last, so a folder that has one is finished.

This is the one place that writes and reads them, and that puts a stage's maker together and takes
it apart again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from engines.json_text import read_json
from engines.ledger import Cost, StageCost
from stores.content import fingerprint

MANIFEST = "manifest.json"
SCHEMA = 1
"""Raised when the layout of a stage folder changes; older folders are then made again."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One stage: what it was made from, by whom, when, and what that cost."""

    folder: Path
    """Where the stage lies: `<store>/<stage>/<key>`."""
    inputs: dict[str, Any]
    """Everything its value depends on; the key is their hash."""
    files: dict[str, str]
    """SHA-256 of every other file, by its path in the folder."""
    cost: Cost
    finished: datetime
    made_by: str = ""
    """See `maker`."""
    notes: tuple[str, ...] = ()
    """What whoever reads the value must know of how it was made."""
    schema: int = SCHEMA

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of a stage's folder.

        Raises:
            OSError: there is none.
            ValueError: it cannot be understood.
        """
        facts = read_json((folder / MANIFEST).read_text(encoding="utf-8"))
        try:
            cost = Cost(**facts["cost"])  # a cost that this version does not know is refused
        except (KeyError, TypeError) as error:
            raise ValueError(f"the cost cannot be read ({error})") from error
        return _CODEC.validate_python({**facts, "folder": folder, "cost": cost})

    def write(self, folder: Path) -> None:
        """Write it into a folder; it is on the disk when this returns."""
        facts = {
            **asdict(self),
            "stage": self.stage,
            "key": self.key,
            "sha256": self.sha256,
            "finished": self.finished.isoformat(timespec="milliseconds"),
        }
        del facts["folder"]
        if not self.notes:
            del facts["notes"]
        with (folder / MANIFEST).open("w", encoding="utf-8") as file:
            json.dump(facts, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())

    @property
    def stage(self) -> str:
        """The kind of stage."""
        return self.folder.parent.name

    @property
    def key(self) -> str:
        """Hash of the inputs: the folder's name."""
        return self.folder.name

    @property
    def sha256(self) -> str:
        """Hash of the payload."""
        return fingerprint({**self.files})

    @property
    def study(self) -> str:
        """The identity of the study that ran it."""
        return self.made_by.partition("/")[0]

    @property
    def who(self) -> str:
        """Who of the study ran it, such as `trial 3`."""
        return self.made_by.partition("/")[2]

    def line(self, *, cached: bool = False, own: bool = False) -> StageCost:
        """The stage in a ledger."""
        return StageCost(self.stage, self.key, cached, self.cost, own)


_CODEC = TypeAdapter(Manifest)


def maker(study: str, who: str) -> str:
    """Who runs a stage, for its manifest: a study's identity and who of it; empty without one."""
    return f"{study}/{who}" if study else ""


def paths_in(store: Path, stage: str = "*") -> list[Path]:
    """Where a store's manifests lie: of one stage, or of all."""
    return sorted(store.glob(f"{stage}/[!.]*/{MANIFEST}"))


def all_in(store: Path) -> Iterator[Manifest]:
    """The manifests of a store; what cannot be read is left out, and will be made again."""
    return _readable(paths_in(store))


def newest_in(stores: Iterable[Path], stage: str, *, at_most: int) -> Iterator[Manifest]:
    """The manifests of one stage in several stores, the latest written first."""
    paths = [path for store in stores for path in paths_in(store, stage)]
    paths.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    return _readable(islice(paths, at_most))


def made_in(store: Path, study: str) -> Iterator[Manifest]:
    """The manifests of the stages that a study ran; none for a study without an identity."""
    return (manifest for manifest in all_in(store) if study and manifest.study == study)


def _readable(paths: Iterable[Path]) -> Iterator[Manifest]:
    for path in paths:
        try:
            yield Manifest.read(path.parent)
        except (OSError, ValueError):
            continue
