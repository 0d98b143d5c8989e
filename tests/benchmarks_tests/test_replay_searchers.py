"""Searchers of the replay benchmark: the product's study on a made-up table of the whole grid."""

import pytest

from benchmarks.record_trials import plan_of_runs
from benchmarks.replay_growth import growing_settings, in_clauses
from benchmarks.replay_searchers import Searcher, Tried, highest, search, searchers, settled
from benchmarks.replay_world import Point, Replay, World
from benchmarks.trial_table import STUDY, Run, Rung, TrialTable, grid, points, recorded_part, whole
from search.settings.file import load_study
from tests.benchmarks_tests.test_replay import COSTS

SETTINGS = load_study(STUDY)


def made_up(parameters):
    """Demos of operators are worth four problems of eight, the author's docstring one."""
    right = 4 * (parameters["demo_set"] == "operators") + parameters["keep_docstring"]
    passed = ("1" * right).ljust(8, "0")
    rungs = (
        Rung("validity", 0.5 + right / 16, 16, 1.0),
        Rung("small", right / 8, 8, 1.0, passed),
        Rung("full", right / 8, 8, 10.0, passed),
    )
    return Run(parameters, 0, rungs, cpu_seconds=COSTS)


@pytest.fixture(scope="module")
def world():
    runs = [made_up(whole(SETTINGS, point)) for point in points(grid(SETTINGS))]
    return World(TrialTable({}, tuple(runs)), few=1 / 3)


@pytest.mark.parametrize("searcher", searchers(), ids=lambda one: one.name)
def test_a_search_spends_its_budget_and_knows_its_best_recipe(searcher, world):
    curve = search(searcher, world, SETTINGS, seed=0, budget=8)
    ended = [point.spent for point in curve]
    assert ended == sorted(ended)
    assert ended[-1] >= 8
    assert searcher.finalists or ended[-2] < 8  # their runs come on top
    assert curve[0].truth == 1 / 8  # the baseline, which every search tries first
    assert curve[-1].truth in (4 / 8, 5 / 8)


def tried_world():
    """A recipe that had luck once, one that never has any, and their trials in a search."""
    met = {"lucky": "1" * 8, "steady": "1" * 6 + "00"}
    others = {"lucky": ["0" * 8] * 40, "steady": ["1" * 6 + "00"] * 40}
    runs = [
        Run(
            {"demo_set": name},
            seed,
            (Rung("full", bits.count("1") / 8, 8, 10.0, bits),),
            cpu_seconds=COSTS,
        )
        for name in met
        for seed, bits in enumerate([met[name], *others[name]])
    ]
    replay = Replay(World(TrialTable({}, tuple(runs)), few=1 / 3), seed=0)
    shown = [
        Tried({"demo_set": name}, tuple(bits[at] == "1" for at in sorted(replay.shown)), spent)
        for spent, (name, bits) in enumerate(met.items(), start=1)
    ]
    return replay, shown


def test_the_highest_score_wins_where_nobody_is_run_again():
    replay, tried = tried_world()
    assert highest(tried, replay)[-1] == Point(2, replay.truth({"demo_set": "lucky"}))


def test_finalists_that_are_run_again_are_paid_for_and_luck_does_not_win():
    replay, tried = tried_world()
    curve = settled(tried, replay, SETTINGS, finalists=2)
    assert curve[0] == Point(1, replay.truth({"demo_set": "lucky"}))  # one trial has no rival
    assert curve[-1].truth == replay.truth({"demo_set": "steady"})
    assert 2 + 4 <= curve[-1].spent <= 2 + 8  # two runs of both, and four at most


def test_the_same_seed_is_the_same_search(world):
    one = Searcher("random", "random")
    assert search(one, world, SETTINGS, seed=3, budget=4) == search(
        one, world, SETTINGS, seed=3, budget=4
    )


def test_an_addition_stands_for_the_clauses_it_says_whatever_their_order():
    casual, direct = "Write the docstring casually.", "Write one expression with operators."
    said = {"addition": f"{casual} {direct}", "demo_set": "none"}
    assert in_clauses(said, SETTINGS.recipe) == {
        "clause.definition": direct,
        "clause.docstring": casual,
        "demo_set": "none",
    }


@pytest.mark.parametrize(
    "text",
    ["Write one expression with operators. Call functions by name.", "Be brief."],
    ids=["two sentences of one clause", "a sentence of no clause"],
)
def test_an_addition_that_no_recorded_recipe_says_is_not_tried(text):
    assert in_clauses({"addition": text}, SETTINGS.recipe) is None


def test_the_written_pool_of_a_growing_study_is_every_clause_that_says_something():
    pools = [growing_settings(SETTINGS, seed=seed).recipe.additions for seed in range(9)]
    assert len(pools[0]) == 5
    assert len({pool[0] for pool in pools}) > 1  # none is first in every replay
    assert len({frozenset(pool) for pool in pools}) == 1


def test_only_the_part_of_the_grid_that_is_recorded_whole_is_searched():
    cool = [point for point in points(grid(SETTINGS)) if point["temperature"] == 0.0]
    two = [point for point in cool if point["clause.docstring"] != cool[-1]["clause.docstring"]]
    kept = [*two, cool[-1]]  # the third docstring was only begun
    table = TrialTable({}, tuple(made_up(whole(SETTINGS, point)) for point in kept))
    part, temperatures = recorded_part(table, SETTINGS)
    assert len(part.recipe.clauses["docstring"]) == 2
    assert temperatures == (0.0,)


def test_a_recording_that_ends_early_leaves_a_whole_part_of_the_grid():
    jobs = plan_of_runs(SETTINGS)
    table = TrialTable({}, tuple(made_up(parameters) for parameters, _ in jobs[:40]))
    part, temperatures = recorded_part(table, SETTINGS)
    assert len(points(grid(part, temperatures))) == 32


def test_nothing_recorded_whole_is_said():
    with pytest.raises(ValueError, match="0 recipes are"):
        recorded_part(TrialTable({}, ()), SETTINGS)


def test_the_shipped_runs_fill_a_part_of_the_grid_and_have_every_rung():
    table = TrialTable.read()
    part, temperatures = recorded_part(table, SETTINGS)
    assert len(points(grid(part, temperatures))) >= 96
    scored = [run for run in table.runs if run.score is not None]
    assert {rung.name for rung in scored[0].rungs} == {
        "validity",
        "faithfulness",
        "small",
        "full",
    }
    assert all(len(rung.passed) == rung.n for run in scored for rung in run.rungs if rung.passed)
    assert table.about["study"] == SETTINGS.model_dump(mode="json")
