"""When does stopping at a rung pay, and how soon has a rung earned it? No model, no Lean: chance.

    python -m benchmarks.rung_threshold

Scores and a rung's values are drawn from normal distributions with a known correlation. The first
table holds successive halving against running every trial whole at the same budget: the difference
of the best recipe's true quality, in standard deviations between recipes. The second lets the
product's own rules decide trial by trial: how often a rung earns the right to stop trials, what
that saves, and what it loses. Its last columns say what is believed of the rung by the trials in
whose fate it had no say, and what would be believed by all that it let through.
"""

from __future__ import annotations

import argparse
import math
from statistics import fmean
from typing import NamedTuple

import numpy as np

from evaluators.statistics.intervals import spearman
from search.trial.rung_rules import ROWS, Climber, RungRules, decide

RELIABILITY = 0.9
"""Share of the variance of scores that is not noise."""
CORRELATIONS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9)
TRIALS = 60


def gain(correlation: float, *, budget: int, cost: float, reduction: int, repeats: int) -> float:
    """How much better the winner is for stopping trials; in standard deviations.

    Args:
        correlation: of the rung's values and the scores.
        budget: in whole trials.
        cost: of the rung, in whole trials.
        reduction: one in so many goes on.
        repeats: studies simulated.
    """
    chance = np.random.default_rng(0)
    control = RungRules().control
    began = int(budget / (cost + control + (1 - control) / reduction))

    def winner(trials: int, rung: bool) -> float:
        truth = chance.standard_normal((repeats, trials))
        noise = chance.standard_normal((repeats, trials))
        score = math.sqrt(RELIABILITY) * truth + math.sqrt(1 - RELIABILITY) * noise
        if rung:
            value = correlation * score + math.sqrt(1 - correlation**2) * chance.standard_normal(
                (repeats, trials)
            )
            last = np.sort(value, axis=1)[:, -math.ceil(trials / reduction)][:, None]
            whole = (value >= last) | (chance.random((repeats, trials)) < control)
            score = np.where(whole, score, -np.inf)
        return float(truth[np.arange(repeats), score.argmax(axis=1)].mean())

    return winner(began, rung=True) - winner(budget, rung=False)


class Study(NamedTuple):
    """One simulated study under the rules."""

    earned_at: float
    """The first trial that the rung could have stopped; infinity for none."""
    whole: float
    """Share of trials run whole."""
    lost: float
    """How much better the best trial is than the best that was run whole."""
    believed: float
    """The rung's correlation by its own fair sample."""
    selected: float
    """The correlation over all whole trials, which the rung has selected."""


def study(correlation: float, *, seed: int) -> Study:
    """Let the rules decide `TRIALS` trials, one after another."""
    chance = np.random.default_rng(seed)
    rules = RungRules(seed=seed)
    truth = chance.standard_normal(TRIALS)
    score = math.sqrt(RELIABILITY) * truth + math.sqrt(1 - RELIABILITY) * chance.standard_normal(
        TRIALS
    )
    value = correlation * score + math.sqrt(1 - correlation**2) * chance.standard_normal(TRIALS)
    earlier: list[Climber] = []
    for number in range(TRIALS):
        decision = decide(
            float(value[number]), step=ROWS, number=number, earlier=earlier, rules=rules
        )
        final = float(score[number]) if decision.goes_on else None
        earlier.append(Climber(decision, final))
    whole = [place for place, one in enumerate(earlier) if one.score is not None]
    earned = [place for place, one in enumerate(earlier) if one.decision.earned]
    fair = [place for place in whole if earlier[place].decision.fair]
    return Study(
        earned_at=float(earned[0]) if earned else math.inf,
        whole=len(whole) / TRIALS,
        lost=float(truth.max() - truth[whole].max()),
        believed=spearman(value[fair].tolist(), score[fair].tolist()).rho,
        selected=spearman(value[whole].tolist(), score[whole].tolist()).rho,
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Plain)
    parser.add_argument("--repeats", type=int, default=300, help="studies for each line")
    repeats = parser.parse_args().repeats
    print("Gain of stopping two of three, at the same budget, by the rung's correlation and cost")
    print("budget  cost  " + "  ".join(f"ρ={one:.1f}" for one in CORRELATIONS))
    for budget in (12, 30, 100):
        for cost in (0.05, 0.1, 0.2, 0.35):
            gains = [
                gain(one, budget=budget, cost=cost, reduction=3, repeats=20 * repeats)
                for one in CORRELATIONS
            ]
            print(f"{budget:>6}  {cost:.2f}  " + "  ".join(f"{one:+.2f}" for one in gains))
    print(f"\n{TRIALS} trials under the default rules, {repeats} studies a line")
    print("    ρ  earned by trial 15, 30, 60   run whole   best lost   ρ by fair, by all whole")
    for correlation in CORRELATIONS:
        found = [study(correlation, seed=seed) for seed in range(repeats)]
        soon = [fmean(one.earned_at <= trial for one in found) for trial in (15, 30, 60)]
        print(
            f"  {correlation:.1f}  {'  '.join(f'{one:>6.0%}' for one in soon)}   "
            f"{fmean(one.whole for one in found):>8.0%}   {fmean(one.lost for one in found):>9.2f}"
            f"   {fmean(one.believed for one in found):+.2f}, "
            f"{fmean(one.selected for one in found):+.2f}"
        )


class _Plain(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of the description."""


if __name__ == "__main__":
    main()
