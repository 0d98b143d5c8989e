from __future__ import annotations

import dataclasses
import io

from evaluators.evaluation import Finding, ReferenceFit
from evaluators.problem import Problem
from evaluators.proxies.proxy import PROXIES, Proxy
from evaluators.task import Candidate, Checked
from search.console import Console
from search.report.ranking import proxies_table, ranked_proxies
from search.study.records import State, TrialRecord
from search.trial.signals import signals
from tests.search_tests.evaluations import evaluation_of
from tests.search_tests.outcomes import outcome_of
from trainers.dataset import Example

PROBLEM = Problem(
    "p", "Twice x.", "def f (x : Int) : Int", ("f 3 = 6",), "def f (x : Int) : Int := x + x"
)


def checked(faithful: bool | None) -> Checked:
    finding = Finding("accepted", "", "", True, "4.0.0-fake")
    return Checked(Candidate("c", 0, ("Doc.", "def f := 1")), finding, faithful)


def record(number: int, score: int, proxies: tuple[Proxy, ...]) -> TrialRecord:
    outcome = dataclasses.replace(outcome_of(score), proxies=proxies)
    return TrialRecord(number, State.COMPLETE, {}, outcome, "", ())


def printed(records: list[TrialRecord]) -> str:
    written = io.StringIO()
    Console(file=written, width=160).print(proxies_table(records))
    return written.getvalue()


def test_a_trial_stores_every_cheap_signal_with_what_it_was_counted_over():
    evaluation = evaluation_of([PROBLEM], [True])
    fit = ReferenceFit(0.5, 0.9, tokens=4, problems=1, left_out=0, seconds=0.1)
    found = signals(
        [checked(True), checked(False), checked(None)],
        [Example("p", " x + x", "c"), Example("q", " y * y", "d")],
        dataclasses.replace(evaluation, fit=fit),
        [PROBLEM],
    )
    by_name = {proxy.name: proxy for proxy in found}
    assert set(by_name) == set(PROXIES) - {"judge"}
    assert (by_name["validity"].value, by_name["validity"].n) == (1.0, 3)
    assert (by_name["faithfulness"].value, by_name["faithfulness"].n) == (0.5, 2)
    assert by_name["cross_entropy"].value == 0.5
    assert by_name["chrf"].value == 1.0


def test_the_table_tells_how_each_proxy_ranked_the_trials_with_n_and_interval():
    good = [(Proxy("chrf", value, 9, 0.5), Proxy("validity", 0.5, 9)) for value in (0.1, 0.4, 0.6)]
    text = printed([record(n, score, good[n]) for n, score in enumerate((1, 2, 3))])
    chrf = next(line.split() for line in text.splitlines() if line.startswith("chrf"))
    assert chrf[1] == "+1.00"
    assert "3" in chrf
    assert "0.50" in chrf
    constant = next(line.split() for line in text.splitlines() if line.startswith("validity"))
    assert constant[1:3] == ["–", "–"]


def test_trials_stored_before_there_were_proxies_still_rank_validity():
    records = [
        TrialRecord(
            n, State.COMPLETE, {}, dataclasses.replace(outcome_of(n), validity=n / 10), "", ()
        )
        for n in range(1, 5)
    ]
    (validity, *_) = ranked_proxies(records)
    assert (validity.name, validity.n) == ("validity", 4)
    assert validity.rho == 1.0


def test_failed_trials_rank_nothing():
    failed = TrialRecord(0, State.FAILED, {}, None, "train: no", ())
    assert ranked_proxies([failed]) == ()
    assert "proxy" in printed([failed])
