"""Does a pool that grows find better instructions than one that is fixed? In a made-up world.

An instruction is a set of sentences out of twelve, of four kinds (3, 6, 1 and 2 ways to say
something, as in the embedded study). Every sentence moves the score by an amount drawn anew for
each seed, two sentences of one kind fight; temperature and two more knobs matter too. Noise and
spread are those of the embedded study (docs/embedded_world.md). Searched by the product's own
sampler, pools and proposers:

- `random`: any set of sentences, by chance
- `clauses`: TPE, told which sentences are of one kind: what a careful study file says
- `fixed, 12`: TPE over the twelve sentences as one categorical
- `fixed, 78`: TPE over these and all pairs as one categorical
- `growing`: TPE over a pool that begins with 3 of the twelve; the others, joined and crossed ones
  are let in one after each trial
- `growing, slower`: the same, one after every second trial

    python benchmarks/growing_pool.py --seeds 40

Prints, for each, the true score of the recipe that looked best after 12, 24, 48 and 96 trials,
with the standard error over seeds; then the differences, world by world.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import statistics
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna

from evaluators.statistics.score import Score
from evaluators.tasks import DEFAULT, task_named
from search.proposals.from_study import Crossed, Joined, Written
from search.proposals.growing import Pace
from search.proposals.proposer import StudyView
from search.recipes.gate import said, sentences
from search.recipes.pool import SIZE, ArmPool
from search.settings.proposals import ProposalSettings
from search.settings.study import RecipeSpace
from search.study.records import State, TrialRecord
from search.study.samplers import PooledSampler, QuickTPESampler
from search.study.trial_stages import TrialStages
from search.trial.outcome import TrialOutcome

KINDS = {"definition": 3, "docstring": 6, "types": 1, "numbers": 2}
SPREAD = {"definition": 0.04, "docstring": 0.03, "types": 0.01, "numbers": 0.03}
"""Deviation of a sentence's effect on the score, by kind."""
NOISE = 0.012
"""Deviation of a recipe's score over seeds and problems."""
BUDGETS = (12, 24, 48, 96)
STARTUP = 6
TEXTS = {f"Say {kind} {way}.": kind for kind, ways in KINDS.items() for way in range(ways)}


@dataclass(frozen=True)
class World:
    """The truth of one seed."""

    effects: dict[str, float]
    temperature: float
    faithful: float
    own: float

    @classmethod
    def draw(cls, seed: int) -> World:
        """A world."""
        chance = random.Random(seed)
        effects = {text: chance.gauss(0, SPREAD[kind]) for text, kind in TEXTS.items()}
        return cls(effects, chance.uniform(0, 1.2), chance.gauss(0, 0.03), chance.gauss(0, 0.03))

    def score(self, addition: str, knobs: dict[str, Any]) -> float:
        """The true score of a recipe."""
        chosen = [text for text in sentences(addition) if text in TEXTS]
        value = 0.1
        for kind in KINDS:
            effects = [self.effects[text] for text in chosen if TEXTS[text] == kind]
            if effects:
                value += statistics.fmean(effects) - 0.02 * (len(effects) - 1)
        value -= 0.05 * (knobs["temperature"] - self.temperature) ** 2
        value += self.faithful * knobs["faithful"] + self.own * knobs["own"]
        return max(0.0, value)


class Notebook:
    """Facts in memory."""

    def note(self, name: str, value: object) -> None:
        """Forget it: nobody resumes here."""

    def noted_under(self, prefix: str) -> dict[str, object]:
        """Nothing."""
        return {}


