from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

from engines.ledger import Cost, Ledger, spent
from evaluators.eng2lean.contexts import Call, PythonContext
from evaluators.problem import Problem
from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Verdict
from search.comparisons.finalists import fresh_seeds
from search.comparisons.sealed import (
    Arm,
    Contender,
    compare,
    contenders,
    over_seeds,
    run_arm,
    sealed_plan,
)
from search.errors import TrialError
from search.recipes.recipe import Recipe
from search.trial.outcome import TrialOutcome
from search.trial.plan import TrialPlan
from search.trial.trial import run_trial
from search.trial.workshop import Workshop
from stores.stages import StageStore
from tests.search_tests.eng2lean import TASK
from tests.search_tests.fakes import LEAN, FakeGenerator, FakeLearner, FakeSandbox
from trainers.config import TrainingConfig

CONTEXTS = tuple(
    PythonContext.of(
        id=f"c{number}",
        name=f"f{number}",
        python=f"def f{number}(x): return x + x",
        docstring="Twice x.",
        calls=(Call((3,), 6),),
    )
    for number in range(4)
)
PROBLEMS = tuple(
    Problem(
        id=f"p{number}",
        docstring=f"The double of x, problem {number}.",
        signature="def f (x : Int) : Int",
        tests=("f 3 = 6",),
        reference=f"def f (x : Int) : Int := x + x + {number} - {number}",
    )
    for number in range(10)
)
PLAN = TrialPlan(
    task=TASK,
    contexts=CONTEXTS,
    contexts_sha256="contexts",
    problems=PROBLEMS,
    problems_sha256="problems",
    student="fake-student",
    student_sha256="student",
    generation={},
    training=TrainingConfig(max_steps=1),
    evaluation={"max_new_tokens": 8},
    checker=LEAN,
    checked_by="lean",
    min_examples=2,
    seed=0,
)
CAREFUL = Recipe("Be careful.", filter="faithful")
CARELESS = Recipe("Be quick.", filter="faithful")


class Bench:
    """A workshop of fakes and a store, with what was asked of them."""

    def __init__(self, root: Path) -> None:
        self.generator, self.sandbox, self.learner = FakeGenerator(), FakeSandbox(), FakeLearner()
        self.workshop = Workshop(self.generator, self.sandbox, self.learner)
        self.root = root

    def run(self, recipe: Recipe, plan: TrialPlan = PLAN) -> TrialOutcome:
        self.stages = StageStore(self.root, ledger=Ledger())
        return run_trial(recipe, plan=plan, workshop=self.workshop, stages=self.stages)

    @property
    def calls(self) -> list[str]:
        checks = ["check"] * len(self.sandbox.calls)
        return [*self.generator.calls, *checks, *self.learner.calls]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_whole_trial_on_fakes_ends_with_a_score(bench: Bench) -> None:
    outcome = bench.run(CAREFUL)

    # 4 right examples: the fake learner passes 4 of 10 problems
    assert outcome.score.value == 0.4
    assert outcome.score.n == 10
    assert outcome.passed == (True,) * 4 + (False,) * 6
    assert (outcome.candidates, outcome.examples) == (4, 4)
    assert (outcome.validity, outcome.faithfulness) == (1.0, 1.0)


def test_the_same_trial_again_runs_no_stage(bench: Bench) -> None:
    first = bench.run(CAREFUL)
    before = list(bench.calls)
    again = bench.run(CAREFUL)

    assert again == first
    assert bench.calls == before == ["generate", "check", "train", "evaluate"]


def test_another_filter_reads_the_same_candidates_and_verdicts(bench: Bench) -> None:
    bench.run(CAREFUL)
    bench.run(dataclasses.replace(CAREFUL, filter="compiles", keep_docstring=True))

    assert bench.calls.count("generate") == 1
    assert bench.calls.count("check") == 1
    assert bench.calls.count("train") == 2  # the docstrings differ


def test_another_student_reads_the_same_candidates(bench: Bench) -> None:
    bench.run(CAREFUL)
    bench.run(CAREFUL, dataclasses.replace(PLAN, student_sha256="another"))

    assert bench.calls.count("generate") == 1
    assert bench.calls.count("train") == 2


@pytest.mark.parametrize("field", ["seed", "contexts_sha256"])
def test_a_changed_seed_or_context_generates_anew(bench: Bench, field: str) -> None:
    bench.run(CAREFUL)
    changed = 1 if field == "seed" else "other"
    bench.run(CAREFUL, dataclasses.replace(PLAN, **{field: changed}))

    assert bench.calls.count("generate") == 2


def test_two_fingerprints_of_lean_give_two_stage_keys(bench: Bench) -> None:
    first = bench.run(CAREFUL)
    other = bench.run(CAREFUL, dataclasses.replace(PLAN, checked_by="another lean"))

    assert bench.calls.count("generate") == bench.calls.count("train") == 1
    assert bench.calls.count("check") == bench.calls.count("evaluate") == 2
    differ = {stage for stage in first.stages if first.stages[stage] != other.stages[stage]}
    assert differ == {"check", "evaluate"}


def test_another_checks_and_evaluates_anew(bench: Bench) -> None:
    bench.run(CAREFUL)
    bench.run(CAREFUL, dataclasses.replace(PLAN, checker="5"))

    assert bench.calls.count("generate") == 1
    assert bench.calls.count("check") == 2
    assert bench.calls.count("evaluate") == 2


