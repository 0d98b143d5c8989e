"""What a student or its generator learnt from, read from any of the files that hold it.

Contexts, demos, data sets of `outerloop generate` and plain rows with a docstring all do: a row
needs a `docstring`, a `lean` definition, or `python` with either.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from evaluators.eng2lean.python_source import read_function
from evaluators.json_rows import JsonRow
from evaluators.leaks.contamination import Passage
from evaluators.leaks.shapes import Shape, shape_of_calls
from search.materials.jsonl import locate, read_rows


def load_learnt(sources: Sequence[str]) -> tuple[Passage, ...]:
    """The passages of all sources, in order.

    Raises:
        RowsError: a file is missing, empty or not JSONL, or a row says nothing.
    """
    return tuple(_passage(row) for source in sources for row in read_rows(locate(source)))


def _passage(row: JsonRow) -> Passage:
    passage = Passage(
        id=row.optional_text("id", "context_id", "name") or f"{row.path.name}:{row.line}",
        kind="learnt row",
        docstring=row.optional_text("docstring", "prompt") or "",
        lean=row.optional_text("lean") or "",
        name=row.optional_text("name") or "",
        shape=_shape(row),
    )
    python = row.optional_text("python")
    if python and not (passage.docstring and passage.name):
        try:
            function = read_function(python, passage.name or None)
        except ValueError:
            function = None
        if function is not None:
            passage = dataclasses.replace(
                passage,
                docstring=passage.docstring or function.docstring,
                name=passage.name or function.name,
            )
    if not (passage.docstring or passage.lean):
        raise row.error("no `docstring` and no `lean`; there is nothing to compare with problems")
    return passage


def _shape(row: JsonRow) -> Shape:
    calls = [
        (call["arguments"], call["value"])
        for call in row.items("calls")
        if isinstance(call, dict) and isinstance(call.get("arguments"), list) and "value" in call
    ]
    return shape_of_calls(calls)
