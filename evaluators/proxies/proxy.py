"""Cheap signals that people tune generators on, kept to be held against the final score.

What people get wrong: tuning on one without knowing whether it ranks recipes as the score does.
Every trial stores these beside its score, and `rank_correlations` says of each how well it ranked
the trials of a study, with n and an interval. A signal that was not measured is None, never 0.
"""

from __future__ import annotations

import itertools
import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from evaluators.evaluation import Evaluation
from evaluators.problem import Problem
from evaluators.statistics.intervals import spearman

PROXIES = {
    "validity": "Share of the generated rows that the checker takes by themselves.",
    "faithfulness": "Share that agrees with all that is known of its context, of those decided.",
    "cross_entropy": "The student's mean -ln p over the tokens of the references; less is better.",
    "token_accuracy": "Share of reference tokens the student predicts, the right ones before it.",
    "chrf": "Likeness of the student's answers to the references in characters (chrF2, 0 to 1).",
    "distinct_2": "Share of different pairs of words among the examples, of a sample of them.",
    "diversity": "1 - the likeness (chrF2) of examples to one another, of a sample of pairs.",
    "judge": "Share of rows a language model calls faithful, of those it gave an answer on.",
}
"""Every proxy and what it is."""

LESS_IS_BETTER = frozenset({"cross_entropy"})

_SAMPLE = 100
"""Texts a diversity is computed on: both measures fall with the number of texts."""
_PAIRS = 200


@dataclass(frozen=True, slots=True)
class Proxy:
    """One signal of one trial."""

    name: str
    """One of `PROXIES`."""
    value: float | None
    """None where there was nothing to measure it on."""
    n: int
    """What it was counted over: rows, problems, texts, pairs."""
    seconds: float = field(default=0.0, compare=False)
    """What measuring it took by itself."""
    why: str = ""
    """Why there is no value, where that is not plain."""


@dataclass(frozen=True, slots=True)
class RankedProxy:
    """How well a proxy ranked a study's trials."""

    name: str
    rho: float | None
    """Spearman's, with the sign turned where less is better; None where it cannot be known."""
    low: float | None
    """Lower end of the 95 % interval."""
    high: float | None
    n: int
    """Trials with a score in which it was measured."""
    seconds: float
    """Its mean cost in a trial."""


def share_of(name: str, values: Sequence[bool]) -> Proxy:
    """A proxy that is the share of true ones; without a value where there is none."""
    return Proxy(name, sum(values) / len(values) if values else None, len(values))


def fit_proxies(evaluation: Evaluation) -> tuple[Proxy, ...]:
    """Cross-entropy and teacher-forced accuracy on the references, where they were measured."""
    fit = evaluation.fit
    if fit is None or not fit.tokens:
        return (Proxy("cross_entropy", None, 0), Proxy("token_accuracy", None, 0))
    return (
        Proxy("cross_entropy", fit.cross_entropy, fit.problems, fit.seconds),
        Proxy("token_accuracy", fit.accuracy, fit.problems),
    )


def chrf(evaluation: Evaluation, problems: Sequence[Problem]) -> Proxy:
    """How alike the first answers and the references are, in characters (Popović 2015, 2017).

    What is compared is what a student writes: the text behind the signature. A problem whose
    reference does not begin with its signature is left out.
    """
    from sacrebleu.metrics.chrf import CHRF

    started = time.perf_counter()
    pairs = [
        (record.answer.strip(), completion.strip())
        for record, problem in zip(evaluation.records, problems, strict=True)
        if (completion := reference_completion(problem)) is not None
    ]
    if not pairs:
        return Proxy("chrf", None, 0)
    answers, references = zip(*pairs, strict=True)
    value = CHRF().corpus_score(list(answers), [list(references)]).score / 100
    return Proxy("chrf", value, len(pairs), time.perf_counter() - started)


def reference_completion(problem: Problem) -> str | None:
    """What a student would write to give the reference; None where that cannot be told."""
    head = problem.signature
    if problem.kind == "statement":
        starts = problem.reference.startswith(head)
        return problem.reference.removeprefix(head) if starts else None
    if not problem.reference.startswith(f"{head} :="):
        return None
    return problem.reference.removeprefix(f"{head} :=")


def distinct(texts: Sequence[str], *, seed: int = 0) -> Proxy:
    """The share of different pairs of neighbouring words (Li et al. 2016) in a sample."""
    started = time.perf_counter()
    pairs = [pair for text in _sample(texts, seed) for pair in itertools.pairwise(text.split())]
    value = len(set(pairs)) / len(pairs) if pairs else None
    n = min(len(texts), _SAMPLE)
    return Proxy("distinct_2", value, n, time.perf_counter() - started)


def diversity(texts: Sequence[str], *, seed: int = 0) -> Proxy:
    """1 - the mean chrF2 of pairs of texts: 0 where all say the same in the same words."""
    from sacrebleu.metrics.chrf import CHRF

    started = time.perf_counter()
    few = _sample(texts, seed)
    pairs = [(a, b) for at, a in enumerate(few) for b in few[at + 1 :]]
    pairs = random.Random(seed).sample(pairs, min(len(pairs), _PAIRS))
    if not pairs:
        return Proxy("diversity", None, 0)
    metric = CHRF()
    alike = [metric.sentence_score(a, [b]).score / 100 for a, b in pairs]
    value = 1 - sum(alike) / len(alike)
    return Proxy("diversity", value, len(pairs), time.perf_counter() - started)


def rank_correlations(
    trials: Sequence[tuple[float, Sequence[Proxy]]],
) -> tuple[RankedProxy, ...]:
    """How well each proxy ranked the trials, in the order of `PROXIES`.

    Args:
        trials: each trial's final score and what was measured in it.
    """
    names = [name for name in PROXIES if any(_find(name, found) for _, found in trials)]
    return tuple(_ranked(name, trials) for name in names)


def _ranked(name: str, trials: Sequence[tuple[float, Sequence[Proxy]]]) -> RankedProxy:
    measured = [
        (score, proxy, proxy.value)
        for score, found in trials
        if (proxy := _find(name, found)) is not None and proxy.value is not None
    ]
    seconds = sum(proxy.seconds for _, proxy, _ in measured) / max(1, len(measured))
    nothing = RankedProxy(name, None, None, None, len(measured), seconds)
    if len(measured) < 3:
        return nothing
    sign = -1.0 if name in LESS_IS_BETTER else 1.0
    found = spearman([score for score, _, _ in measured], [sign * value for *_, value in measured])
    if math.isnan(found.rho):
        return nothing
    return replace(nothing, rho=found.rho, low=_number(found.low), high=_number(found.high))


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _find(name: str, proxies: Sequence[Proxy]) -> Proxy | None:
    return next((proxy for proxy in proxies if proxy.name == name), None)


def _sample(texts: Sequence[str], seed: int) -> list[str]:
    return random.Random(seed).sample(list(texts), min(len(texts), _SAMPLE))
