"""The recorded trials as a world to search in: what a trial shows, what it costs, what is true.

A replay shows half of the problems. Half of n problems err about all n as much as n problems err
about all there could be (1/(n/2) · (1 - 1/2) = 1/n), so a searcher is misled by its problems as
much as it would be in earnest, while the other half keeps the truth honest. What people get wrong:
scoring a searcher by the score it saw. It picked that score for being high.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.trial_table import TEMPERATURES, Run, TrialTable, recipe_key
from search.recipes.space import Parameters


@dataclass(frozen=True, slots=True)
class Costs:
    """Processor seconds of a trial's parts: medians over the table, the same for every recipe."""

    rows: float
    """Writing and checking all rows."""
    short: float
    """The short fine-tune and its evaluation."""
    full: float
    """The full fine-tune and its evaluation."""
    few: float
    """The share of the rows that the first rungs look at."""

    @classmethod
    def of(cls, table: TrialTable, *, few: float) -> Costs:
        """Of the runs that reached their end."""

        def median(*stages: str) -> float:
            return statistics.median(
                sum(run.cpu_seconds[stage] for stage in stages)
                for run in table.runs
                if run.score is not None
            )

        return cls(
            rows=median("generate", "check"),
            short=median("small train", "small evaluate"),
            full=median("train", "evaluate"),
            few=few,
        )

    @property
    def trial(self) -> float:
        """One whole trial without rungs: the unit that budgets are counted in."""
        return self.rows + self.full


@dataclass(frozen=True, slots=True)
class Recipe:
    """One recipe of the table."""

    runs: tuple[Run, ...]
    truth: float | None
    """Share of problems passed over all problems and runs; None where no run has a score."""


class World:
    """Every recorded recipe.

    Args:
        table: the recorded trials.
        few: the share of contexts that the first rungs look at.
        temperatures: those that recipes were recorded at.
    """

    def __init__(
        self, table: TrialTable, *, few: float, temperatures: Sequence[float] = TEMPERATURES
    ) -> None:
        self.temperatures = tuple(temperatures)
        self.recipes = {key: _recipe(runs) for key, runs in table.by_recipe().items()}
        self.costs = Costs.of(table, few=few)
        self.problems = max(len(_passed(run, "full")) for run in table.runs)

    @property
    def best(self) -> float:
        """The truth of the best recipe."""
        return max(one.truth for one in self.recipes.values() if one.truth is not None)

    @property
    def ranks(self) -> Mapping[str, int]:
        """Place of each recipe by its truth, 1 for the best."""
        order = sorted(self.recipes, key=lambda key: -(self.recipes[key].truth or 0.0))
        return {key: place for place, key in enumerate(order, start=1)}


@dataclass(frozen=True, slots=True)
class Point:
    """Where a search stood after a trial."""

    spent: float
    """In whole trials."""
    truth: float | None
    """What the recipe with the best score so far is worth; None while nothing has a score."""


