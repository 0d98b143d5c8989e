"""Do the intervals hold what they promise, and is the best trial's corrected score unbiased?

Prints four tables:

- paired proportions, exactly (every table of counts weighted by its chance): coverage of the
  interval in use (Bonett and Price) beside Tango's and Newcombe's,
- several fine-tunes: coverage of `statistics.seeds` by seeds, problems and seed deviation,
- pass@k: coverage over problems of all difficulties,
- the best of many trials: bias of its score as picked and as corrected.

    python benchmarks/statistics_coverage.py
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable

import numpy as np
from deltaone_simulation import Students
from numpy.typing import NDArray
from scipy import stats

from evaluators.statistics.pass_at_k import pass_at_k
from evaluators.statistics.runs import Replicate
from evaluators.statistics.seeds import estimate
from evaluators.statistics.selection import best_of_many

Z = stats.norm.ppf(0.975)
Array = NDArray[np.float64]
Ends = tuple[Array, Array]


def bonett_price(gained: Array, lost: Array, n: int) -> Ends:
    """The interval in use, see `evaluators.statistics.intervals.paired_difference`."""
    first, second = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    centre = first - second
    half = Z * np.sqrt((first + second - centre**2) / (n + 2))
    return np.maximum(-1, centre - half), np.minimum(1, centre + half)


def tango(gained: Array, lost: Array, n: int) -> Ends:
    """Tango's score interval (1998), by bisection."""

    def score(difference: Array) -> Array:
        linear = -gained - lost + (2 * n - gained + lost) * difference
        constant = -lost * difference * (1 - difference)
        root = np.sqrt(np.maximum(linear**2 - 8 * n * constant, 0))
        variance = n * (2 * (root - linear) / (4 * n) + difference * (1 - difference))
        above = gained - lost - n * difference
        return np.where(np.abs(above) < 1e-9, 0, above / np.sqrt(np.maximum(variance, 1e-300)))

    def solve(target: float) -> Array:
        low, high = np.full(gained.shape, -1.0), np.full(gained.shape, 1.0)
        for _ in range(40):
            middle = (low + high) / 2
            right = score(middle) > target
            low, high = np.where(right, middle, low), np.where(right, high, middle)
        return (low + high) / 2

    return solve(Z), solve(-Z)


