"""A language model as a judge of rows: `search.generation.judge_model.Judge` through DSPy.

What people get wrong: a judge that breaks down half-way has judged the half it was asked first. A
model that is away ends the judging, and there is no opinion until every row was asked about; a row
that it refuses, and an answer that is cut off or without a verdict, is one without an opinion.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

from engines.errors import PromptRefused
from engines.language_model import OpenModel, open_model
from engines.side_by_side import side_by_side
from evaluators.proxies.judge import JudgeModel
from search.settings.judge import SETTING, JudgeSettings


class DspyJudge:
    """Asks a DSPy language model, several prompts at a time.

    Args:
        settings: which model, and the seed of its calls; it is opened at the first question.
    """

    def __init__(self, settings: JudgeSettings) -> None:
        self.fingerprint = settings.fingerprint
        self._settings = settings
        self._opened: OpenModel | None = None

    def answer(self, prompts: Sequence[str]) -> list[str]:
        """See `evaluators.proxies.judge.JudgeModel.answer`.

        Raises:
            ModelUnavailable: the model cannot be loaded or reached.
            EndpointExhausted: the endpoint wants no more requests for now.
            BudgetSpent: a call's worst case does not fit into what is left of the study's budget.
        """
        if self._opened is None:
            self._opened = open_model(self._settings.lm, setting=SETTING)
        lm = self._opened.lm

        def ask(prompt: str) -> str:
            try:
                answer = lm(prompt, temperature=0.0, seed=_call_seed(self._settings.seed, prompt))
            except PromptRefused:
                return ""  # no opinion
            return str(answer[0])

        return side_by_side(ask, prompts, at_once=self._settings.lm.concurrent_calls)


def _call_seed(seed: int, prompt: str) -> int:
    """The seed of one call, below 2^31: the same for the same question."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{prompt}".encode()).digest()[:4], "big") >> 1


class Judge(JudgeModel, Protocol):
    """A judge that can be told from others; `search.generation.judge_model.DspyJudge` is one."""

    fingerprint: str
    """Names the model, as a generator's does."""