class Replay:
    """One search through the world: its problems, the run it meets of each recipe, its spending.

    A stage that was run before is read, as the stage store does: the same recipe costs nothing
    twice, recipes that differ behind the generation share it, and a whole trial goes on from the
    rows of its rungs.
    """

    def __init__(self, world: World, *, seed: int) -> None:
        rng = random.Random(seed)
        self.world = world
        self.shown = frozenset(rng.sample(range(world.problems), world.problems // 2))
        self._met = {key: rng.choice(one.runs) for key, one in sorted(world.recipes.items())}
        self._seed = seed
        self._made: set[tuple[str, str]] = set()
        self.spent = 0.0
        """In whole trials."""

    def knows(self, parameters: Parameters) -> bool:
        """Whether the recipe was recorded."""
        return recipe_key(parameters) in self._met

    def signal(self, parameters: Parameters, name: str) -> float | None:
        """The first rung: validity or faithfulness of few rows."""
        costs = self.world.costs
        self._pay("few rows", _written(parameters), costs.rows * costs.few)
        return next((one.value for one in self._run(parameters).rungs if one.name == name), None)

    def short(self, parameters: Parameters) -> float | None:
        """The second rung: the pass rate of a short fine-tune; None where it failed."""
        self._pay("short", recipe_key(parameters), self.world.costs.short)
        return self._rate(parameters, "small")

    def full(self, parameters: Parameters) -> tuple[bool, ...]:
        """The whole trial: which of the shown problems are passed; empty where it failed."""
        costs, written = self.world.costs, _written(parameters)
        looked_at = ("few rows", written) in self._made  # those are not made again
        self._pay("rows", written, costs.rows * (1 - costs.few if looked_at else 1))
        passed = _passed(self._run(parameters), "full")
        if passed:
            self._pay("full", recipe_key(parameters), self.world.costs.full)
        return self._shown(passed)

    def fresh(self, parameters: Parameters, *, seed: int) -> tuple[bool, ...]:
        """A run under a fresh seed: one of the recorded runs, drawn anew; empty where it failed.

        It is paid by whoever asks: nothing of it was made before.
        """
        key = recipe_key(parameters)
        runs = self.world.recipes[key].runs
        drawn = random.Random(f"{self._seed}/{key}/{seed}").choice(runs)
        return self._shown(_passed(drawn, "full"))

    def truth(self, parameters: Parameters) -> float | None:
        """What the recipe is worth."""
        return self.world.recipes[recipe_key(parameters)].truth

    def _run(self, parameters: Parameters) -> Run:
        return self._met[recipe_key(parameters)]

    def _rate(self, parameters: Parameters, rung: str) -> float | None:
        bits = self._shown(_passed(self._run(parameters), rung))
        return sum(bits) / len(bits) if bits else None

    def _shown(self, passed: str) -> tuple[bool, ...]:
        return tuple(bit == "1" for at, bit in enumerate(passed) if at in self.shown)

    def _pay(self, stage: str, key: str, cpu_seconds: float) -> None:
        if (stage, key) not in self._made:
            self._made.add((stage, key))
            self.spent += cpu_seconds / self.world.costs.trial


def picked_of_all(world: World, *, seed: int) -> Point:
    """What is picked by its score when every recipe is tried: no searcher can do better for sure.

    It is less than the best recipe: the highest of many scores is one that had luck.
    """
    replay = Replay(world, seed=seed)
    recipes = sorted((key, one.runs[0].parameters) for key, one in world.recipes.items())
    _, best = max(recipes, key=lambda one: sum(replay.full(one[1])))
    return Point(replay.spent, replay.truth(best))


AFTER_WRITING = ("filter", "keep_docstring")
"""Parameters that the rows do not depend on."""


def _written(parameters: Parameters) -> str:
    return recipe_key({k: v for k, v in parameters.items() if k not in AFTER_WRITING})


def _recipe(runs: Sequence[Run]) -> Recipe:
    scores = [run.score for run in runs if run.score is not None]
    return Recipe(tuple(runs), statistics.fmean(scores) if scores else None)


def _passed(run: Run, rung: str) -> str:
    return next((one.passed for one in run.rungs if one.name == rung), "")


@dataclass(frozen=True, slots=True)
class Noise:
    """How far recipes lie apart, and how far runs of one recipe do."""

    recipes: int
    repeated: int
    """Recipes with more than one run."""
    between: float
    """Standard deviation of the recipes' true scores: the observed variance of single runs less
    the variance within."""
    within: float
    """Standard deviation of the runs of one recipe, pooled."""

    @classmethod
    def of(cls, table: TrialTable) -> Noise:
        """Over the runs with a score."""
        groups = [
            [run.score for run in runs if run.score is not None]
            for runs in table.by_recipe().values()
        ]
        groups = [group for group in groups if group]
        many = [group for group in groups if len(group) > 1]
        freedom = sum(len(group) - 1 for group in many)
        square = sum(statistics.variance(group) * (len(group) - 1) for group in many)
        within = (square / freedom) ** 0.5 if freedom else float("nan")
        observed = statistics.variance([group[0] for group in groups])
        between = max(0.0, observed - (within**2 if freedom else 0.0)) ** 0.5
        return cls(len(groups), len(many), between, within)