def newcombe(gained: Array, lost: Array, n: int) -> Ends:
    """Newcombe's square-and-add interval (1998, method 10), both passing by half of the rest."""
    both = np.floor((n - gained - lost) / 2)
    neither = n - gained - lost - both
    first, second = (both + gained) / n, (both + lost) / n

    def wilson(rate: Array) -> Ends:
        centre = (rate + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z / (1 + Z**2 / n) * np.sqrt(rate * (1 - rate) / n + Z**2 / (4 * n**2))
        return centre - half, centre + half

    (low1, high1), (low2, high2) = wilson(first), wilson(second)
    product = (both + gained) * (lost + neither) * (both + lost) * (gained + neither)
    raw = both * neither - gained * lost
    raw = np.where(raw > n / 2, raw - n / 2, np.where(raw > 0, 0, raw))
    phi = np.where(product > 0, raw / np.sqrt(np.maximum(product, 1)), 0)

    def reach(one: Array, other: Array) -> Array:
        return np.sqrt(np.maximum(one**2 - 2 * phi * one * other + other**2, 0))

    difference = first - second
    return (
        difference - reach(first - low1, high2 - second),
        difference + reach(high1 - first, second - low2),
    )


INTERVALS: dict[str, Callable[[Array, Array, int], Ends]] = {
    "Bonett and Price (in use)": bonett_price,
    "Tango": tango,
    "Newcombe": newcombe,
}


def paired() -> None:
    """Exact coverage at every mix of discordance and difference, by n."""
    print("## Paired difference: exact coverage, 35 true values a row\n")
    print("Discordance 0.5 to 40 %, difference 0 to all of it.\n")
    print("| interval | n | mean coverage | lowest | low end above the truth, at most | ", end="")
    print("high end below, at most | mean width, points |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, interval in INTERVALS.items():
        for n in (20, 50, 100, 300, 1000):
            rows = [
                exact(interval, n, discordance, part * discordance)
                for discordance in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
                for part in (0.0, 0.25, 0.5, 0.75, 1.0)
            ]
            above, below, width = np.array(rows).T
            covered = 1 - above - below
            print(
                f"| {name} | {n:,} | {covered.mean():.1%} | {covered.min():.1%} | "
                f"{above.max():.1%} | {below.max():.1%} | {width.mean() * 100:.1f} |",
                flush=True,
            )


def exact(
    interval: Callable[[Array, Array, int], Ends], n: int, discordance: float, true: float
) -> tuple[float, float, float]:
    """Chance that the interval lies above the truth, that it lies below, and its mean width."""
    rates = [(discordance + true) / 2, (discordance - true) / 2]
    most = [min(n, int(n * rate + 9 * np.sqrt(n * rate * (1 - rate)) + 12)) for rate in rates]
    gained, lost = np.meshgrid(*(np.arange(one + 1.0) for one in most))
    inside = gained + lost <= n
    gained, lost = gained[inside], lost[inside]
    counts = np.stack([gained, lost, n - gained - lost], axis=1)
    chance = stats.multinomial.pmf(counts, n, [*rates, 1 - sum(rates)])
    low, high = interval(gained, lost, n)
    above, below = chance[low > true + 1e-12].sum(), chance[high < true - 1e-12].sum()
    return float(above), float(below), float((chance * (high - low)).sum())


def seeds(runs: int) -> None:
    """Coverage of the difference of two recipes, 24 % and 16 %, over fine-tunes."""
    print(f"\n## Several fine-tunes: coverage of the recipes' difference, {runs:,} runs a cell\n")
    deviations: list[float | tuple[float, float]] = [0.0, 0.009, 0.016, 0.03, (0.0, 0.03)]
    names = [
        " and ".join(f"{d * 100:.1f}" for d in (one if isinstance(one, tuple) else (one,)))
        for one in deviations
    ]
    print("| problems | fine-tunes each |", " | ".join(f"deviation {one}" for one in names), "|")
    print("|", " | ".join(["---"] * (len(names) + 2)), "|")
    for n, many in itertools.product((100, 300, 1000), (1, 2, 3, 5, 8)):
        cells = []
        for deviation in deviations:
            first, second = deviation if isinstance(deviation, tuple) else (deviation, deviation)
            rng = np.random.default_rng([n, many, round(second * 1e4)])
            covered = 0
            for start in range(0, runs, 100):
                size = min(100, runs - start)
                arms = _two_arms(rng, (first, second), size, many, n)
                found = estimate(*arms)
                covered += int(((found.low <= 0.08) & (found.high >= 0.08)).sum())
            cells.append(f"{covered / runs:.1%}")
        print(f"| {n:,} | {many} |", " | ".join(cells), "|", flush=True)


def _two_arms(
    rng: np.random.Generator, deviations: tuple[float, float], size: int, many: int, n: int
) -> tuple[Array, Array]:
    """Passes of two recipes on the same problems, each with a seed deviation of its own."""
    rates = np.tile([0.24, 0.16], (size, 1))
    state = rng.integers(2**32, size=4)
    arms = [
        # the same draws twice: only what a whole fine-tune is moved by differs
        Students(np.random.default_rng(state), deviation=one).passes(rates, seeds=many, n=n)
        for one in deviations
    ]
    return arms[0][:, 0], arms[1][:, 1]


def attempts(runs: int) -> None:
    """Coverage of pass@k with five attempts a problem."""
    print(f"\n## pass@k with 5 attempts a problem: coverage, {runs:,} runs a cell\n")
    print("Difficulties from a Beta distribution.\n")
    print("| problems | difficulties | pass@1 | pass@3 | pass@5 |")
    print("| --- | --- | --- | --- | --- |")
    for n, (a, b) in itertools.product((30, 100, 300), ((0.3, 1.2), (0.6, 1.4), (2.0, 2.0))):
        rng = np.random.default_rng([n, round(a * 10)])
        cells = []
        for k in (1, 3, 5):
            true = 1 - float(stats.beta.expect(lambda p, k=k: (1 - p) ** k, args=(a, b)))
            covered = 0
            for _ in range(runs):
                counts = rng.binomial(5, rng.beta(a, b, size=n)).tolist()
                score = pass_at_k(counts, attempts=5, k=k)
                covered += score.low <= true <= score.high
            cells.append(f"{covered / runs:.1%}")
        print(f"| {n} | Beta({a}, {b}) |", " | ".join(cells), "|", flush=True)


def winners(runs: int) -> None:
    """Bias of the best trial's score, picked and corrected, on 300 problems."""
    print(f"\n## The best of many trials, 300 problems, {runs:,} searches a row\n")
    print("| trials | true rates | deviation by seed | bias as picked | bias corrected | ", end="")
    print("error (RMS) as picked | corrected | coverage as picked | corrected |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for many, kind, deviation in itertools.product(
        (12, 30), ("equal", "spread", "crowded at the top"), (0.0, 0.009)
    ):
        rng = np.random.default_rng([many, len(kind), round(deviation * 1e4)])
        rates = _true_rates(kind, rng, runs, many)
        errors, covered = [], []
        for searched in range(runs):
            students = Students(rng, deviation=deviation)
            passes = students.passes(rates[searched : searched + 1], seeds=1, n=300)[0, :, 0]
            found = best_of_many([Replicate.of(row) for row in passes.tolist()], resamples=400)
            true = rates[searched, found.trial]
            both = (found.picked, found.corrected)
            errors.append([score.value - true for score in both])
            covered.append([score.low <= true <= score.high for score in both])
        bias, rms = np.mean(errors, axis=0) * 100, np.sqrt(np.mean(np.square(errors), axis=0))
        held = np.mean(covered, axis=0)
        print(
            f"| {many} | {kind} | {deviation * 100:.1f} | {bias[0]:+.2f} | {bias[1]:+.2f} | "
            f"{rms[0] * 100:.2f} | {rms[1] * 100:.2f} | {held[0]:.1%} | {held[1]:.1%} |",
            flush=True,
        )


def _true_rates(kind: str, rng: np.random.Generator, runs: int, many: int) -> Array:
    """Equal, spread as measured, or two thirds within 1.5 points of 21 %, as TPE leaves them."""
    if kind == "equal":
        return np.full((runs, many), 0.2)
    if kind == "spread":
        return np.clip(0.12 + 0.091 * rng.standard_normal((runs, many)), 0.005, 0.5)
    rates = np.clip(0.10 + 0.06 * rng.standard_normal((runs, many)), 0.005, 0.3)
    near = 2 * many // 3
    rates[:, :near] = 0.21 + 0.015 * rng.standard_normal((runs, near))
    return rates


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000, help="a cell; winners take a fifth")
    arguments = parser.parse_args()
    started = time.monotonic()
    paired()
    seeds(arguments.runs)
    attempts(arguments.runs)
    winners(max(1, arguments.runs // 5))
    print(f"\n{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
