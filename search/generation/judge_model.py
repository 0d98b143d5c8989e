"""A language model as a judge of rows: `search.trials.judging.Judge` through DSPy.

What people get wrong: a judge that breaks down half-way has judged the half it was asked first. A
call that fails ends the judging, and nothing is stored; only a row too long for the model, or an
answer without a verdict, is a row without an opinion.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from search.embedded import PREFIX
from search.errors import GeneratorUnavailable
from search.generation.generator import GeneratorSettings
from search.generation.language_model import OpenModel, open_model
from search.generation.prices import Price, cost_of, price_of
from search.generation.weights import fingerprint_of
from search.money import meter, purse
from search.money.budget import Amount
from search.money.ledger import Cost

SETTING = "judge.lm"
"""Where the study file names the model."""
_TURN_TOKENS = 32
"""More than any chat template puts around a message."""


class JudgeModelSettings(GeneratorSettings):
    """Which language model judges; the settings are the generator's."""

    max_new_tokens: int = Field(default=1024, ge=1, le=32_768)
    """Longest answer, in tokens; one that is cut off before its verdict counts for nothing."""

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

    Every call's worst case is set aside in the purse at hand before it is sent, and what it used
    is added to the open meter.

    Args:
        settings: which model, and the seed of its calls.
        lm: a `dspy.LM`; None opens the model of the settings at the first question.
    """

    def __init__(self, settings: JudgeSettings, *, lm: Any = None) -> None:
        self.fingerprint = settings.fingerprint
        self._settings = settings
        self._lm = lm
        self._price = settings.price

    def answer(self, prompts: Sequence[str]) -> list[str]:
        """See `evaluators.judge.JudgeModel.answer`.

        Raises:
            GeneratorUnavailable: the model cannot be loaded or reached, or a call failed.
            BudgetSpent: a call's worst case does not fit into what is left of the study's budget.
        """
        if self._lm is None:
            opened: OpenModel = open_model(self._settings.lm, setting=SETTING)
            self._lm = opened.lm
        spending, used = purse.current(), meter.current()

        def ask(prompt: str) -> str:
            worst = Amount.of(self._worst(prompt))
            with purse.holding(spending, worst) as hold:
                text, cost = self._ask(prompt)
                # an endpoint that does not say what it used is believed to have used all of it
                hold.used = Amount.of(cost) if cost.tokens else worst
            used.add(cost)
            return text

        with ThreadPoolExecutor(self._settings.lm.concurrent_calls) as pool:
            asked = [pool.submit(ask, prompt) for prompt in prompts]
            try:
                return [one.result() for one in asked]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _ask(self, prompt: str) -> tuple[str, Cost]:
        import dspy
        from dspy.utils.exceptions import ContextWindowExceededError, LMError
        from dspy.utils.usage_tracker import track_usage

        seed = _call_seed(self._settings.seed, prompt)
        text = ""
        with track_usage() as usage:
            try:
                with dspy.context(lm=self._lm):
                    answers = self._lm(prompt, temperature=0.0, seed=seed)
                first = answers[0] if answers else ""
                text = str(first.get("text", "") if isinstance(first, dict) else first)
            except ContextWindowExceededError:
                pass  # no opinion
            except LMError as error:
                raise GeneratorUnavailable(
                    f"{SETTING} {self.fingerprint}: {type(error).__name__}: {error}"
                ) from error
        return text, self._cost(list(usage.get_total_tokens().values()))

    def _worst(self, prompt: str) -> Cost:
        """A bound on one call: no tokenizer makes more tokens than a text has bytes."""
        read = len(prompt.encode()) + _TURN_TOKENS
        wrote = self._settings.lm.max_new_tokens
        return cost_of(self._price, input_tokens=read, output_tokens=wrote, cached=0)

    def _cost(self, usage: Sequence[dict[str, Any]]) -> Cost:
        details = [counts.get("prompt_tokens_details") or {} for counts in usage]
        return cost_of(
            self._price,
            input_tokens=sum(counts.get("prompt_tokens") or 0 for counts in usage),
            output_tokens=sum(counts.get("completion_tokens") or 0 for counts in usage),
            cached=sum(one.get("cached_tokens") or 0 for one in details),
        )


def _call_seed(seed: int, prompt: str) -> int:
    """The seed of one call, below 2^31: the same for the same question."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{prompt}".encode()).digest()[:4], "big") >> 1
