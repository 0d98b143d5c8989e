"""Record real trials of a small study, for searchers to be replayed on.

Runs every recipe of the grid of `benchmarks/data/replay.yaml` under two seeds or three (for
generation, training and evaluation alike), and keeps of each run

- the validity and the faithfulness of the rows of a third of the contexts,
- the score of a short fine-tune on those, on a third of the problems,
- the score of the full fine-tune, problem by problem,

with the cheap proxies and the processor seconds of each stage.

    python -m benchmarks.record_trials --out runs/replay           # resumable; one process
    python -m benchmarks.record_trials --out runs/replay --ship    # pack what is recorded

A stage that another run has made already is read, and counted as if it had been run.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from engines import environment
from evaluators.tasks import DEFAULT, task_named

environment.prepare()

from benchmarks.trial_table import (  # noqa: E402 - variables are read at import
    SHIPPED,
    SMALL_CONTEXTS,
    SMALL_PROBLEMS,
    SMALL_STEPS,
    STUDY,
    TEMPERATURES,
    Run,
    Rung,
    TrialTable,
    grid,
    points,
    run_line,
    whole,
)
from engines import meter  # noqa: E402
from engines.ledger import Cost, Ledger, StageCost  # noqa: E402
from evaluators.evaluation import Evaluation  # noqa: E402
from evaluators.proxies.proxy import Proxy  # noqa: E402
from evaluators.task import Checked  # noqa: E402
from lean_sandbox.pool import LeanPool  # noqa: E402
from lean_sandbox.sandbox import CheckRequest  # noqa: E402
from lean_sandbox.verdict import Verdict  # noqa: E402
from search.errors import TrialError  # noqa: E402
from search.materials.gathering import Materials, gather  # noqa: E402
from search.recipes.space import Parameters, recipe_of  # noqa: E402
from search.settings.file import load_study  # noqa: E402
from search.settings.study import StudySettings  # noqa: E402
from search.trial.machines import StudentLearner  # noqa: E402
from search.trial.plan import TrialPlan, plan_for  # noqa: E402
from search.trial.rows import examples_of, faithfulness, rows_under, validity  # noqa: E402
from search.trial.signals import signals  # noqa: E402
from search.trial.stages import check, evaluate, generate, train  # noqa: E402
from search.trial.workshop import Workshop  # noqa: E402
from stores.stages import StageStore  # noqa: E402
from trainers.dataset import Example  # noqa: E402

THRICE = 24
"""Recipes at each temperature that are run under a third seed; all are run under two."""


class MeteredLean:
    """A pool whose programs are charged the worker's mean processor time, known verdicts too.

    A worker's wall clock, which verdicts hold, says little on cores that others use.
    """

    def __init__(self, pool: LeanPool) -> None:
        self._pool = pool
        pool.check_many([CheckRequest("def warm : Nat := 0")])  # starting it is nobody's cost
        self._seconds, self._asked = 0.0, 0

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        """See `lean_sandbox.sandbox.Sandbox.check_many`."""
        began, before = _workers_seconds(), self._pool.status().checked
        verdicts = self._pool.check_many(requests)
        self._asked += self._pool.status().checked - before
        self._seconds += max(0.0, _workers_seconds() - began)  # a lost worker takes its own along
        each = self._seconds / max(1, self._asked)
        cost = Cost(cpu_seconds=round(each * len(requests), 3), checks=len(requests))
        meter.current().add(cost)
        return verdicts


def _workers_seconds() -> float:
    children = psutil.Process().children(recursive=True)
    return sum(sum(child.cpu_times()[:2]) for child in children)


@dataclass(frozen=True, slots=True)
class Bench:
    """What every run needs, made once."""

    settings: StudySettings
    materials: Materials
    plan: TrialPlan
    small_plan: TrialPlan
    workshop: Workshop
    small_workshop: Workshop
    root: Path

    @classmethod
    def make(cls, settings: StudySettings, pool: LeanPool, *, root: Path) -> Bench:
        """Load the generator and start Lean."""
        from search.generation.generator import make_generator

        sandbox = MeteredLean(pool)
        materials = gather(settings)
        lean = {"checker": task_named(DEFAULT).checker_name(pool), "checked_by": pool.checked_by}
        plan = plan_for(settings, materials, **lean)
        steps = settings.training.max_steps // SMALL_STEPS
        least = max(1, round(settings.training.min_examples / SMALL_CONTEXTS))
        short = settings.training.model_copy(update={"max_steps": steps, "min_examples": least})
        small = settings.model_copy(update={"training": short})
        few = settings.model_copy(
            update={
                "training": short,
                "problems": settings.problems.model_copy(
                    update={"search_limit": len(plan.problems) // SMALL_PROBLEMS}
                ),
            }
        )
        small_plan = plan_for(few, gather(few), **lean)
        generator = make_generator(settings.generator, task_named(DEFAULT))
        return cls(
            settings,
            materials,
            plan,
            small_plan,
            Workshop(generator, sandbox, StudentLearner(settings, sandbox)),
            Workshop(generator, sandbox, StudentLearner(small, sandbox)),
            root,
        )

    def stages(self, name: str, spent: dict[str, Cost]) -> StageStore:
        """The stage store, whose next stage's cost is kept under a name."""

        def keep(line: StageCost) -> None:
            spent[name] = line.cost

        return StageStore(self.root, ledger=Ledger(on_line=keep))

    def few(self, checked: Sequence[Checked]) -> list[Checked]:
        """The candidates of the contexts that the first two rungs look at."""
        contexts = self.plan.contexts
        kept = {one.id for one in contexts[: len(contexts) // SMALL_CONTEXTS]}
        return [one for one in checked if one.candidate.context_id in kept]


def run_recipe(bench: Bench, parameters: Parameters, *, seed: int) -> Run:
    """One trial, rung by rung; one that cannot go on has the rungs it reached and the reason."""
    recipe = recipe_of(parameters, bench.settings.recipe, bench.materials.demos)
    plan = dataclasses.replace(bench.plan, seed=seed)
    small_plan = dataclasses.replace(bench.small_plan, seed=seed)
    spent: dict[str, Cost] = {}
    run = Run(parameters=dict(parameters), seed=seed)
    rungs: list[Rung] = []
    try:
        written = generate(recipe, plan, bench.workshop, bench.stages("generate", spent))
        checked = check(written, plan, bench.workshop, bench.stages("check", spent))
        making = _cpu(spent, "generate", "check")
        few = bench.few(checked.value)
        rungs += [_share(proxy, making / SMALL_CONTEXTS) for proxy in _signals(few)]
        examples = examples_of(rows_under(checked.value, recipe, plan.contexts, plan.task))
        small = examples_of(rows_under(few, recipe, plan.contexts, plan.task))
        run = dataclasses.replace(run, candidates=len(written.value), examples=len(examples))
        if len(small) >= small_plan.min_examples:
            found = _fine_tuned(small, small_plan, bench, spent, kind="small ")
            rungs.append(_passes("small", found, _cpu(spent, "small train", "small evaluate")))
        if len(examples) < plan.min_examples:
            return _ended(run, rungs, spent, error=f"{len(examples)} examples")
        found = _fine_tuned(examples, plan, bench, spent)
        rungs.append(_passes("full", found, making + _cpu(spent, "train", "evaluate")))
    except TrialError as error:
        return _ended(run, rungs, spent, error=str(error))
    proxies = signals(checked.value, examples, found, plan.problems)
    values = {proxy.name: proxy.value and round(proxy.value, 4) for proxy in proxies}
    return _ended(dataclasses.replace(run, proxies=values), rungs, spent)


def _fine_tuned(
    examples: Sequence[Example],
    plan: TrialPlan,
    bench: Bench,
    spent: dict[str, Cost],
    *,
    kind: str = "",
) -> Evaluation:
    workshop = bench.small_workshop if kind else bench.workshop
    trained = train(examples, plan, workshop, bench.stages(f"{kind}train", spent))
    return evaluate(trained, plan, workshop, bench.stages(f"{kind}evaluate", spent)).value


def _ended(run: Run, rungs: Sequence[Rung], spent: dict[str, Cost], *, error: str = "") -> Run:
    rounded = [dataclasses.replace(one, cpu_seconds=round(one.cpu_seconds, 2)) for one in rungs]
    return dataclasses.replace(
        run,
        rungs=tuple(rounded),
        error=error,
        cpu_seconds={name: round(cost.cpu_seconds, 2) for name, cost in spent.items()},
        seconds={name: round(cost.seconds, 2) for name, cost in spent.items()},
    )


def _cpu(spent: dict[str, Cost], *stages: str) -> float:
    return sum(spent[stage].cpu_seconds for stage in stages)


def _signals(few: Sequence[Checked]) -> tuple[Proxy, Proxy]:
    return validity(few), faithfulness(few)


def _share(proxy: Proxy, cpu_seconds: float) -> Rung:
    return Rung(proxy.name, proxy.value, proxy.n, cpu_seconds)


def _passes(name: str, evaluated: Evaluation, cpu_seconds: float) -> Rung:
    passed = "".join("1" if record.passed else "0" for record in evaluated.records)
    return Rung(name, evaluated.score.value, len(passed), cpu_seconds, passed)


def plan_of_runs(settings: StudySettings) -> list[tuple[Parameters, int]]:
    """Recipe and seed of every run.

    The whole grid at temperature 0 under two seeds, then at temperature 1, then third seeds: other
    recipes say more than a third run of one. Within that docstring by docstring, so that a
    recording that ends early leaves whole parts of the grid. Recipes that share their generation
    stand side by side.
    """
    rng = random.Random(settings.seed)
    twice: list[tuple[Parameters, int]] = []
    thrice: list[tuple[Parameters, int]] = []
    for temperature in TEMPERATURES:
        groups: list[list[Parameters]] = []
        for text in settings.recipe.clauses["docstring"]:
            pairs: dict[str, list[Parameters]] = {}
            for point in points(grid(settings, [temperature])):
                if point["clause.docstring"] == text:
                    shared = json.dumps({**point, "keep_docstring": None})
                    pairs.setdefault(shared, []).append(whole(settings, point))
            groups += rng.sample(list(pairs.values()), len(pairs))
        some = rng.sample(groups, THRICE // len(groups[0]))
        for seed in (settings.seed, settings.seed + 1):
            twice += [(one, seed) for group in groups for one in group]
        thrice += [(one, settings.seed + 2) for group in some for one in group]
    return [*twice, *thrice]


def record(settings: StudySettings, out: Path, *, seconds: float) -> None:
    """Run what the journal does not hold yet, until all is done or the time is up.

    A new journal begins with what is shipped, where that was recorded from the same study.
    """
    out.mkdir(parents=True, exist_ok=True)
    journal = out / "trials.jsonl"
    head = about(settings)
    if not journal.exists():
        shipped = TrialTable.read() if SHIPPED.exists() else TrialTable(head, ())
        if shipped.about["study"] != head["study"]:
            shipped = TrialTable(head, ())
        text = "".join(run_line(run) for run in shipped.runs)
        first = json.dumps({"about": dict(shipped.about)})
        journal.write_text(f"{first}\n{text}", encoding="utf-8")
    known = {run.key for run in TrialTable.read(journal).runs}
    jobs = plan_of_runs(settings)
    ends = time.monotonic() + seconds
    with (
        LeanPool(workers=1, spares=0, cache=out / "verdicts.sqlite") as pool,
        journal.open("a", encoding="utf-8") as file,
    ):
        bench = Bench.make(settings, pool, root=out / "stages")
        for number, (parameters, seed) in enumerate(jobs):
            if Run(dict(parameters), seed).key in known:
                continue
            if time.monotonic() > ends:
                break
            begun = time.monotonic()
            run = run_recipe(bench, parameters, seed=seed)
            file.write(run_line(run))
            file.flush()
            took = time.monotonic() - begun
            print(f"{number + 1}/{len(jobs)} {took:.1f} s {_said(run)}", flush=True)


def _said(run: Run) -> str:
    values = " ".join(f"{rung.name} {rung.value or 0:.3f}" for rung in run.rungs)
    return f"{values} {run.error} cpu {run.cpu_seconds} {run.key}"


def _counted(table: TrialTable) -> str:
    return f"{len(table.runs)} runs of {len(table.by_recipe())} recipes in {SHIPPED}"


def about(settings: StudySettings) -> dict[str, object]:
    """What the table was recorded with."""
    return {
        "study": settings.model_dump(mode="json"),
        "rungs": {
            "validity, faithfulness": f"rows of the first 1/{SMALL_CONTEXTS} of the contexts",
            "small": f"the first 1/{SMALL_CONTEXTS} of the contexts, 1/{SMALL_STEPS} of the "
            f"steps, the first 1/{SMALL_PROBLEMS} of the problems",
            "full": "everything",
        },
        "machine": f"{platform.machine()}, one thread, one Lean worker, cores shared",
        "python": platform.python_version(),
    }


def main() -> None:
    """Record, or pack what was recorded."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--study", type=Path, default=STUDY)
    parser.add_argument("--out", type=Path, help="where the journal and the stages are kept")
    parser.add_argument("--seconds", type=float, default=7200, help="stop after so long")
    parser.add_argument("--ship", action="store_true", help=f"pack the journal into {SHIPPED}")
    arguments = parser.parse_args()
    if arguments.out is None:
        print(f"{_counted(TrialTable.read())}; --out DIR records anew, for about an hour")
        return
    if arguments.ship:
        table = TrialTable.read(arguments.out / "trials.jsonl")
        table.write(SHIPPED)
        print(_counted(table))
        return
    record(load_study(arguments.study), arguments.out, seconds=arguments.seconds)


if __name__ == "__main__":
    main()
