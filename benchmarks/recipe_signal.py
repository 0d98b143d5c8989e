"""Do recipes matter, and for whom? Spread between recipes against the noise within one.

Runs eight recipes spread out over a study's space, each with three fresh seeds (for generation,
training and evaluation alike), for each student, and prints

- every recipe's mean score and the standard deviation over its seeds,
- the spread of the recipes' true means (the variance of the observed means less the share that the
  seeds explain) against the pooled deviation within a recipe,
- Spearman's ρ between the score and the proxies people tune on: validity and faithfulness,
- each student's score under the other's best recipe.

    python benchmarks/recipe_signal.py examples/embedded.yaml --out runs/recipe-signal

A second call goes on where the first one was stopped.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import math
import random
import statistics
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from engines import environment
from evaluators.tasks import DEFAULT, task_named

environment.prepare()

RECIPES = 8
SEEDS = (101, 102, 103)
STUDENTS = ("embedded:student-a", "embedded:student-b")


def spread_out(space: dict[str, Any], *, n: int, seed: int) -> list[dict[str, Any]]:
    """`n` parameter sets, greedily far apart: each the farthest of 200 random ones."""
    from search.recipes.space import OneOf, Real, Whole

    rng = random.Random(seed)

    def draw() -> dict[str, Any]:
        point: dict[str, Any] = {}
        for name, distribution in space.items():
            if isinstance(distribution, OneOf):
                point[name] = rng.choice(distribution.values)
            elif isinstance(distribution, Real):
                point[name] = round(rng.uniform(distribution.low, distribution.high), 2)
            elif isinstance(distribution, Whole):
                point[name] = rng.randint(distribution.low, distribution.high)
        return point

    def distance(first: dict[str, Any], second: dict[str, Any]) -> float:
        total = 0.0
        for name, distribution in space.items():
            if isinstance(distribution, OneOf):
                total += first[name] != second[name]
            else:
                total += abs(first[name] - second[name]) / (distribution.high - distribution.low)
        return total

    points = [draw()]
    while len(points) < n:
        candidates = [draw() for _ in range(200)]
        points.append(max(candidates, key=lambda c: min(distance(c, p) for p in points)))
    return points


_WORKER: dict[str, Any] = {}


def _prepare(study: str) -> None:
    """Build one worker's machines: the generator and a Lean pool of its own."""
    from lean_sandbox.pool import LeanPool
    from search.generation.generator import make_generator
    from search.settings.file import load_study

    settings = load_study(Path(study))
    pool = LeanPool(workers=1)
    pool.__enter__()
    _WORKER.update(
        settings=settings,
        pool=pool,
        generator=make_generator(settings.generator, task_named(DEFAULT)),
    )


def _run(job: tuple[str, dict[str, Any], int, str]) -> dict[str, Any]:
    from engines.ledger import Ledger
    from search.errors import TrialError
    from search.materials.gathering import gather
    from search.recipes.space import recipe_of
    from search.trial.machines import StudentLearner
    from search.trial.plan import plan_for
    from search.trial.trial import run_trial
    from search.trial.workshop import Workshop
    from stores.stages import StageStore

    student, parameters, seed, root = job
    settings = _WORKER["settings"].model_copy(update={"student": student})
    materials = gather(settings)
    pool = _WORKER["pool"]
    plan = plan_for(
        settings,
        materials,
        checker=task_named(DEFAULT).checker_name(pool),
        checked_by=pool.checked_by,
    )
    workshop = Workshop(
        _WORKER["generator"], _WORKER["pool"], StudentLearner(settings, _WORKER["pool"])
    )
    ledger = Ledger()
    try:
        outcome = run_trial(
            recipe_of(parameters, settings.recipe, materials.demos),
            plan=dataclasses.replace(plan, seed=seed),
            workshop=workshop,
            stages=StageStore(Path(root), ledger=ledger),
        )
    except TrialError as error:
        return {
            "student": student,
            "parameters": parameters,
            "seed": seed,
            "weights": materials.student_sha256,
            "error": str(error),
        }
    return {
        "student": student,
        "parameters": parameters,
        "seed": seed,
        "weights": materials.student_sha256,
        "score": outcome.score.value,
        "n": outcome.score.n,
        "validity": outcome.validity,
        "faithfulness": outcome.faithfulness,
        "examples": outcome.examples,
        "compiled": outcome.compiled,
        "undecided": outcome.undecided,
        "seconds": {line.stage: round(line.cost.seconds, 1) for line in ledger.lines},
    }


def _key(student: str, parameters: dict[str, Any], seed: int) -> str:
    """Names a run: these weights, this recipe, this seed."""
    from search.materials.gathering import student_sha256

    return json.dumps([student_sha256(student), parameters, seed])


