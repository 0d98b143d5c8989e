"""Recorded trials: one line for each run of a recipe, in a journal or in the shipped table.

A recipe here is a point of a small grid; a run is one trial of it under one seed, with what every
rung saw. What people get wrong: taking one run for the recipe's worth. A run has luck in it, its
own fine-tune's and that of its problems; the table keeps runs apart, and problem by problem.
"""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from search.recipes.space import OneOf, Parameters, ParameterValue
from search.settings.study import StudySettings

_Value = TypeVar("_Value")

SHIPPED = Path(__file__).with_name("data") / "trials.jsonl.gz"
STUDY = Path(__file__).with_name("data") / "replay.yaml"
TEMPERATURES = (0.0, 1.0)

SMALL_CONTEXTS = 3
"""The first two rungs look at one of so many contexts; the second learns from them,"""
SMALL_STEPS = 3
"""for one of so many steps,"""
SMALL_PROBLEMS = 3
"""and is asked one of so many problems."""


@dataclass(frozen=True, slots=True)
class Rung:
    """What one rung of a run said, and what it took."""

    name: str
    """`validity` or `faithfulness` of few rows, `small` (a short fine-tune on these) or `full`."""
    value: float | None
    """Share of such rows, or of problems passed; None where there was nothing to count."""
    n: int
    """Rows or problems."""
    cpu_seconds: float
    """What it takes beyond the rungs before it, each stage as if it had been run here, Lean's
    part as the worker's time. The two signals of the rows cost once."""
    passed: str = ""
    """`1` and `0` for each problem, in the file's order; empty for signals of the rows."""


@dataclass(frozen=True, slots=True)
class Run:
    """One trial of one recipe under one seed."""

    parameters: dict[str, ParameterValue]
    seed: int
    rungs: tuple[Rung, ...] = ()
    """Those it reached, in order; a run without `full` has no score."""
    error: str = ""
    """Why it has no score."""
    proxies: dict[str, float | None] = field(default_factory=dict)
    candidates: int = 0
    examples: int = 0
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    """By stage; the full fine-tune's and evaluation's apart from the small ones."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall clock by stage, of the run that filled it."""

    @property
    def score(self) -> float | None:
        """Share of all problems passed; None where it was not reached."""
        full = next((rung for rung in self.rungs if rung.name == "full"), None)
        return full.value if full else None

    @property
    def key(self) -> str:
        """Names this run: its recipe and its seed."""
        return f"{self.recipe} seed={self.seed}"

    @property
    def recipe(self) -> str:
        """Names its recipe."""
        return recipe_key(self.parameters)


_RUN = TypeAdapter(Run)


@dataclass(frozen=True, slots=True)
class TrialTable:
    """Every recorded run, and what they were recorded with."""

    about: Mapping[str, object]
    runs: tuple[Run, ...]

    @classmethod
    def read(cls, path: Path = SHIPPED) -> TrialTable:
        """The table of a journal or of a gzipped file.

        A journal's last line may be half a line, of a recording that was killed; it is left out.

        Raises:
            ValueError: a line in the middle is broken, or the first is not a head.
        """
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
        lines = text.split("\n")
        if not lines[0]:
            raise ValueError(f"{path}: no recorded trials; run benchmarks/record_trials.py")
        runs = {run.key: run for run in map(_RUN.validate_json, filter(None, lines[1:-1]))}
        return cls(json.loads(lines[0])["about"], tuple(runs.values()))

    def write(self, path: Path) -> None:
        """Write it gzipped, the same bytes for the same runs."""
        head = json.dumps({"about": dict(self.about)})
        body = "".join(run_line(run) for run in self.runs)
        path.write_bytes(gzip.compress(f"{head}\n{body}".encode(), mtime=0))

    def by_recipe(self) -> dict[str, list[Run]]:
        """The runs of each recipe, by its key."""
        found: dict[str, list[Run]] = {}
        for run in self.runs:
            found.setdefault(run.recipe, []).append(run)
        return found


def run_line(run: Run) -> str:
    """A run as one line of a journal."""
    return json.dumps(asdict(run), ensure_ascii=False) + "\n"


def recipe_key(parameters: Parameters) -> str:
    """The same text for the same recipe."""
    return json.dumps({name: parameters[name] for name in sorted(parameters)})


def grid(
    settings: StudySettings, temperatures: Sequence[float] = TEMPERATURES
) -> dict[str, OneOf]:
    """The parameters that vary, each with its values; the others have one value each."""
    space = settings.recipe
    return {
        **{f"clause.{name}": OneOf(tuple(texts)) for name, texts in space.clauses.items()},
        "demo_set": OneOf(tuple(space.demo_sets)),
        "temperature": OneOf(tuple(temperatures)),
        "keep_docstring": OneOf(tuple(space.keep_docstring)),
    }


def recorded_part(
    table: TrialTable, settings: StudySettings
) -> tuple[StudySettings, tuple[float, ...]]:
    """The largest part of the grid that is recorded whole: its study and its temperatures.

    A recording goes docstring by docstring and temperature by temperature, so a part is some of
    these with everything else.

    Raises:
        ValueError: not even one docstring at one temperature is recorded whole.
    """
    known = set(table.by_recipe())
    parts = []
    for texts in _some(settings.recipe.clauses["docstring"]):
        clauses = {**settings.recipe.clauses, "docstring": texts}
        recipe = settings.recipe.model_copy(update={"clauses": clauses})
        part = settings.model_copy(update={"recipe": recipe})
        for levels in _some(TEMPERATURES):
            here = points(grid(part, levels))
            if all(recipe_key(whole(part, point)) in known for point in here):
                parts.append((len(here), part, levels))
    if not parts:
        raise ValueError(f"no part of the grid is recorded whole; {len(known)} recipes are")
    _, part, levels = max(parts, key=lambda one: one[0])
    return part, levels


def _some(values: Sequence[_Value]) -> list[tuple[_Value, ...]]:
    """Every choice of one or more values that keeps the first, which the baseline needs."""
    first, rest = values[0], values[1:]
    return [
        (first, *chosen)
        for many in range(len(rest) + 1)
        for chosen in itertools.combinations(rest, many)
    ]


def whole(settings: StudySettings, point: Parameters) -> dict[str, ParameterValue]:
    """A point of the grid with the parameters that do not vary."""
    return {**point, "attempts": settings.recipe.attempts.low, "filter": settings.recipe.filter[0]}


def points(choices: Mapping[str, OneOf]) -> list[dict[str, ParameterValue]]:
    """Every point of a grid, the last name varying fastest."""
    values: Sequence[Sequence[ParameterValue]] = [one.values for one in choices.values()]
    return [dict(zip(choices, point, strict=True)) for point in itertools.product(*values)]
