"""An adapter on disk: weights, tokenizer, and `adapter.json`, without which it is not finished.

The folder holds no path of its own, so it can be moved.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from pathlib import Path

from trainers.adapter import Adapter
from trainers.errors import TrainingError

MANIFEST = "adapter.json"


def publish(folder: Path, adapter: Adapter) -> Adapter:
    """Move a folder of saved weights to `adapter.path`, its manifest complete; return `adapter`.

    Both must lie on one file system. What lay at `adapter.path` before is replaced.
    """
    fields = dataclasses.asdict(adapter)
    del fields["path"]
    (folder / MANIFEST).write_text(json.dumps(fields, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(adapter.path, ignore_errors=True)
    folder.replace(adapter.path)
    return adapter


def read_adapter(folder: Path) -> Adapter:
    """The adapter in a folder, its weights checked against the hash in the manifest.

    Raises:
        TrainingError: no manifest (training was cut off), or weights that are not the manifest's.
    """
    try:
        fields = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        adapter = Adapter(path=folder, **fields)
    except (OSError, ValueError, TypeError) as error:
        raise TrainingError(
            f"{folder} is no finished adapter ({MANIFEST}: {error}); train it again"
        ) from error
    if weights_hash(folder) != adapter.sha256:
        raise TrainingError(
            f"the weights in {folder} are not those its {MANIFEST} names; train it again"
        )
    return adapter


def weights_hash(folder: Path) -> str:
    """SHA-256 over the folder's weight files in the order of their names."""
    digest = hashlib.sha256()
    for weights in sorted(folder.glob("*.safetensors")):
        with weights.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
