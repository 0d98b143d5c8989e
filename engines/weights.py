"""Which weights a model has, told without loading them.

A model is its folder: weights, tokenizer, chat template and configurations decide what it writes,
so every file counts but those that no loader reads. A hub id counts as the commit that lies in
this machine's hub cache.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Mapping
from pathlib import Path

from engines.file_hashes import remembered_sha256
from engines.json_text import read_json
from engines.named_models import PREFIX, resolve
from engines.prices import LOCAL, is_local

HUB = "hub:"
"""What the hash of a model that lies on the hub begins with."""


def model_files(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a model folder that a loader may read, by its name in it.

    Raises:
        OSError: a file cannot be read.
    """
    names = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    return {
        name: remembered_sha256(path)
        for name, path in names.items()
        if path.is_file() and not name.endswith(".md") and not f"/{name}".count("/.")
    }


def hash_of_files(files: Mapping[str, str]) -> str:
    """SHA-256 over the hashes of a model's files."""
    digest = hashlib.sha256()
    for name, sha256 in files.items():
        digest.update(f"{name} {sha256}\n".encode())
    return digest.hexdigest()


def model_hash(model: str) -> str:
    """Names the weights of a model folder by their hash, those of a hub id by their commit.

    Raises:
        OSError: a file cannot be read.
    """
    folder = Path(model)
    if folder.is_dir():
        return hash_of_files(model_files(folder))
    commit = _cached_commit(model)
    return f"{HUB}{model}@{commit}" if commit else f"{HUB}{model}"


def local_path(model: str) -> str:
    """The folder or hub id behind the name of a model that runs in this process.

    Raises:
        KeyError: there is no embedded model of that name.
    """
    return str(resolve(model)) if model.startswith(PREFIX) else model.removeprefix(LOCAL)


def fingerprint_of(model: str, api_base: str | None) -> str:
    """The `Generator.fingerprint` that a generator of these settings has.

    Raises:
        KeyError: there is no embedded model of that name.
        OSError: a file of a local model cannot be read.
    """
    if not is_local(model):
        return f"{model} at {api_base or 'its default address'}"
    return model_hash(local_path(model))


def parameters_of(model: str) -> int | None:
    """How many weights a model has, from the heads of its files; None where none says.

    Only `.safetensors` in a folder or in this machine's hub cache say it without being loaded.
    """
    folder = Path(model) if Path(model).is_dir() else _cached_folder(model)
    if folder is None:
        return None
    try:
        return sum(map(_weights_in, folder.glob("*.safetensors"))) or None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error):
        return None  # a damaged file; whoever loads it says what is wrong with it


def _weights_in(path: Path) -> int:
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        head = read_json(file.read(min(length, path.stat().st_size)))
    return sum(
        math.prod(tensor["shape"]) for name, tensor in head.items() if name != "__metadata__"
    )


def _cached_folder(model: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        config = try_to_load_from_cache(model, "config.json")
    except HFValidationError:
        return None
    return Path(config).parent if isinstance(config, str) else None


def _cached_commit(model: str) -> str:
    folder = _cached_folder(model)
    return folder.name if folder else ""
