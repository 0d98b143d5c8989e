"""How often does DeltaOne say *shown* when nothing was gained, and how often when something was?

Simulates whole searches with passes that hang together as measured in this project, and judges
each winner on sealed problems with fresh fine-tunes. Prints

- false alarms: no recipe is better than the baseline, the best of 30 is picked on 300 search
  problems and judged on 1,000 sealed ones; by seeds and by how much fine-tunes vary with them.
  Beside DeltaOne stand the plain rule (point estimate at least one point), and both rules on the
  search problems that made the winner,
- power: how often a true gain is shown, by gain, problems and fine-tunes; as a plot as well.

    python benchmarks/deltaone_simulation.py --plot docs/deltaone_power.svg

A pass is a normal trait above a threshold. Of the trait's variance 45 % belongs to the problem,
35 % to problem and recipe, 20 % to problem and fine-tune: two fine-tunes of one recipe then
correlate about as in a run of `benchmarks/recipe_signal.py` (tetrachoric 0.78, median of 30
pairs), and two recipes as there (0.42, median of 10). Fine-tunes as wholes vary by a deviation of
their own.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evaluators.statistics.deltaone import SEED_DEVIATION, THRESHOLD
from evaluators.statistics.intervals import score_of_rate
from evaluators.statistics.seeds import estimate

RECIPES = 30
SEARCH_PROBLEMS = 300
SEALED_PROBLEMS = 1000
BASELINE = 0.16
"""The baseline recipe's measured pass rate on the sealed problems."""
SPREAD = 0.091
"""Of recipes' true rates, measured."""
SHARES = (0.45, 0.35, 0.20)
DEVIATIONS = (0.0, 0.009, 0.016, 0.03)
"""Of fine-tunes as wholes: none (student-a: what is measured follows from single problems), all of
the measured deviation within a recipe, student-b's, and twice that."""
AT_ONCE = 100
"""Searches in memory together."""

Passes = NDArray[np.float64]
Rates = NDArray[np.float64]


class Students:
    """Fine-tunes of recipes, drawn by chance."""

    def __init__(self, rng: np.random.Generator, *, deviation: float) -> None:
        self._rng = rng
        self._deviation = deviation

    def passes(self, rates: Rates, *, seeds: int, n: int) -> Passes:
        """Passes of every recipe on the same `n` fresh problems.

        Args:
            rates: true pass rates over problems and seeds, shape (searches, recipes).
            seeds: fine-tunes of each recipe.
            n: problems.

        Returns:
            1 or 0, shape (searches, recipes, seeds, problems).
        """
        searches, recipes = rates.shape
        traits = self._normal(0, searches, 1, 1, n)
        traits = traits + self._normal(1, searches, recipes, 1, n)
        traits = traits + self._normal(2, searches, recipes, seeds, n)
        cut = stats.norm.ppf(rates)[:, :, None, None]
        moved = self._deviation / stats.norm.pdf(cut)
        whole = moved * self._rng.standard_normal((searches, recipes, seeds, 1))
        # wider traits need a farther cut for the same rate
        passed = traits + (whole + cut * np.sqrt(1 + moved**2)).astype(np.float32) > 0
        return passed.astype(np.float64)

    def _normal(self, part: int, *shape: int) -> NDArray[np.float32]:
        drawn = self._rng.standard_normal(shape, dtype=np.float32)
        return drawn * np.float32(np.sqrt(SHARES[part]))


@dataclass
class Tally:
    """How often each rule said yes."""

    runs: int = 0
    shown: int = 0
    without_allowance: int = 0
    """Shown by the interval of the fine-tunes alone, which only differs for one of each."""
    plain: int = 0
    shown_on_search: int = 0
    plain_on_search: int = 0


def verdicts(
    first: Passes, second: Passes, *, allowance: float = SEED_DEVIATION
) -> tuple[int, int]:
    """Of a stack of comparisons, how many DeltaOne shows and how many meet the plain rule."""
    found = estimate(first, second, assumed_deviation=allowance)
    return int((found.low >= THRESHOLD).sum()), int((found.difference >= THRESHOLD - 1e-12).sum())


def batches(runs: int) -> Iterator[int]:
    """Sizes that add up to `runs`."""
    for start in range(0, runs, AT_ONCE):
        yield min(AT_ONCE, runs - start)