def _read(record: Path) -> dict[str, dict[str, Any]]:
    """Rows of an earlier call, with the weights a student had then."""
    if not record.exists():
        return {}
    rows = [json.loads(line) for line in record.read_text().splitlines()]
    return {json.dumps([row["weights"], row["parameters"], row["seed"]]): row for row in rows}


def _analyse(rows: list[dict[str, Any]], student: str) -> dict[str, Any]:
    """Print one student's table; return each recipe's mean score."""
    from evaluators.statistics.intervals import spearman

    mine = [row for row in rows if row["student"] == student]
    groups = [
        [row for row in mine if row["parameters"] == key]
        for key, _ in itertools.groupby(mine, key=lambda row: row["parameters"])
    ]
    seeds = len({row["seed"] for row in mine})
    print(f"\n## {student}, n = {mine[0].get('n', '?')} problems, {seeds} seeds a recipe\n")
    print("| recipe | score, mean | sd | validity | faithfulness | examples |")
    print("| --- | --- | --- | --- | --- | --- |")
    means, validity, faithful, variances = [], [], [], []
    for number, group in enumerate(groups):
        scored = [row for row in group if "score" in row]
        if len(scored) < len(group):
            print(f"| {number} | failed: {group[0].get('error', '')[:90]} | | | | |")
            continue
        scores = [row["score"] for row in scored]
        means.append(statistics.mean(scores))
        deviation = statistics.stdev(scores) if len(scores) > 1 else math.nan
        variances += [deviation**2] if len(scores) > 1 else []
        validity.append(statistics.mean(row["validity"] for row in scored))
        faithful.append(statistics.mean(row["faithfulness"] for row in scored))
        examples = statistics.mean(row["examples"] for row in scored)
        print(
            f"| {number} | {means[-1]:.1%} | {deviation:.1%} | "
            f"{validity[-1]:.1%} | {faithful[-1]:.1%} | {examples:.0f} |"
        )
    within = math.sqrt(statistics.mean(variances)) if variances else math.nan
    between = math.sqrt(max(0.0, statistics.variance(means) - within**2 / seeds))
    print(f"\nspread of true means {between:.1%}, within a recipe {within:.1%}", end="")
    print(f", ratio {between / within:.1f}" if within else "")
    for name, proxy in (("validity", validity), ("faithfulness", faithful)):
        found = spearman(proxy, means)
        print(f"Spearman's ρ of {name} with the score: {found.rho:+.2f} (n = {found.n} recipes)")
    return {
        json.dumps(group[0]["parameters"]): statistics.mean(row["score"] for row in group)
        for group in groups
        if all("score" in row for row in group)
    }


def main() -> None:
    """Run everything that is not in the stage store yet, and print the tables."""
    from search.recipes.space import distributions
    from search.settings.file import load_study

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", type=Path, nargs="?", default=Path("examples/embedded.yaml"))
    parser.add_argument("--out", type=Path, default=Path("runs/recipe-signal"))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--recipes", type=int, default=RECIPES)
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="fresh seeds a recipe")
    arguments = parser.parse_args()
    space = distributions(load_study(arguments.study).recipe)
    recipes = spread_out(space, n=arguments.recipes, seed=0)
    jobs = [
        (student, recipe, seed, str(arguments.out / "stages"))
        for student in STUDENTS
        for recipe in recipes
        for seed in SEEDS[: arguments.seeds]
    ]
    arguments.out.mkdir(parents=True, exist_ok=True)
    record = arguments.out / "rows.jsonl"
    known = _read(record)
    with (
        ProcessPoolExecutor(
            arguments.processes, initializer=_prepare, initargs=(str(arguments.study),)
        ) as pool,
        record.open("a") as journal,
    ):
        for row in pool.map(_run, [job for job in jobs if _key(*job[:3]) not in known]):
            known[_key(row["student"], row["parameters"], row["seed"])] = row
            journal.write(json.dumps(row) + "\n")
            journal.flush()
            print(json.dumps(row), flush=True)
    every = itertools.product(STUDENTS, recipes, SEEDS)
    rows = [known[key] for key in itertools.starmap(_key, every) if key in known]
    means = {student: _analyse(rows, student) for student in STUDENTS}
    print("\n## Each student under the other's best recipe\n")
    for student, other in itertools.permutations(STUDENTS):
        best = max(means[student], key=means[student].__getitem__)
        others = max(means[other], key=means[other].__getitem__)
        theirs = means[student].get(others, math.nan)
        print(
            f"{student}: own best recipe {means[student][best]:.1%}, "
            f"{other}'s best recipe {theirs:.1%} (means over the seeds run)"
        )
    for number, recipe in enumerate(recipes):
        print(f"recipe {number}: {json.dumps(recipe)}")


if __name__ == "__main__":
    main()
