"""A trial's cheap signals: what people tune generators on, stored beside its score."""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.evaluation import Evaluation
from evaluators.problem import Problem
from evaluators.proxies.proxy import Proxy, chrf, distinct, diversity, fit_proxies
from evaluators.task import Checked
from search.trial.rows import faithfulness, validity
from trainers.dataset import Example


def signals(
    checked: Sequence[Checked],
    examples: Sequence[Example],
    evaluation: Evaluation,
    problems: Sequence[Problem],
) -> tuple[Proxy, ...]:
    """Every signal that can be read off a trial's stages, none of which asks Lean or a model."""
    texts = [example.prompt + example.completion for example in examples]
    return (
        validity(checked),
        faithfulness(checked),
        *fit_proxies(evaluation),
        chrf(evaluation, problems),
        distinct(texts),
        diversity(texts),
    )
