"""Rows that a generator writes and that give a problem away."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from evaluators.problem import Problem
from search.report.terminal import refusal_lines
from search.study.records import State, TrialRecord
from search.trial.leaks import leaks_of
from tests.search_tests.eng2lean import TASK
from tests.search_tests.trial.test_trial import CAREFUL, CONTEXTS, PLAN, PROBLEMS, Bench

# the fake generator writes `def f0 (x : Int) : Int := x + x` for the context f0, and so on; the
# problem asks for the same function under names of its own
COPY = dataclasses.replace(
    PROBLEMS[0], id="copy", reference="def twice (y : Int) : Int := y + y -- the sum"
)
OTHER = dataclasses.replace(PROBLEMS[0], id="other", reference="def f (x : Int) : Int := 2 * x")


def told(problem: Problem) -> Problem:
    """The problem in the words the fake generator uses for the context f1."""
    return dataclasses.replace(problem, id="told", docstring="twice X (0, 0.700000)")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "stages")


def test_rows_that_are_a_problem_in_lean_are_not_learnt_from(bench: Bench) -> None:
    plan = dataclasses.replace(PLAN, problems=(OTHER,), min_examples=1)
    assert bench.run(CAREFUL, plan).examples == 4

    # whatever their names, all four rows are the problem's function: nothing is left
    plan = dataclasses.replace(plan, problems=(OTHER, COPY), problems_sha256="with the copy")
    with pytest.raises(Exception, match=r"select: 0 examples of 4 .*refused: leak 4"):
        bench.run(CAREFUL, plan)


def test_a_row_left_out_is_counted_and_named_with_its_problem(bench: Bench) -> None:
    sums = tuple(dataclasses.replace(one, name=f"g{place}") for place, one in enumerate(CONTEXTS))
    plan = dataclasses.replace(PLAN, contexts=sums, problems=(told(OTHER),), min_examples=0)
    outcome = bench.run(CAREFUL, plan)
    # the fake generator describes every context in the same words
    assert outcome.refused["leak"] == 4
    assert outcome.examples == 0
    assert outcome.leaks[1].pair == (
        "row of context c1, attempt 0 and problem told: docstring 'Twice x (0, 0.700000).'"
    )
    record = TrialRecord(0, State.COMPLETE, {}, outcome, (), "", refused=outcome.refused)
    lines = refusal_lines([record], TASK)
    assert any(line.split()[:2] == ["leak", "4"] for line in lines)
    assert lines[-1].startswith("  left out: row of context c3, attempt 0 and problem told")


def test_a_trial_keeps_its_stages_where_nothing_leaks(bench: Bench) -> None:
    first = bench.run(CAREFUL, dataclasses.replace(PLAN, problems=(OTHER,)))
    assert first.leaks == ()
    assert "leak" not in first.refused


def test_a_row_that_the_filter_refuses_anyway_is_no_leak() -> None:
    assert leaks_of([], CAREFUL, CONTEXTS, [COPY], TASK) == ()
