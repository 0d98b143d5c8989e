"""The replay benchmark's world and its arithmetic, on tables small enough to work out by hand."""

import math

import numpy as np
import pytest

from benchmarks.replay import needed, on_budgets
from benchmarks.replay_world import Noise, Point, Replay, World, picked_of_all
from benchmarks.trial_table import Run, Rung, TrialTable, run_line

COSTS = {
    "generate": 1.0,
    "check": 2.0,
    "small train": 0.5,
    "small evaluate": 0.5,
    "train": 3.0,
    "evaluate": 4.0,
}
"""A whole trial takes 10 core-seconds: 3 for the rows, 7 for the fine-tune and its evaluation."""


def run(demo_set, passed, *, keep=True, seed=0, short="10"):
    rungs = (
        Rung("validity", 0.9, 10, 1.0),
        Rung("small", short.count("1") / len(short), len(short), 1.0, short),
        Rung("full", passed.count("1") / len(passed), len(passed), 10.0, passed),
    )
    parameters = {"demo_set": demo_set, "keep_docstring": keep, "filter": "faithful"}
    return Run(parameters, seed, rungs, cpu_seconds=COSTS)


def table(*runs):
    return TrialTable({}, runs)


def test_a_recipe_is_worth_the_mean_of_its_runs_over_all_problems():
    world = World(table(run("none", "1000"), run("none", "1110", seed=1)), few=1 / 3)
    assert [one.truth for one in world.recipes.values()] == [0.5]


def test_a_search_sees_half_of_the_problems():
    one = run("none", "1000")
    replay = Replay(World(table(one), few=1 / 3), seed=0)
    passed = replay.full(one.parameters)
    assert len(passed) == len(replay.shown) == 2
    assert sum(passed) == (0 in replay.shown)


def test_a_trial_without_rungs_costs_one():
    one = run("none", "1000")
    replay = Replay(World(table(one), few=1 / 3), seed=0)
    replay.full(one.parameters)
    assert replay.spent == pytest.approx(1.0)


def test_a_whole_trial_goes_on_from_the_rows_of_its_rungs():
    one = run("none", "1000")
    replay = Replay(World(table(one), few=1 / 3), seed=0)
    replay.signal(one.parameters, "validity")
    assert replay.spent == pytest.approx(0.1)  # a third of the rows, 1 of 10 core-seconds
    replay.short(one.parameters)
    assert replay.spent == pytest.approx(0.2)
    replay.full(one.parameters)
    assert replay.spent == pytest.approx(1.1)  # the short fine-tune comes on top, the rows do not


def test_the_same_recipe_is_paid_once():
    one = run("none", "1000")
    replay = Replay(World(table(one), few=1 / 3), seed=0)
    first = replay.full(one.parameters)
    assert replay.full(one.parameters) == first
    assert replay.spent == pytest.approx(1.0)


def test_recipes_that_differ_behind_the_generation_share_its_rows():
    first, second = run("none", "1000"), run("none", "1100", keep=False)
    replay = Replay(World(table(first, second), few=1 / 3), seed=0)
    replay.full(first.parameters)
    replay.full(second.parameters)
    assert replay.spent == pytest.approx(1.7)


def test_a_run_that_failed_has_no_score_and_costs_its_rows():
    bad = Run({"demo_set": "lets"}, 0, error="3 examples", cpu_seconds={})
    replay = Replay(World(table(run("none", "1000"), bad), few=1 / 3), seed=0)
    assert replay.full(bad.parameters) == ()
    assert replay.spent == pytest.approx(0.3)
    assert replay.truth(bad.parameters) is None


def test_when_all_recipes_are_tried_the_best_score_seen_is_picked():
    world = World(table(run("none", "0000"), run("lets", "1111")), few=1 / 3)
    assert picked_of_all(world, seed=0) == Point(pytest.approx(2.0), 1.0)


def test_the_spread_within_a_recipe_is_taken_out_of_the_spread_between():
    noise = Noise.of(table(run("a", "0000"), run("a", "1100", seed=1), run("b", "1111")))
    assert noise.within == pytest.approx(math.sqrt(0.125))  # of 0 and 1/2
    assert noise.between == pytest.approx(math.sqrt(0.5 - 0.125))  # of 0 and 1, less that
    assert (noise.recipes, noise.repeated) == (2, 1)


def test_at_a_budget_stands_the_last_trial_that_had_ended():
    curve = [Point(1.0, 0.1), Point(2.5, 0.3)]
    assert on_budgets(curve, np.array([0.5, 1.0, 2.0, 3.0])) == [0.0, 0.1, 0.1, 0.3]


def test_the_budget_needed_is_the_first_behind_which_the_goal_is_never_left():
    mean, budgets = np.array([0.1, 0.3, 0.2, 0.3]), np.array([1.0, 2.0, 3.0, 4.0])
    assert needed(mean, budgets, goal=0.25) == 4.0
    assert needed(mean, budgets, goal=0.05) == 1.0
    assert needed(mean, budgets, goal=0.9) == math.inf


def test_a_journal_killed_in_the_middle_of_a_line_is_read_up_to_there(tmp_path):
    journal = tmp_path / "trials.jsonl"
    line = run_line(run("none", "1000"))
    journal.write_text('{"about": {}}\n' + line + line[:40])
    assert TrialTable.read(journal).runs == (run("none", "1000"),)


def test_a_packed_table_reads_as_it_was(tmp_path):
    packed = table(run("none", "1000"), run("lets", "1100"))
    packed.write(tmp_path / "trials.jsonl.gz")
    assert TrialTable.read(tmp_path / "trials.jsonl.gz") == packed


def test_an_empty_journal_says_what_makes_one(tmp_path):
    empty = tmp_path / "trials.jsonl"
    empty.touch()
    with pytest.raises(ValueError, match=r"run benchmarks/record_trials\.py"):
        TrialTable.read(empty)