def test_too_few_examples_fail_the_trial_with_the_reasons_counted(bench: Bench) -> None:
    with pytest.raises(TrialError) as caught:
        bench.run(CARELESS)

    assert caught.value.stage == "select"
    assert "0 examples of 4 candidates" in str(caught.value)
    assert "`training.min_examples` asks for 2 (refused: unfaithful 4)" in str(caught.value)
    assert "train" not in bench.calls


def test_a_broken_sandbox_fails_the_trial_and_is_no_low_score(tmp_path: Path) -> None:
    class Broken:
        def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
            raise SandboxUnavailable("Lean is gone; run `outerloop lean install`")

    workshop = Workshop(FakeGenerator(), Broken(), FakeLearner())
    stages = StageStore(tmp_path, ledger=Ledger())

    with pytest.raises(TrialError, match=r"^check: SandboxUnavailable: Lean is gone"):
        run_trial(CAREFUL, plan=PLAN, workshop=workshop, stages=stages)
    assert [line.stage for line in stages.ledger.lines] == ["generate"]


def test_the_ledger_counts_tokens_and_checks_of_each_stage(bench: Bench) -> None:
    bench.run(CAREFUL)

    lines = bench.stages.ledger.lines
    assert [line.stage for line in lines] == ["generate", "check", "train", "evaluate"]
    total = dataclasses.replace(spent(lines), seconds=0, cpu_seconds=0)
    # 4 candidates of 10 + 5 tokens; 4 + 10 checks; 4 examples of 7 tokens
    assert total == Cost(input_tokens=40, output_tokens=20, training_tokens=28, checks=14)


def judged(bench: Bench, runs: list[Contender], plan: TrialPlan) -> list[Arm]:
    """Every arm of the final comparison, each run with a ledger of its own."""
    arms = []
    for contender in runs:
        stages = StageStore(bench.root, ledger=Ledger())
        arms.append(run_arm(contender, plan=plan, workshop=bench.workshop, stages=stages))
    return list(over_seeds(arms))


def test_the_final_comparison_judges_all_three_arms_with_a_fresh_seed(bench: Bench) -> None:
    plan = sealed_plan(PLAN, PROBLEMS)
    baseline = dataclasses.replace(CARELESS, filter="compiles")
    arms = judged(bench, contenders(baseline, (1, CAREFUL), seeds=(plan.seed,)), plan)
    final = compare(arms, seeds=(plan.seed,), problems_sha256=plan.problems_sha256, times_opened=1)

    assert plan.seed != PLAN.seed
    assert [arm.score.value for arm in final.arms if arm.score] == [0.0, 0.0, 0.4]
    assert final.judgement is not None
    paired = final.judgement.paired
    assert (paired.gained, paired.lost) == (4, 0)
    # 4 discordant pairs, all one way: McNemar's p is 2 / 2^4 = 0.125
    assert paired.p_value == pytest.approx(0.125)
    assert final.verdict == final.judgement.conclusion


def test_several_fresh_seeds_run_each_recipe_anew_and_the_first_is_read_from_the_store(
    bench: Bench,
) -> None:
    plan = sealed_plan(PLAN, PROBLEMS)
    seeds = fresh_seeds(PLAN.seed, runs=2)
    baseline = dataclasses.replace(CARELESS, filter="compiles")
    judged(bench, contenders(baseline, (1, CAREFUL), seeds=seeds[:1]), plan)

    arms = judged(bench, contenders(baseline, (1, CAREFUL), seeds=seeds), plan)
    final = compare(arms, seeds=seeds, problems_sha256=plan.problems_sha256, times_opened=1)

    assert [len(arm.runs) for arm in arms] == [1, 2, 2]
    assert tuple(run.seed for run in arms[2].runs) == seeds
    assert seeds[0] == plan.seed
    assert final.judgement is not None
    assert final.judgement.paired.seeds == (2, 2)
    assert final.judgement.evidence.problems_sha256 == plan.problems_sha256
    # the stages of the first seed were there already; those of the second are kept apart
    cached = {line.key: line.cached for line in arms[2].costs}
    assert cached[arms[2].stages["train"]]
    assert not cached[arms[2].stages["train, run 2"]]


def test_an_arm_with_a_run_that_failed_is_not_judged_by_the_runs_that_went_well(
    bench: Bench,
) -> None:
    plan = sealed_plan(PLAN, PROBLEMS)
    runs = contenders(CAREFUL, (1, CAREFUL), seeds=fresh_seeds(PLAN.seed, runs=2))
    stages = StageStore(bench.root, ledger=Ledger())
    parts = [run_arm(one, plan=plan, workshop=bench.workshop, stages=stages) for one in runs]
    parts[-1] = Arm("best", 1, None, (), {}, (), error="train: out of memory")

    arms = list(over_seeds(parts))
    final = compare(arms, seeds=(1, 2), problems_sha256="", times_opened=1)

    assert arms[2].score is None
    assert final.judgement is None
    assert final.reason == "best arm: 1 of 2 runs: train: out of memory"


def test_a_baseline_that_won_is_compared_with_nothing(bench: Bench) -> None:
    plan = sealed_plan(PLAN, PROBLEMS)
    arms = judged(bench, contenders(CAREFUL, (0, CAREFUL), seeds=(plan.seed,)), plan)

    final = compare(arms, seeds=(plan.seed,), problems_sha256="", times_opened=1)

    assert final.judgement is None
    assert final.verdict == "not shown"
    assert final.reason == "no trial scored higher than the baseline recipe"
