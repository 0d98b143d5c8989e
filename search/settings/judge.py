"""Which language model judges rows, and how many of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from engines.named_models import PREFIX
from engines.prices import Price, price_of
from engines.settings import GeneratorSettings
from engines.weights import fingerprint_of

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
