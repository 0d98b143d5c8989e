"""Which weights a generator writes with, told without loading them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from search.embedded import PREFIX, resolve
from search.generation.prices import LOCAL, is_local


def weights_hash(folder: Path) -> str:
    """SHA-256 over the weight and tokenizer files of a model folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in {".safetensors", ".json", ".jinja"} and path.name != "pretraining.json":
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def fingerprint_of(model: str, api_base: str | None) -> str:
    """The `Generator.fingerprint` that a generator of these settings has.

    Raises:
        KeyError: there is no embedded model of that name.
    """
    if not is_local(model):
        return f"{model} at {api_base or 'its default address'}"
    plain = str(resolve(model)) if model.startswith(PREFIX) else model.removeprefix(LOCAL)
    return weights_hash(Path(plain)) if Path(plain).is_dir() else plain