def search(
    students: Students, rng: np.random.Generator, *, world: str, seeds: int, runs: int
) -> Tally:
    """Pick the best of 30 recipes, none of them better than the baseline, and judge it."""
    tally = Tally(runs=runs)
    for many in batches(runs):
        rates = np.full((many, RECIPES + 1), BASELINE)  # the last one is the baseline
        if world == "spread":
            below = np.abs(SPREAD * rng.standard_normal((many, RECIPES)))
            rates[:, :-1] = np.maximum(0.005, BASELINE - below)
        if world == "at the threshold":
            rates[:, :-1] += THRESHOLD
        tried = students.passes(rates, seeds=1, n=SEARCH_PROBLEMS)
        winner = tried[:, :-1, 0].mean(axis=-1).argmax(axis=1)
        rows = np.arange(many)
        shown, plain = verdicts(tried[rows, winner], tried[:, -1])
        tally.shown_on_search += shown
        tally.plain_on_search += plain
        arms = np.stack([rates[rows, winner], rates[:, -1]], axis=1)
        fresh = students.passes(arms, seeds=seeds, n=SEALED_PROBLEMS)
        shown, plain = verdicts(fresh[:, 0], fresh[:, 1])
        tally.shown += shown
        tally.plain += plain
        tally.without_allowance += verdicts(fresh[:, 0], fresh[:, 1], allowance=0.0)[0]
    return tally


def false_alarms(runs: int, seed: int) -> None:
    """Print the table of false alarms."""
    print(f"## No true gain, the best of {RECIPES} picked, {runs:,} searches a row\n")
    print("| recipes | fine-tunes each | deviation by seed | shown | 95 % | ", end="")
    print("without allowance | plain rule | shown, on the search problems | plain rule, there |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    worlds = [("equal", deviation) for deviation in DEVIATIONS]
    worlds += [("spread", DEVIATIONS[1]), ("at the threshold", DEVIATIONS[1])]
    for world, deviation in worlds:
        for seeds in (1, 3, 5):
            rng = np.random.default_rng([seed, seeds, round(deviation * 1e4), len(world)])
            students = Students(rng, deviation=deviation)
            tally = search(students, rng, world=world, seeds=seeds, runs=runs)
            score = score_of_rate(tally.shown / runs, n=runs)
            print(
                f"| {world} | {seeds} | {deviation * 100:.1f} | {tally.shown / runs:.2%} | "
                f"{score.low:.2%} to {score.high:.2%} | {tally.without_allowance / runs:.2%} | "
                f"{tally.plain / runs:.1%} | "
                f"{tally.shown_on_search / runs:.1%} | {tally.plain_on_search / runs:.1%} |",
                flush=True,
            )


def power(runs: int, seed: int, deviation: float) -> dict[tuple[int, int], list[float]]:
    """Print the table of power; the shares shown by (problems, fine-tunes), in order of GAINS."""
    print(
        f"\n## How often a true gain is shown, {runs:,} comparisons a cell, fine-tunes vary",
        end="",
    )
    print(f" by {deviation * 100:.1f} points\n")
    print(
        "| problems | fine-tunes each |", " | ".join(f"{gain * 100:+.0f}" for gain in GAINS), "|"
    )
    print("|", " | ".join(["---"] * (len(GAINS) + 2)), "|")
    table: dict[tuple[int, int], list[float]] = {}
    for n in (300, 1000, 3000):
        for seeds in (1, 3, 5):
            row = []
            for gain in GAINS:
                rng = np.random.default_rng([seed, n, seeds, round(gain * 1e4)])
                students = Students(rng, deviation=deviation)
                shown = 0
                for many in batches(runs):
                    rates = np.tile([BASELINE + gain, BASELINE], (many, 1))
                    arms = students.passes(rates, seeds=seeds, n=n)
                    shown += verdicts(arms[:, 0], arms[:, 1])[0]
                row.append(shown / runs)
            table[n, seeds] = row
            print(f"| {n:,} | {seeds} |", " | ".join(f"{p:.0%}" for p in row), "|", flush=True)
    return table


GAINS = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10)


def plot(table: dict[tuple[int, int], list[float]], path: Path) -> None:
    """Draw the power curves."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "deltaone"  # the same numbers give the same file
    from matplotlib import pyplot as plt

    styles = {1: ":", 3: "--", 5: "-"}
    colours = {300: "#c44e52", 1000: "#4c72b0", 3000: "#55a868"}
    figure, axes = plt.subplots(figsize=(7.5, 4.2), layout="constrained")
    for (n, seeds), row in table.items():
        label = f"{n:,} problems, {seeds} fine-tune{'s' if seeds > 1 else ''} each"
        points = [gain * 100 for gain in GAINS]
        axes.plot(points, row, styles[seeds], color=colours[n], label=label)
    axes.axvline(THRESHOLD * 100, color="0.7", linewidth=1)
    axes.axhline(0.8, color="0.85", linewidth=1)
    axes.set(xlabel="true gain, points", ylabel="share shown", ylim=(0, 1.02), xlim=(0, 10))
    axes.legend(fontsize=8, frameon=False)
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Print both tables and draw the plot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=2000, help="searches a row of false alarms")
    parser.add_argument("--power-runs", type=int, default=400, help="comparisons a cell of power")
    parser.add_argument("--deviation", type=float, default=0.009, help="of fine-tunes, for power")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    started = time.monotonic()
    false_alarms(arguments.runs, arguments.seed)
    table = power(arguments.power_runs, arguments.seed, arguments.deviation)
    if arguments.plot:
        plot(table, arguments.plot)
    print(f"\n{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
