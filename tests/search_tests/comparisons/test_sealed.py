from __future__ import annotations

from pydantic import TypeAdapter

from evaluators.evaluation import Attempt, Evaluation, Finding, ProblemRecord
from evaluators.statistics.deltaone import recompute
from evaluators.statistics.intervals import score_from_passes
from evaluators.statistics.runs import Replicate
from search.comparisons.finalists import fresh_seeds
from search.comparisons.sealed import Arm, FinalComparison, compare, over_seeds
from search.trial.stages import shares_of

SAID = Finding("refused", "test_failed", "", True, "4.0.0-fake")


def run_of(name, trial, flags, seed):
    score = score_from_passes(flags)
    return Arm(name, trial, score, (Replicate.of(flags, seed=seed),), {"train": f"t{seed}"}, ())


def test_asking_for_more_runs_keeps_the_seeds_of_the_earlier_ones():
    assert fresh_seeds(5, runs=3)[:1] == fresh_seeds(5, runs=1) == (1_000_008,)
    assert len(set(fresh_seeds(5, runs=64))) == 64


def test_every_attempt_at_a_problem_counts_in_a_comparison():
    attempts = [Attempt("a", SAID, passed) for passed in (False, True, True, False)]
    record = ProblemRecord.of("p", attempts, kind="definition")
    assert shares_of(Evaluation((record,))) == (0.5,)


def test_the_runs_of_one_recipe_become_one_arm_with_the_mean_score():
    parts = [
        run_of("untuned", None, [False] * 4, 1),
        run_of("best", 3, [True, True, False, False], 1),
        run_of("best", 3, [True, True, True, False], 2),
    ]
    untuned, best = over_seeds(parts)
    assert untuned == parts[0]
    assert best.score is not None
    assert best.score.value == 0.625
    assert [run.seed for run in best.runs] == [1, 2]
    assert best.stages == {"train": "t1", "train, run 2": "t2"}


def test_a_comparison_is_stored_as_json_and_its_verdict_made_again_from_it():
    arms = [
        run_of("untuned", None, [False] * 6, 1),
        *over_seeds([run_of("baseline", 0, [False] * 6, seed) for seed in (1, 2)]),
        *over_seeds([run_of("best", 3, [True] * 5 + [False], seed) for seed in (1, 2)]),
    ]
    final = compare(arms, seeds=(1, 2), problems_sha256="abc", times_opened=1)

    codec = TypeAdapter(FinalComparison)
    read = codec.validate_json(codec.dump_json(final, indent=1))

    assert read == final
    assert read.judgement is not None
    assert recompute(read.judgement) == final.judgement
    assert read.judgement.evidence.first == read.arm("best").runs
