"""Reading contexts: what a generator turns into examples, one row of a JSON Lines file each.

What a row holds is the task's affair. Fields nobody asks for are ignored.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import asdict

from evaluators.errors import RowsError
from evaluators.task import Context, Task
from search.materials.jsonl import locate, read_rows, refuse_repeated_ids


def load_contexts(
    source: str, task: Task, *, limit: int | None = None, seed: int | None = None
) -> tuple[Context, ...]:
    """The contexts of a `.jsonl` or `.jsonl.gz` file or of `embedded:NAME`.

    Args:
        source: a local path or `embedded:NAME`.
        task: says what a row holds.
        limit: keep this many; all when None.
        seed: shuffle with this seed before the limit; None keeps the order of the file.

    Raises:
        RowsError: the file is missing, empty, not JSONL, or a row of it cannot be a context.
    """
    rows = list(read_rows(locate(source)))
    contexts = [task.context(row) for row in rows]
    refuse_repeated_ids(rows, contexts)
    if limit is not None and limit < 1:
        raise RowsError(f"{source}: a limit of {limit} leaves no context; give 1 or more")
    if seed is not None:
        random.Random(seed).shuffle(contexts)
    return tuple(contexts[:limit])


def contexts_hash(contexts: Sequence[Context]) -> str:
    """SHA-256 of the contexts, in their order, whatever file they were read from."""
    canonical = json.dumps([asdict(context) for context in contexts], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
