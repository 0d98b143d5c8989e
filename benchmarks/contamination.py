"""How well the leak check finds the Verina tasks that were taken over from MBPP.

`python_functions.jsonl` names, row by row, the evaluation items a function gives away; 49 of the
108 tasks of `eng2lean_verina_basic.jsonl` are MBPP's, reworded. The labels are read for scoring
only. Prints, for each method and for all together,

- the tasks flagged through the very MBPP function they come from, on the half that the weights
  were chosen on and on the other,
- the tasks flagged through any function, and
- the false alarms: the share of functions that no label connects with Verina and that are flagged
  all the same.

    python benchmarks/contamination.py ../shared/data
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluators.leaks.contamination import COPIES, LIKELY, Method, Overlap, Passage, overlaps
from evaluators.leaks.shapes import shape_of_calls
from evaluators.problem import Problem


@dataclass(frozen=True)
class Labelled:
    """What is compared, and who is said to be whose source."""

    passages: list[Passage]
    problems: list[Problem]
    sources: list[tuple[str, str]]
    """A passage and the problem that was made from it."""
    clean: set[str]
    """Passages that no label connects with a problem."""


def read(folder: Path) -> Labelled:
    """The shared rows as passages and problems."""
    functions = _rows(folder / "python_functions.jsonl")
    tasks = _rows(folder / "eng2lean_verina_basic.jsonl")
    return Labelled(
        passages=[
            Passage(
                row["id"],
                "context",
                row["docstring"],
                name=row["name"],
                shape=shape_of_calls(_asserted(row)),
            )
            for row in functions
        ],
        problems=[
            Problem(row["id"], row["docstring"], row["signature"], (), row["lean"])
            for row in tasks
        ],
        sources=[
            ("mbpp_" + re.findall(r"\d+", row["upstream"]["task_id"])[0], row["id"])
            for row in tasks
            if row["upstream"]["name"] == "dafny-synthesis"
        ],
        clean={
            row["id"] for row in functions if not any("Verina" in one for one in row["overlaps"])
        },
    )


def line(name: str, found: list[Overlap], labelled: Labelled, *, seconds: float) -> str:
    """One line of the table."""
    pairs = {(one.passage_id, one.problem_id) for one in found}
    chosen, held_out = labelled.sources[::2], labelled.sources[1::2]
    tasks = {problem for _, problem in labelled.sources}
    flagged = {one.problem_id for one in found}
    false = {one.passage_id for one in found} & labelled.clean
    mbpp = {one for one in labelled.clean if one.startswith("mbpp")}
    return (
        f"{name:<12} {sum(one in pairs for one in chosen):>3} of {len(chosen)}"
        f" {sum(one in pairs for one in held_out):>3} of {len(held_out)}"
        f" {len(flagged & tasks):>3} of {len(tasks)}"
        f" {len(flagged - tasks):>3} of {len(labelled.problems) - len(tasks)}"
        f" {len(false) / len(labelled.clean):>7.2%} (n = {len(labelled.clean):,})"
        f" {len(false & mbpp) / len(mbpp):>7.2%} (n = {len(mbpp)})"
        f" {seconds:>5.1f} s"
    )


def main() -> None:
    """Print the table, and the tasks whose source was not found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/data"))
    folder = parser.parse_args().folder
    if not (folder / "python_functions.jsonl").is_file():
        print(f"{folder} holds no python_functions.jsonl; name the folder with the labelled rows")
        sys.exit(0)
    labelled = read(folder)
    print("             own source, chosen on / held out; any; other tasks; false alarms; of MBPP")
    found: list[Overlap] = []
    for name, by in [*((m.value, (m,)) for m in Method), ("all", (*COPIES, *LIKELY))]:
        started = time.monotonic()
        found = overlaps(labelled.passages, labelled.problems, by=by)
        print(line(name, found, labelled, seconds=time.monotonic() - started))
    pairs = {(one.passage_id, one.problem_id) for one in found}
    for passage, problem in labelled.sources:
        if (passage, problem) not in pairs:
            through = [one.passage_id for one in found if one.problem_id == problem]
            print(f"not through its source {passage}: {problem}; through {through or 'nothing'}")


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines() if text]


def _asserted(row: dict[str, Any]) -> list[tuple[list[object], object]]:
    """The calls that a row's tests compare with a literal."""
    calls: list[tuple[list[object], object]] = []
    try:
        tests = ast.parse(row["tests"])
    except SyntaxError:  # doctests; the leak check reads those of the docstring by itself
        return calls
    for node in ast.walk(tests):
        if not (isinstance(node, ast.Compare) and isinstance(node.left, ast.Call)):
            continue
        function = node.left.func
        if isinstance(function, ast.Name) and function.id in {row["name"], "candidate"}:
            try:
                arguments = [ast.literal_eval(one) for one in node.left.args]
                calls.append((arguments, ast.literal_eval(node.comparators[0])))
            except (ValueError, TypeError, SyntaxError):
                continue
    return calls


if __name__ == "__main__":
    main()
