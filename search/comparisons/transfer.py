"""The transfer table: what each student becomes under its own best recipes and under the others'.

What people get wrong: the score that made a recipe win stands in the table, so that every student
seems best under its own. Here every cell is run anew, generation included, with seeds that no
trial has drawn from. All of it is measured on the search problems, which the recipes were chosen
by; the sealed ones are not touched.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from evaluators.statistics.deltaone import SEED_DEVIATION
from evaluators.statistics.intervals import spearman
from evaluators.statistics.runs import Replicate
from evaluators.statistics.score import Score
from evaluators.statistics.seeds import seeded_difference
from search.recipes.recipe import Recipe
from search.study.records import TrialRecord
from search.study.trial_stages import TrialStages
from stores.content import fingerprint

SCHEMA = 1
"""Raised when the form of a transfer table changes."""

_RECIPE = TypeAdapter(Recipe)


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a recipe comes from."""

    student: str
    trial: int
    rank: int
    """1 for the winner of that student's study; 0 for the hand-written baseline."""


@dataclass(frozen=True, slots=True)
class TransferRecipe:
    """One row of the table."""

    key: str
    """SHA-256 of the recipe."""
    recipe: Recipe
    found: tuple[Finding, ...]
    """Every study that holds it among its best; the baseline's comes first."""

    @property
    def label(self) -> str:
        """A few words for a person: `best of student-a (trial 8)`."""
        return ", ".join(_found(one) for one in self.found)


@dataclass(frozen=True, slots=True)
class Gap:
    """A student's own best recipe minus another one, problem by problem, and its interval."""

    difference: float
    """Of pass rates, between -1 and 1."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""
    n: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One student under one recipe."""

    key: str
    """The recipe's."""
    student: str
    score: Score | None
    """None where a stage could not be finished; `error` says why."""
    runs: tuple[Replicate, ...]
    """One for each seed, in the order of the search problems."""
    behind: Gap | None
    """What the student's own best recipe gains over this one; None for that recipe itself."""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike two students rank recipes: Spearman's, with its 95 % interval."""

    rho: float | None
    """None with fewer than three recipes, or where one of the two does not vary."""
    low: float | None
    high: float | None
    n: int
    """Recipes."""

    def __str__(self) -> str:
        """As people write it: `ρ = +0.71 [+0.20, +0.93] (n = 12)`."""
        if self.rho is None or self.low is None or self.high is None:
            return f"ρ unknown (n = {self.n})"
        return f"ρ = {self.rho:+.2f} [{self.low:+.2f}, {self.high:+.2f}] (n = {self.n})"


@dataclass(frozen=True, slots=True)
class StudentPair:
    """Two students, and how alike they rank recipes."""

    first: str
    second: str
    tried: Agreement
    """Over the recipes that both studies tried, by the trials' scores: the baseline and what was
    drawn by chance, so nothing was chosen by its score."""
    chosen: Agreement
    """Over the rows of the table. They were chosen for being best with one of the two, which
    pulls this correlation down."""


@dataclass(frozen=True, slots=True)
class TransferStudent:
    """One column of the table."""

    name: str
    """Short: its run folder in the sweep folder."""
    student: str
    """The base model as the study names it."""
    student_sha256: str
    pipeline: str
    """Hash of the pipeline its study ended with; empty where it ended without one."""
    trials: int
    """Trials with a score."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """The whole table."""

    study: str
    students: tuple[TransferStudent, ...]
    recipes: tuple[TransferRecipe, ...]
    cells: tuple[Cell, ...]
    pairs: tuple[StudentPair, ...]
    seeds: tuple[int, ...]
    """Each recipe's runs draw from these; no trial did."""
    problems: int
    """Search problems a cell is measured on."""
    problems_sha256: str
    checker: str
    schema: int = SCHEMA

    def cell(self, key: str, student: str) -> Cell:
        """The cell of a recipe and a student."""
        return next(one for one in self.cells if (one.key, one.student) == (key, student))

    def own(self, student: str) -> TransferRecipe | None:
        """The recipe that won the student's study; None where its study has no score."""
        return next((one for one in self.recipes if _rank(one, student) == 1), None)

    def of_pipeline(self, pipeline: str) -> TransferStudent | None:
        """The student whose study ended with this pipeline."""
        return next((one for one in self.students if one.pipeline == pipeline), None)


@dataclass(frozen=True, slots=True)
class Found:
    """A student's study, as far as the table needs it."""

    name: str
    winner: int | None
    """The trial it named its winner; None where it has none."""
    records: tuple[TrialRecord, ...]
    shelf: TrialStages


