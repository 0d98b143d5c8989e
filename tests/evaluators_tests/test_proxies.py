from __future__ import annotations

import math

import pytest

from evaluators.eng2lean.evaluate import finding_of
from evaluators.evaluation import Attempt, Evaluation, Finding, ProblemRecord, ReferenceFit
from evaluators.problem import Problem
from evaluators.proxies.judge import judge_rows, opinion
from evaluators.proxies.proxy import (
    PROXIES,
    Proxy,
    chrf,
    distinct,
    diversity,
    fit_proxies,
    rank_correlations,
    reference_completion,
    share_of,
)
from lean_sandbox.verdict import Outcome, Verdict

SIGNATURE = "def f (x : Int) : Int"


def verdict(reason: str) -> Finding:
    outcome = Outcome.REFUSED if reason else Outcome.ACCEPTED
    return finding_of(Verdict(outcome, reason, "", (), "4.0.0-fake", (), 0.0))


def problem(body: str, **changed: object) -> Problem:
    given = {
        "id": "p",
        "docstring": "Doc.",
        "signature": SIGNATURE,
        "tests": ("f 1 = 1",),
        "reference": f"{SIGNATURE} := {body}",
    }
    return Problem(**{**given, **changed})


def evaluation(*answers: str) -> Evaluation:
    records = [ProblemRecord.of("p", [Attempt(one, verdict(""), True)]) for one in answers]
    return Evaluation(tuple(records))


def test_a_share_says_what_it_was_counted_over_and_one_of_nothing_is_no_number():
    assert share_of("validity", [True, False, False, True]) == Proxy("validity", 0.5, 4)
    assert share_of("validity", []).value is None


def test_nothing_to_measure_on_is_no_value_instead_of_zero():
    assert distinct([]).value is None
    assert distinct(["word"]).value is None
    assert diversity(["alone"]).value is None
    assert chrf(Evaluation(()), []).value is None
    assert [proxy.value for proxy in fit_proxies(evaluation("x"))] == [None, None]
    assert judge_rows([], Answering([])).proxy.value is None


def test_answers_like_their_references_have_a_high_chrf():
    problems = [problem("x + x"), problem("x * x")]
    same = chrf(evaluation(" x + x", "\n  x * x"), problems)
    other = chrf(evaluation("fun y => 7", ""), problems)
    assert (same.value, same.n) == (pytest.approx(1.0), 2)
    assert other.value < 0.2


def test_a_reference_that_cannot_be_told_from_its_signature_is_left_out():
    helper = problem("", reference=f"def g := 3\n{SIGNATURE} := x")
    assert reference_completion(helper) is None
    assert chrf(evaluation("x", "x + x"), [helper, problem("x + x")]).n == 1
    stated = problem("", kind="statement", signature="theorem t", reference="theorem t : True")
    assert reference_completion(stated) == " : True"


def test_texts_that_say_the_same_are_not_diverse():
    same, mixed = ["a b c"] * 5, ["a b c", "d e f", "uvw xyz", "12 34", "ℕ → ℤ"]
    assert diversity(same).value == pytest.approx(0.0)
    assert diversity(mixed).value > 0.9
    assert distinct(same).value == pytest.approx(2 / 10)
    assert distinct(mixed).value == 1.0


def test_diversity_is_of_a_sample_of_fixed_size_and_the_same_for_the_same_seed():
    texts = [f"def f{n} := {n * n}" for n in range(1000)]
    assert distinct(texts).n == 100
    assert diversity(texts).n == 200
    assert diversity(texts).value == diversity(texts).value


def test_fit_is_read_off_the_evaluation():
    fit = ReferenceFit(1.5, 0.6, tokens=40, problems=4, left_out=1, seconds=0.2)
    cross_entropy, accuracy = fit_proxies(Evaluation((), fit))
    assert cross_entropy == Proxy("cross_entropy", 1.5, 4, 0.2)
    assert (accuracy.value, accuracy.n) == (0.6, 4)


