"""Searchers replayed on recorded trials: what is found for how much.

Each searcher searches the recorded world (`benchmarks/data/trials.jsonl.gz`, made by
`benchmarks/record_trials.py`) many times. After each trial the recipe with the best score it saw
is looked up: what counts is what that recipe is truly worth, over all problems and all its runs,
not the score that made it the best. Prints

- the world: how far recipes lie apart, how far runs of one recipe do, how well the rungs rank,
- the truth of the best recipe against the budget, with 95 % intervals over the replays,
- the budget at which each searcher's mean reaches random's at the whole budget.

    python -m benchmarks.replay [--replays 200] [--budget 24] [--plot docs/replay.svg]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engines import environment

environment.prepare()

import numpy as np  # noqa: E402 - variables are read at import
import numpy.typing as npt  # noqa: E402

from benchmarks.replay_searchers import search, searchers  # noqa: E402
from benchmarks.replay_world import Noise, Point, World, picked_of_all  # noqa: E402
from benchmarks.trial_table import (  # noqa: E402
    SHIPPED,
    SMALL_CONTEXTS,
    STUDY,
    TrialTable,
    grid,
    points,
    recipe_key,
    recorded_part,
    whole,
)
from evaluators.statistics.intervals import spearman  # noqa: E402
from search.settings.file import load_study  # noqa: E402

Curves = npt.NDArray[np.float64]
"""(replays, budgets): the truth of the best recipe in each replay at each budget."""

_RESAMPLES = 2000
_ALL_TRIED = 200


def on_budgets(curve: Sequence[Point], budgets: npt.NDArray[np.float64]) -> list[float]:
    """The truth at each budget: that of the last trial that had ended; 0 before any had."""
    ended = np.array([point.spent for point in curve])
    truths = np.array([point.truth or 0.0 for point in curve])
    places = np.searchsorted(ended, budgets + 1e-9, side="right") - 1
    return [float(truths[place]) if place >= 0 else 0.0 for place in places]


def interval(curves: Curves) -> tuple[Curves, Curves, Curves]:
    """Mean over replays and its 95 % interval at each budget."""
    mean = curves.mean(axis=0)
    half = 1.96 * curves.std(axis=0, ddof=1) / np.sqrt(len(curves))
    return mean, mean - half, mean + half


def needed(mean: Curves, budgets: npt.NDArray[np.float64], *, goal: float) -> float:
    """The first budget from which on a mean curve is at the goal; infinite where it never is."""
    below = np.flatnonzero(mean < goal - 1e-12)
    first = 0 if below.size == 0 else int(below[-1]) + 1
    return float(budgets[first]) if first < len(budgets) else float("inf")


def needed_share(
    ours: Curves, random: Curves, budgets: npt.NDArray[np.float64]
) -> tuple[float, float, float]:
    """The share of the budget that reaches random's mean at the whole of it, and its interval.

    The interval is a bootstrap over replays; both met the same worlds and are drawn together.
    """
    rng = np.random.default_rng(0)
    goal = float(random[:, -1].mean())
    shares = []
    for _ in range(_RESAMPLES):
        drawn = rng.integers(len(ours), size=len(ours))
        there = float(random[drawn, -1].mean())
        shares.append(needed(ours[drawn].mean(axis=0), budgets, goal=there) / budgets[-1])
    low, high = np.quantile(shares, [0.025, 0.975], method="nearest")
    return needed(ours.mean(axis=0), budgets, goal=goal) / budgets[-1], float(low), float(high)


def describe(world: World, table: TrialTable) -> None:
    """Print what is searched."""
    noise, costs = Noise.of(table), world.costs
    truths = sorted(one.truth for one in world.recipes.values() if one.truth is not None)
    print(f"{len(table.runs)} runs of {noise.recipes} recipes, {noise.repeated} of them repeated")
    print(f"{world.problems} problems; scores {truths[0]:.1%} to {truths[-1]:.1%}")
    print(
        f"between recipes {noise.between:.1%}, within one {noise.within:.1%}, "
        f"ratio {noise.between / noise.within:.1f}"
    )
    print(
        f"a whole trial: {costs.trial:.1f} core-seconds (rows {costs.rows:.1f}, fine-tune and "
        f"evaluation {costs.full:.1f}; short ones {costs.short:.1f})"
    )
    picked = [picked_of_all(world, seed=seed) for seed in range(_ALL_TRIED)]
    worth = np.array([[point.truth or 0.0] for point in picked])
    mean, low, high = interval(worth)
    spent = np.mean([point.spent for point in picked])
    print(f"with every recipe tried, for {spent:.0f} whole trials, the one with the best score")
    print(f"is worth {mean[0]:.1%} [{low[0]:.1%}, {high[0]:.1%}]")
    done = [run for run in table.runs if run.score is not None]
    for name in ("validity", "faithfulness", "small"):
        pairs = [
            (rung.value, run.score)
            for run in done
            for rung in run.rungs
            if rung.name == name and rung.value is not None and run.score is not None
        ]
        found = spearman([value for value, _ in pairs], [score for _, score in pairs])
        print(f"ρ of {name:<12} with the score {found.rho:+.2f} [{found.low:+.2f}, "
              f"{found.high:+.2f}] (n = {found.n} runs)")  # fmt: skip


def table_of(curves: dict[str, Curves], budgets: npt.NDArray[np.float64], world: World) -> None:
    """Print the truth of the best recipe at some budgets, and what reaches random's last."""
    marks = [int(place) for place in np.linspace(0, len(budgets) - 1, 7)[1:]]
    print(f"\nthe best recipe is worth {world.best:.1%}\n")
    print("| searcher |" + "".join(f" {budgets[mark]:g} trials |" for mark in marks), end="")
    print(" budget for random's last |")
    print("| --- |" + " --- |" * (len(marks) + 1))
    for name, curve in curves.items():
        mean, low, high = interval(curve)
        cells = "".join(f" {mean[m]:.1%} [{low[m]:.1%}, {high[m]:.1%}] |" for m in marks)
        share, least, most = needed_share(curve, curves["random"], budgets)
        print(f"| {name} |{cells} {_share(share)} [{_share(least)}, {_share(most)}] |")


