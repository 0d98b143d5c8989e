"""A language model as a judge of rows: `search.trials.judging.Judge` through DSPy.

What people get wrong: a judge that breaks down half-way has judged the half it was asked first. A
model that is away ends the judging, and there is no opinion until every row was asked about; a row
that it refuses, and an answer that is cut off or without a verdict, is one without an opinion.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from search.embedded import PREFIX
from search.errors import PromptRefused
from search.generation.generator import GeneratorSettings
from search.generation.language_model import OpenModel, open_model
from search.generation.prices import Price, price_of
from search.generation.side_by_side import side_by_side
from search.generation.weights import fingerprint_of

SETTING = "judge.lm"
"""Where the study file names the model."""


class JudgeModelSettings(GeneratorSettings):
    """Which language model judges; the settings are the generator's."""

    max_new_tokens: int = Field(default=1024, ge=1, le=32_768)
    """Longest answer, in tokens; one that is cut off counts for nothing."""

    @field_validator("model")
    @classmethod
    def _can_answer(cls, model: str) -> str:
        if model.startswith(PREFIX):
            message = f"{model} writes Lean and answers nothing else; name a chat model"
            raise PydanticCustomError("study", "{message}", {"message": message, "where": []})
        return model


class JudgeSettings(BaseModel):
    """A language model asked whether training rows do what they say; a proxy like the others."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    lm: JudgeModelSettings
    """Which model; its settings are a generator's."""
    rows: Annotated[int, Field(ge=1, le=100_000)] = 50
    """How many of a trial's training rows are judged: those of the same contexts in every trial,
    as far as its filter left them."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    """Which contexts these are, and the seed of every call."""

    @property
    def fingerprint(self) -> str:
        """Names the model, without loading or calling it."""
        return fingerprint_of(self.lm.model, self.lm.api_base)

    @property
    def price(self) -> Price | None:
        """What the judge's tokens cost; None where nobody says."""
        return price_of(self.lm.model, self.lm.price, setting=SETTING)


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
        """See `evaluators.judge.JudgeModel.answer`.

        Raises:
            GeneratorUnavailable: the model cannot be loaded or reached.
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