def trials(*rows: tuple[float, float | None]) -> list[tuple[float, list[Proxy]]]:
    return [(score, [Proxy("validity", value, 9, 2.0)]) for score, value in rows]


def test_a_proxy_that_ranks_as_the_score_does_has_rho_one():
    (ranked,) = rank_correlations(trials((0.1, 0.5), (0.2, 0.6), (0.3, 0.7), (0.4, 0.9)))
    assert ranked.rho == pytest.approx(1.0)
    assert (ranked.n, ranked.seconds) == (4, 2.0)
    assert ranked.low < ranked.high <= 1


def test_less_cross_entropy_counts_as_better():
    rows = [(score, [Proxy("cross_entropy", 1 - score, 5)]) for score in (0.1, 0.2, 0.3, 0.4)]
    (ranked,) = rank_correlations(rows)
    assert ranked.rho == pytest.approx(1.0)


@pytest.mark.parametrize(
    "rows",
    [
        [(0.1, 0.5), (0.2, 0.6)],
        [(0.1, 0.5), (0.2, 0.5), (0.3, 0.5)],
        [(0.1, 0.5), (0.1, 0.6), (0.1, 0.7)],
        [(0.1, None), (0.2, None), (0.3, None)],
    ],
)
def test_too_few_trials_or_no_variation_give_no_correlation(rows):
    (ranked,) = rank_correlations(trials(*rows))
    assert (ranked.rho, ranked.low, ranked.high) == (None, None, None)


def test_trials_in_which_a_proxy_was_not_measured_are_left_out_of_its_n():
    (ranked,) = rank_correlations(trials((0.1, 0.5), (0.9, None), (0.2, 0.6), (0.3, 0.7)))
    assert ranked.n == 3
    assert ranked.rho == pytest.approx(1.0)


def test_no_trials_have_no_proxies():
    assert rank_correlations([]) == ()


def test_every_proxy_is_described():
    measured = [
        share_of("validity", []),
        share_of("faithfulness", []),
        *fit_proxies(Evaluation(())),
        chrf(Evaluation(()), []),
        distinct([]),
        diversity([]),
        judge_rows([], Answering([])).proxy,
    ]
    assert [proxy.name for proxy in measured] == list(PROXIES)


class Answering:
    """A language model with answers written down beforehand."""

    def __init__(self, answers: list[str]) -> None:
        self.answers = answers
        self.prompts: list[str] = []

    def answer(self, prompts):
        self.prompts += prompts
        return self.answers


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("It adds.\nVERDICT: yes", True),
        ("**Verdict: No**", False),
        ("VERDICT: yes\nbut wait\nVERDICT: no", False),
        ("yes", None),
        ("", None),
        ("VERDICT: maybe", None),
        ("The answer is VERDICT: yes in the end", None),
    ],
)
def test_only_a_line_of_its_own_is_a_verdict(answer, said):
    assert opinion(answer) is said


def test_a_judge_that_cannot_be_read_is_no_no():
    model = Answering(["VERDICT: yes", "hm", "VERDICT: no", "VERDICT: yes"])
    judged = judge_rows([("Twice x.", f"def f{n} := x") for n in range(4)], model)
    assert judged.opinions == (True, None, False, True)
    assert judged.unreadable == 1
    assert (judged.proxy.value, judged.proxy.n) == (pytest.approx(2 / 3), 3)
    assert "Twice x." in model.prompts[0]
    assert "def f0 := x" in model.prompts[0]


def test_a_judge_that_says_nothing_has_no_opinion():
    assert judge_rows([("a", "b")], Answering([""])).proxy.value is None


def test_a_value_is_never_nan():
    values = [
        proxy.value for proxy in (distinct(["a b"]), diversity(["", ""]), diversity(["a", ""]))
    ]
    assert not any(value is not None and math.isnan(value) for value in values)
