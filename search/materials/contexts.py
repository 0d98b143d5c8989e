"""Contexts: the Python functions with docstrings that a generator turns into examples.

A contexts file is JSON Lines, one function a line: `{"id", "name", "python", "docstring", "calls",
"licence", "contributor"}`. Only `id` and `python` are always needed: the name can be read off the
source, and a docstring inside `python` is moved out of it. `license` and `source` stand in for
`licence` and `contributor` where those are missing. Other fields are ignored.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import cast

from search.errors import RowsError
from search.materials.jsonl import Row, locate, read_rows, refuse_repeated_ids
from search.materials.python_source import read_function
from stores.content import JSONValue


@dataclass(frozen=True, slots=True)
class Call:
    """One known call of a context's function: the arguments and what Python returns."""

    arguments: tuple[JSONValue, ...]
    value: JSONValue


@dataclass(frozen=True, slots=True)
class Context:
    """One Python function with its docstring."""

    id: str
    name: str
    python: str
    """The function's source, without its docstring."""
    docstring: str
    calls: tuple[Call, ...] = ()
    """Known calls for the faithfulness check; empty when nobody knows any."""
    licence: str = ""
    contributor: str = ""


def load_contexts(
    source: str, *, limit: int | None = None, seed: int | None = None
) -> tuple[Context, ...]:
    """The contexts of a `.jsonl` or `.jsonl.gz` file or of `embedded:NAME`.

    Args:
        source: a local path or `embedded:NAME`.
        limit: keep this many; all when None.
        seed: shuffle with this seed before the limit; None keeps the order of the file.

    Raises:
        RowsError: the file is missing, empty, not JSONL, or a row of it cannot be a context.
    """
    rows = list(read_rows(locate(source)))
    contexts = [_context(row) for row in rows]
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


def _context(row: Row) -> Context:
    identity = row.text("id")
    try:
        function = read_function(row.text("python"), row.optional_text("name"))
    except ValueError as error:
        raise row.error(
            f"the Python of `{identity}` cannot be used: {error}; repair or drop the row"
        ) from error
    docstring = (row.optional_text("docstring") or function.docstring).strip()
    if not docstring:
        raise row.error(f"`{identity}` has no docstring; add a field `docstring` or drop the row")
    return Context(
        id=identity,
        name=function.name,
        python=function.source,
        docstring=docstring,
        calls=tuple(_call(row, value) for value in row.items("calls")),
        licence=row.optional_text("licence", "license") or "",
        contributor=row.optional_text("contributor", "source") or "",
    )


def _call(row: Row, value: object) -> Call:
    if not isinstance(value, dict) or "value" not in value:
        raise row.error('each of `calls` must be {"arguments": [...], "value": ...}')
    arguments = value.get("arguments")
    if not isinstance(arguments, list):
        raise row.error('each of `calls` must be {"arguments": [...], "value": ...}')
    return Call(tuple(cast("list[JSONValue]", arguments)), cast("JSONValue", value["value"]))
