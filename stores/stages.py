"""The content-addressed store of stages: same inputs, no second run.

A stage lives in `<root>/<stage>/<key>/`, where the key is a hash of everything its value depends
on. What people get wrong: an input left out of `inputs` makes the store hand out another stage's
value, and a time or a path put in makes it never hand out anything.

A folder is finished when its manifest exists. It is filled under another name and renamed last,
so a process killed at any moment leaves either a whole stage or none; answers of language models
that it paid for are kept beside it until then (engines/answers.py). Two processes that want
the same stage take turns: the second reads what the first wrote. A payload whose hashes no longer
match the manifest is set aside and made again. A store with a mirror (stores/copies.py) looks
there for what it does not hold, and copies what it makes.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

from filelock import FileLock
from pydantic import TypeAdapter

from engines import answers, meter
from engines.file_hashes import file_sha256
from engines.json_text import read_json
from engines.ledger import Cost, Ledger
from stores.content import JSONValue, fingerprint
from stores.copies import StageMirror
from stores.manifests import MANIFEST, SCHEMA, Manifest

ROWS = "rows.jsonl"
VALUE = "value.json"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stage(Generic[T]):
    """A finished stage."""

    value: T
    key: str
    """Hash of the inputs: the folder's name."""
    sha256: str
    """Hash of the payload: what later stages that read it depend on."""
    folder: Path
    cached: bool


class StageStore:
    """Runs stages, or reads them where they were run before.

    Args:
        root: the folder the stages live in; processes and studies may share one.
        ledger: told of every stage, with its cost.
        maker: who runs stages here (stores/manifests.py): written into the manifest, so that a
            second attempt of the same trial knows what it has paid for.
    """

    def __init__(self, root: Path, *, ledger: Ledger, maker: str = "") -> None:
        self.root = root
        self.ledger = ledger
        self.maker = maker
        self._mirror = StageMirror.of(root)

    def run(
        self,
        stage: str,
        *,
        inputs: Mapping[str, JSONValue],
        compute: Callable[[Path], T],
        codec: TypeAdapter[T],
        cost: Callable[[T], Cost],
    ) -> Stage[T]:
        """The stage's value, computed only where the store does not hold it.

        Args:
            stage: the stage's name, a folder under the root.
            inputs: everything the value depends on.
            compute: makes the value; files it leaves in the folder it is given are kept.
            codec: how the value is written: lists as JSON Lines, everything else as JSON.
            cost: what making the value used, as far as the value says; seconds, money and what
                was used in other processes are metered.

        Raises:
            OSError: the folder cannot be written.
        """
        key = fingerprint(dict(inputs))
        folder = self.root / stage / key
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f".{key}.lock"):
            found = _read(folder, codec)
            if found is None and self._fetched(stage, folder):
                found = _read(folder, codec)
            if found is None:
                self._write(folder, inputs, compute, codec, cost)
                found = _read(folder, codec)
                cached = False
                if self._mirror is not None:
                    self._mirror.push(stage, folder)
            else:
                cached = True
        if found is None:
            raise OSError(
                f"{folder} changed while it was written; is another program cleaning it?"
            )
        value, manifest = found
        own = cached and bool(self.maker) and manifest.made_by == self.maker
        self.ledger.record(manifest.line(cached=cached, own=own))
        return Stage(value, key, manifest.sha256, folder, cached)

    def _write(
        self,
        folder: Path,
        inputs: Mapping[str, JSONValue],
        compute: Callable[[Path], T],
        codec: TypeAdapter[T],
        cost: Callable[[T], Cost],
    ) -> None:
        """Fill a folder beside the final one, manifest last, and rename it. The lock is held."""
        for left_over in folder.parent.glob(f".{folder.name}.tmp-*"):
            shutil.rmtree(left_over)
        draft = _draft_of(folder)
        draft.mkdir()
        try:
            with meter.metered() as used, answers.kept_in(_answers_of(folder)):
                value = compute(draft)
            counted = _counted(used.used, declared=cost(value))
            _encode(draft, value, codec)
            manifest = Manifest(
                folder,
                dict(inputs),
                files=_hashes(draft),
                cost=counted,
                finished=datetime.now(UTC),
                made_by=self.maker,
                notes=tuple(used.notes),
            )
            manifest.write(draft)
            draft.replace(folder)
            _answers_of(folder).unlink(missing_ok=True)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    def _fetched(self, stage: str, folder: Path) -> bool:
        """Whether the store's mirror had the stage, which lies here then. The lock is held."""
        if self._mirror is None:
            return False
        return self._mirror.fetch(stage, folder, draft=_draft_of(folder))


def _answers_of(folder: Path) -> Path:
    """What was paid for of a stage that is not finished; it outlives a failure and a kill."""
    return folder.parent / f".{folder.name}.answers.jsonl"


def _draft_of(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.tmp-{uuid.uuid4().hex}"


def _counted(used: Cost, *, declared: Cost) -> Cost:
    """What was metered; what no meter counted as the value declares it."""
    metered = dataclasses.asdict(used)
    return Cost(
        **{name: metered[name] or value for name, value in dataclasses.asdict(declared).items()}
    )


def _encode(folder: Path, value: T, codec: TypeAdapter[T]) -> None:
    plain = codec.dump_python(value, mode="json")
    if isinstance(plain, list):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in plain)
        (folder / ROWS).write_text(text, encoding="utf-8", newline="\n")
    else:
        text = json.dumps(plain, ensure_ascii=False, indent=1)
        (folder / VALUE).write_text(text, encoding="utf-8", newline="\n")


def _read(folder: Path, codec: TypeAdapter[T]) -> tuple[T, Manifest] | None:
    """The stage in a folder; None where there is none that can be trusted."""
    if not folder.exists():
        return None
    try:
        manifest = Manifest.read(folder)
        if manifest.schema == SCHEMA and manifest.files == _hashes(folder):
            return codec.validate_python(_decode(folder), strict=False), manifest
    except (OSError, ValueError, KeyError, TypeError):
        pass  # whatever is wrong with it, it is made again
    spoilt = folder.parent / f".{folder.name}.spoilt-{uuid.uuid4().hex[:8]}"
    folder.rename(spoilt)
    return None


def _decode(folder: Path) -> JSONValue:
    rows = folder / ROWS
    if rows.exists():
        lines = rows.read_text(encoding="utf-8").split("\n")
        return [read_json(line) for line in lines if line]
    decoded: JSONValue = read_json((folder / VALUE).read_text(encoding="utf-8"))
    return decoded


def _hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in a folder but the manifest, by its path in the folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): file_sha256(path)
        for path in paths
        if path != folder / MANIFEST
    }