def recipe_key(recipe: Recipe) -> str:
    """SHA-256 of a recipe: two studies that tried the same have the same."""
    return fingerprint(_RECIPE.dump_python(recipe, mode="json"))


def chosen_recipes(studies: Sequence[Found], *, best: int) -> tuple[TransferRecipe, ...]:
    """The rows: the baseline, then each student's `best` recipes, each recipe once.

    Args:
        studies: in the order of the columns.
        best: how many of each study.
    """
    found: dict[str, list[Finding]] = {}
    recipes: dict[str, Recipe] = {}
    first = studies[0]
    wanted = [(first, 0, 0)] if first.records else []
    for rank in range(1, best + 1):
        for study in studies:
            ranking = _ranking(study)
            if rank <= len(ranking):
                wanted.append((study, ranking[rank - 1], rank))
    for study, trial, rank in wanted:
        recipe = study.shelf.recipe(next(one for one in study.records if one.number == trial))
        if recipe is None:
            continue
        key = recipe_key(recipe)
        recipes[key] = recipe
        found.setdefault(key, []).append(Finding(study.name, trial, rank))
    return tuple(TransferRecipe(key, recipes[key], tuple(where)) for key, where in found.items())


def with_gaps(cells: Sequence[Cell], own: Mapping[str, str]) -> tuple[Cell, ...]:
    """The cells, each with what its student's own best recipe gains over it.

    Args:
        cells: without gaps.
        own: the key of each student's own best recipe.
    """
    by_place = {(one.key, one.student): one for one in cells}
    return tuple(
        Cell(
            one.key,
            one.student,
            one.score,
            one.runs,
            _gap(by_place.get((own.get(one.student, ""), one.student)), one),
            one.error,
        )
        for one in cells
    )


def student_pairs(
    studies: Sequence[Found], rows: Sequence[TransferRecipe], cells: Sequence[Cell]
) -> tuple[StudentPair, ...]:
    """How alike every two students rank recipes."""
    tried = {study.name: _scores_by_recipe(study) for study in studies}
    measured: dict[str, dict[str, float]] = {study.name: {} for study in studies}
    for one in cells:
        if one.score is not None and any(row.key == one.key for row in rows):
            measured[one.student][one.key] = one.score.value
    return tuple(
        StudentPair(
            one.name,
            other.name,
            _agreement(tried[one.name], tried[other.name]),
            _agreement(measured[one.name], measured[other.name]),
        )
        for one, other in itertools.combinations(studies, 2)
    )


def _ranking(study: Found) -> list[int]:
    """The trials of a study, best first: its winner, then the others by score; a recipe once."""
    scored = [one for one in study.records if one.outcome is not None]
    scored.sort(key=lambda one: (one.number != study.winner, -_value(one), one.number))
    seen: set[str] = set()
    ranking = []
    for one in scored:
        recipe = study.shelf.recipe(one)
        key = recipe_key(recipe) if recipe else ""
        if recipe and key not in seen:
            seen.add(key)
            ranking.append(one.number)
    return ranking


def _scores_by_recipe(study: Found) -> dict[str, float]:
    """The first score of every recipe that a study tried."""
    scores: dict[str, float] = {}
    for one in study.records:
        recipe = study.shelf.recipe(one) if one.outcome is not None else None
        if recipe is not None:
            scores.setdefault(recipe_key(recipe), _value(one))
    return scores


def _gap(own: Cell | None, other: Cell) -> Gap | None:
    if own is None or own is other or own.score is None or other.score is None:
        return None
    found = seeded_difference(own.runs, other.runs, assumed_deviation=SEED_DEVIATION)
    return Gap(found.difference, found.low, found.high, found.n)


def _agreement(mine: Mapping[str, float], theirs: Mapping[str, float]) -> Agreement:
    both = [key for key in mine if key in theirs]
    if len(both) < 3:
        return Agreement(None, None, None, len(both))
    found = spearman([mine[key] for key in both], [theirs[key] for key in both])
    if math.isnan(found.rho):
        return Agreement(None, None, None, found.n)
    return Agreement(found.rho, found.low, found.high, found.n)


def _value(record: TrialRecord) -> float:
    return record.outcome.score.value if record.outcome else -1.0


def _rank(recipe: TransferRecipe, student: str) -> int:
    ranks = [one.rank for one in recipe.found if one.student == student and one.rank]
    return min(ranks, default=0)


def _found(one: Finding) -> str:
    if one.rank == 0:
        return "baseline"
    place = "best" if one.rank == 1 else f"no. {one.rank}"
    return f"{place} of {one.student} (trial {one.trial})"
