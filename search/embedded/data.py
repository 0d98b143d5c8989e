"""Draws the embedded contexts, demos and problems and writes them as JSON Lines.

Contexts and demos are written by known writers over compositions that problems never use; problems
by held-out writers over held-out compositions (see `grammar.split_of`). No two functions of one
file, and no two of different files, mean the same.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

from evaluators.behaviour.lean_literals import to_lean_literal
from search.embedded.clauses import CONTEXT_WRITERS
from search.embedded.english import HELD_OUT_WRITERS, KNOWN_WRITERS, docstring
from search.embedded.grammar import (
    Function,
    Split,
    draw_calls,
    draw_function,
    python_source,
    size,
)
from search.embedded.lean_writer import (
    DEFINITIONS,
    lean_signature,
    lean_source,
    lean_type,
)

CONTEXTS = 600
SEARCH_PROBLEMS = 300
SEALED_PROBLEMS = 1000
CALLS = 6
_DEMOS_PER_STYLE = 2


def write_data(directory: Path, *, seed: int) -> None:
    """Write `contexts`, `demos`, `search_problems` and `sealed_problems` into `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    rng = random.Random(f"data/{seed}")
    contexts = _distinct(rng, "contexts", CONTEXTS)
    _write(directory / "contexts.jsonl.gz", (_context(f, i, rng) for i, f in enumerate(contexts)))
    _write(directory / "demos.jsonl.gz", _demos(rng))
    splits: dict[Split, int] = {
        "search_problems": SEARCH_PROBLEMS,
        "sealed_problems": SEALED_PROBLEMS,
    }
    for split, n in splits.items():
        functions = _distinct(rng, split, n)
        rows = (_problem(f, f"{split[:6]}-{i:04d}", rng) for i, f in enumerate(functions))
        _write(directory / f"{split}.jsonl.gz", rows)


def _distinct(rng: random.Random, split: Split, n: int) -> list[Function]:
    functions: dict[str, Function] = {}
    while len(functions) < n:
        function = draw_function(rng, split=split)
        if _is_telling(function):
            functions.setdefault(function.key, function)
    return list(functions.values())


def _is_telling(function: Function) -> bool:
    """Whether hidden calls could tell a right definition from a constant one."""
    calls = draw_calls(function, random.Random(function.key), n=CALLS)
    return len({repr(value) for _, value in calls}) >= min(3, CALLS) or (
        function.body.kind == "bool" and len({value for _, value in calls}) == 2
    )


def _context(function: Function, index: int, rng: random.Random) -> dict[str, object]:
    calls = draw_calls(function, random.Random(function.key), n=CALLS)
    return {
        "id": f"context-{index:04d}",
        "name": function.name,
        "python": python_source(function, rng),
        "docstring": docstring(function, writer=rng.choice(CONTEXT_WRITERS), rng=rng),
        "calls": [{"arguments": arguments, "value": value} for arguments, value in calls],
        "licence": "Apache-2.0",
        "contributor": "outerloop-grammar",
    }


def _demos(rng: random.Random) -> Iterator[dict[str, object]]:
    """Gold demos, two for each definition style and writer."""
    for definition in DEFINITIONS:
        for writer in KNOWN_WRITERS:
            for number in range(1, _DEMOS_PER_STYLE + 1):
                function = draw_function(rng, split="demos")
                while size(function.body) != 2:
                    function = draw_function(rng, split="demos")
                yield {
                    "id": f"{definition}-{writer}-{number}",
                    "python": python_source(function, rng),
                    "docstring_in": docstring(function, writer="textbook", rng=rng),
                    "docstring": docstring(function, writer=writer, rng=rng),
                    "lean": lean_source(function, definition=definition),
                }


def _problem(function: Function, identifier: str, rng: random.Random) -> dict[str, object]:
    types = [lean_type(kind, "Int") for _, kind in function.parameters]
    result = lean_type(function.body.kind, "Int")
    tests = []
    for arguments, value in draw_calls(function, random.Random(function.key), n=CALLS):
        written = " ".join(
            to_lean_literal(argument, lean_type)
            for argument, lean_type in zip(arguments, types, strict=True)
        )
        tests.append(f"{function.name} {written} = {to_lean_literal(value, result)}")
    return {
        "id": identifier,
        "docstring": docstring(function, writer=rng.choice(HELD_OUT_WRITERS), rng=rng),
        "signature": lean_signature(function),
        "tests": tests,
        "reference": lean_source(function, definition="direct"),
    }


def _write(path: Path, rows: Iterator[dict[str, object]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