def _share(share: float) -> str:
    return f"{share:.0%}" if np.isfinite(share) else "never"


def draw(path: Path, curves: dict[str, Curves], budgets: Any, world: World) -> None:  # noqa: ANN401 - an array
    """Draw the curves."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "replay"  # the same numbers give the same file
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7.5, 4.2), layout="constrained")
    for name, curve in curves.items():
        mean, low, high = interval(curve)
        (line,) = axes.plot(budgets, 100 * mean, label=name)
        axes.fill_between(budgets, 100 * low, 100 * high, alpha=0.2, color=line.get_color())
    axes.axhline(100 * world.best, color="0.6", linewidth=0.8, linestyle=":")
    axes.set_xlabel("budget, in whole trials")
    axes.set_ylabel("true score of the best recipe so far, %")
    axes.set_xlim(budgets[0], budgets[-1])
    axes.legend(frameon=False, loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})


def _known(path: Path | None, budgets: npt.NDArray[np.float64], replays: int) -> dict[str, Curves]:
    """The searchers that an earlier call finished, with as many replays of as many budgets."""
    if path is None or not path.exists():
        return {}
    found = {name: np.array(curve) for name, curve in json.loads(path.read_text()).items()}
    return {n: curve for n, curve in found.items() if curve.shape == (replays, len(budgets))}


def main() -> None:
    """Replay every searcher and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--table", type=Path, default=SHIPPED)
    parser.add_argument("--replays", type=int, default=200)
    parser.add_argument("--budget", type=float, default=24.0, help="in whole trials")
    parser.add_argument("--only", nargs="*", help="searchers to replay; random is always one")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--curves", type=Path, help="where finished searchers are kept")
    arguments = parser.parse_args()
    table = TrialTable.read(arguments.table)
    settings, temperatures = recorded_part(table, load_study(STUDY))
    part = {recipe_key(whole(settings, one)) for one in points(grid(settings, temperatures))}
    table = TrialTable(table.about, tuple(r for r in table.runs if r.recipe in part))
    world = World(table, few=1 / SMALL_CONTEXTS, temperatures=temperatures)
    describe(world, table)
    budgets = np.arange(1.0, arguments.budget + 0.01, 0.5)
    curves = _known(arguments.curves, budgets, arguments.replays)
    for searcher in searchers():
        if searcher.name in curves:
            continue
        if arguments.only and searcher.name not in ("random", *arguments.only):
            continue
        begun = time.perf_counter()
        found = [
            search(searcher, world, settings, seed=seed, budget=arguments.budget)
            for seed in range(arguments.replays)
        ]
        trials, took = sum(len(curve) for curve in found), time.perf_counter() - begun
        print(f"{searcher.name}: {trials} trials in {took:.0f} s", flush=True)
        curves[searcher.name] = np.array([on_budgets(curve, budgets) for curve in found])
        if arguments.curves:
            lists = {name: curve.round(6).tolist() for name, curve in curves.items()}
            arguments.curves.write_text(json.dumps(lists))
    table_of(curves, budgets, world)
    if arguments.plot:
        draw(arguments.plot, curves, budgets, world)


if __name__ == "__main__":
    main()