def searched(world: World, how: str, seed: int) -> list[float]:
    """The true score of the recipe that looks best, after each budget."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    chance = random.Random(seed + 1)
    seeds = {
        "fixed, 12": ["", *TEXTS],
        "fixed, 78": ["", *TEXTS, *(" ".join(two) for two in itertools.combinations(TEXTS, 2))],
    }.get(how, [""])
    pool = ArmPool("addition", seeds=seeds, notes=Notebook())
    pools = {} if how in ("random", "clauses") else {"addition": pool}
    tpe = QuickTPESampler(startup_trials=STARTUP, seed=seed)
    sampler: optuna.samplers.BaseSampler = PooledSampler(tpe, pools, seed=seed)
    if how == "random":
        sampler = optuna.samplers.RandomSampler(seed=seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    if pools:
        study.enqueue_trial({"addition": 0})  # the baseline
    grower = Grower(pool, how, seed)
    seen: list[tuple[float, float]] = []
    best = []
    for number in range(max(BUDGETS)):
        grower.let_in(number)
        trial = study.ask()
        addition = drawn(trial, how, pool)
        knobs = {
            "temperature": trial.suggest_float("temperature", 0, 1.2),
            "faithful": trial.suggest_categorical("faithful", (0, 1)),
            "own": trial.suggest_categorical("own", (0, 1)),
        }
        truth = world.score(addition, knobs)
        observed = truth + chance.gauss(0, NOISE)
        study.tell(trial, observed)
        grower.learn(number, addition, observed)
        seen.append((observed, truth))
        if number + 1 in BUDGETS:
            best.append(max(seen)[1])
    return best


def drawn(trial: optuna.Trial, how: str, pool: ArmPool) -> str:
    """The addition that a trial tries."""
    if how in ("random", "clauses"):
        parts = [
            trial.suggest_categorical(kind, ("", *(t for t, k in TEXTS.items() if k == kind)))
            for kind in KINDS
        ]
        return " ".join(part for part in parts if part)
    number = trial.suggest_int("addition", 0, SIZE - 1)
    pool.was_tried(number)
    return pool.arm(number).value


class Grower:
    """Lets arms in as the product's desk does, without its thread."""

    def __init__(self, pool: ArmPool, how: str, seed: int) -> None:
        self._pool = pool
        self._on = how.startswith("growing")
        slower = how == "growing, slower"
        self._pace = Pace(ProposalSettings(trials_per_arm=2 if slower else 1))
        self._space = RecipeSpace(
            base="Translate.",
            growing=("addition",),
            additions=tuple(random.Random(seed).sample(list(TEXTS), len(TEXTS))),
        )
        self._records: list[TrialRecord] = []
        self._seed = seed

    def let_in(self, ended: int) -> None:
        """What is due."""
        if not self._on:
            return
        proposers = [Written(), Joined(), Crossed()]
        for _ in range(self._pace.due(let_in=len(self._pool.arms) - 1, ended=ended)):
            counts = [sum(a.origin == p.source for a in self._pool.arms) for p in proposers]
            for _, proposer in sorted(zip(counts, proposers, strict=True), key=lambda one: one[0]):
                view = StudyView(
                    records=tuple(self._records),
                    arms={"addition": self._pool.arms},
                    space=self._space,
                    demos={},
                    contexts={},
                    problems={},
                    stages=TrialStages(Path()),
                    task=task_named(DEFAULT),
                )
                draft = proposer.propose(view, seed=self._seed * 1000 + len(self._pool.arms))
                known = [said(arm.value) for arm in self._pool.arms]
                if draft is not None and said(draft.text) not in known:
                    self._pool.add(draft, after=ended)
                    break

    def learn(self, number: int, addition: str, score: float) -> None:
        """Remember a trial."""
        outcome = TrialOutcome(
            score=Score(score, 0.01, 300, 0.0, 1.0),
            passed=(),
            candidates=0,
            examples=0,
            validity=None,
            faithfulness=None,
            refused={},
            compiled=0.0,
            undecided=0.0,
            final_loss=0.0,
            stages={},
        )
        record = TrialRecord(number, State.COMPLETE, {"addition": addition}, outcome, "", ())
        self._records.append(record)


SEARCHERS = ("random", "clauses", "fixed, 12", "fixed, 78", "growing", "growing, slower")


def one(job: tuple[str, int]) -> list[float]:
    """One searcher in one world."""
    how, seed = job
    return searched(World.draw(seed), how, seed)


def row(how: str, found: Sequence[Sequence[float]]) -> dict[str, object]:
    """Means over seeds, in points, with standard errors."""
    columns = list(zip(*found, strict=True))
    return {
        "searcher": how,
        **{
            f"after {budget}": (
                f"{statistics.fmean(values) * 100:.1f} ± "
                f"{statistics.stdev(values) * 100 / len(values) ** 0.5:.1f}"
            )
            for budget, values in zip(BUDGETS, columns, strict=True)
        },
    }


def main() -> None:
    """Print a line for each searcher."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--searchers", nargs="*", default=SEARCHERS)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    found: dict[str, list[list[float]]] = {}
    with ProcessPoolExecutor(arguments.workers) as workers:
        for how in arguments.searchers:
            jobs = [(how, seed) for seed in range(arguments.seeds)]
            found[how] = list(workers.map(one, jobs))
            print(json.dumps(row(how, found[how]), ensure_ascii=False), flush=True)
    for how in found.keys() - {"growing"} if "growing" in found else ():
        pairs = zip(found["growing"], found[how], strict=True)
        less = [[ours - theirs for ours, theirs in zip(*pair, strict=True)] for pair in pairs]
        print(json.dumps(row(f"growing minus {how}", less), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
