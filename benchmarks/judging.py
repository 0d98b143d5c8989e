"""How long it takes to judge a student: 300 problems, two attempts each.

    python benchmarks/judging.py [--problems 300] [--attempts 2] [--workers 2]

The problems are the embedded search problems. The answers need no student: one attempt is the
reference, the other a faulty copy of it (see `evaluators.behaviour.mutants`). The cold run starts
with no verdict known, the warm run asks the same again. Starting the workers is measured apart,
because a search starts them once.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from evaluators.behaviour.mutants import mutants
from evaluators.eng2lean.evaluate import evaluate
from evaluators.evaluation import Evaluation
from evaluators.problem import Problem
from evaluators.proxies.proxy import reference_completion
from evaluators.settings import EvaluationSettings
from evaluators.tasks import DEFAULT, task_named
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from search.materials.problems import load_problems


class WrittenStudent:
    """Answers the first attempt with the references, every further one with a fault in them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self._bodies = [reference_completion(problem) or "" for problem in problems]
        self._attempt = 0

    def complete(self, prompts: Sequence[str], **_: object) -> list[str]:
        """The next attempt's answers."""
        attempt, self._attempt = self._attempt, self._attempt + 1
        if attempt == 0:
            return list(self._bodies)
        return [_faulty(body, attempt) for body in self._bodies]


def _faulty(body: str, attempt: int) -> str:
    every = mutants(body)
    return every[attempt % len(every)].lean if every else body


def judge(problems: Sequence[Problem], pool: LeanPool, attempts: int) -> tuple[Evaluation, float]:
    """One evaluation of all problems and its seconds."""
    settings = EvaluationSettings(attempts=attempts, temperature=1.0 if attempts > 1 else 0.0)
    started = time.monotonic()
    found = evaluate(WrittenStudent(problems), problems, pool, settings=settings, seed=0)
    return found, time.monotonic() - started


def main() -> int:
    """Judge cold, then warm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=300)
    parser.add_argument("--attempts", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    problems = load_problems(
        "embedded:search_problems", task_named(DEFAULT), limit=options.problems
    )
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{len(problems)} problems × {options.attempts} attempts, {options.workers} workers")
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "verdicts.sqlite"
        with LeanPool(options.workers, cache=cache) as pool:
            started = time.monotonic()
            pool.check_many([CheckRequest(f"def warm_up_{n} := 1") for n in range(8)])
            print(f"start of the workers: {time.monotonic() - started:.1f} s")
            cold, seconds = judge(problems, pool, options.attempts)
            print(f"cold: {seconds:.1f} s (target: at most 60)")
        with LeanPool(options.workers, cache=cache) as pool:
            warm, seconds = judge(problems, pool, options.attempts)
            print(f"warm: {seconds:.2f} s in a new pool (target: at most 2)")
    assert [one.passes for one in warm.records] == [one.passes for one in cold.records]
    for rate in cold.stages:
        print(f"  {rate}")
    print(f"  pass@1 {cold.pass_at(1)}; not passed: {cold.reasons}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
