"""Caps over a whole sweep."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.budget import Purse
from engines.caps import Amount, Caps
from engines.ledger import NANO
from engines.settings import BudgetSettings
from search.console import Console
from search.errors import StudyError
from search.runs.folder import RunFolder
from search.settings.file import load_study
from search.sweep.shares import Spent, shared_out
from search.sweep.sweep import run_sweep, sweep_dry_run_lines
from tests.search_tests.small_run import make_run
from tests.search_tests.sweep.test_sweep import sweep_of

NOTHING = BudgetSettings()


def test_a_cap_is_dealt_out_in_equal_shares_that_never_raise_a_studys_own() -> None:
    nobody = dict.fromkeys("abc", Spent())
    shares = shared_out(BudgetSettings(money=30, tokens=100), NOTHING, nobody)
    assert [one.money for one in shares.values()] == [10, 10, 10]
    assert [one.tokens for one in shares.values()] == [33, 33, 33]  # whole tokens, none too many
    assert [one.checks for one in shares.values()] == [None] * 3

    own = BudgetSettings(money=4, hours=2)
    shares = shared_out(BudgetSettings(money=30), own, nobody)
    assert {(one.money, one.hours) for one in shares.values()} == {(4, 2)}


def test_what_a_student_has_spent_beyond_its_share_is_taken_from_the_others() -> None:
    spent = {"a": Spent(money=2), "b": Spent(money=18), "c": Spent()}
    shares = shared_out(BudgetSettings(money=30), NOTHING, spent)
    # 18 are gone; 12 are left for two
    assert {name: one.money for name, one in shares.items()} == {"a": 6, "b": 18, "c": 6}
    with pytest.raises(StudyError, match=r"have spent 20 of --money 19; raise it to go on"):
        shared_out(BudgetSettings(money=19), NOTHING, spent)


def test_what_a_study_spent_is_read_from_its_budget_or_from_its_trials(tmp_path: Path) -> None:
    run = RunFolder(make_run(tmp_path, trials=2))
    settings = load_study(run.study_file)
    known = Spent.by(run, settings)  # no cap was set
    assert known.money == 0
    assert known.checks > 0

    purse = Purse(run.path / "budget.db", Caps())
    with purse.holding(Amount(nanodollars=9 * NANO, tokens=90)) as hold:
        hold.used = Amount(nanodollars=3 * NANO, tokens=30)
    assert Spent.by(run, settings) == Spent(money=3, tokens=30)
    assert Spent.by(RunFolder(tmp_path / "nowhere"), settings) == Spent()


def test_each_study_of_a_sweep_gets_its_share_and_a_dry_run_says_so(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, "one", "two", budget=BudgetSettings(checks=100_001))
    searches = sweep.searches().values()
    assert [one.settings.budget.checks for one in searches] == [50_000, 50_000]
    said = "\n".join(sweep_dry_run_lines(sweep))
    assert "--checks 100,001 over the whole sweep: one 50,000, two 50,000" in said
    assert not sweep.folder.exists()


def test_a_sweep_that_has_spent_more_than_its_cap_is_refused(tmp_path: Path) -> None:
    budget = BudgetSettings(tokens=25)
    sweep = sweep_of(tmp_path, "one", "two", budget=budget, resume=True)
    purse = Purse(sweep.folder / "one" / "budget.db", Caps())
    with purse.holding(Amount(tokens=30)) as hold:
        hold.used = Amount(tokens=30)
    with pytest.raises(StudyError, match="have spent 30 of --tokens 25"):
        run_sweep(sweep, console=Console(quiet=True))
