"""Which language model is called and how, what its tokens cost, and what may be spent."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from engines.named_models import PREFIX


def _longest_reply(model: str) -> int:
    return 160 if model.startswith(PREFIX) else 2048


class PriceSettings(BaseModel):
    """US dollars for a million tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    input_per_million: Annotated[float, Field(ge=0, le=100_000)]
    """For a million tokens read."""
    output_per_million: Annotated[float, Field(ge=0, le=100_000)]
    """For a million tokens written."""
    cached_per_million: Annotated[float, Field(ge=0, le=100_000)] | None = None
    """For a million tokens read that the endpoint had in its cache; null: like any other."""


class GeneratorSettings(BaseModel):
    """Which language model writes candidates, and how it is called."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    model: str
    """`embedded:generator`, a local folder, a hub id under `local/`, or the model of an
    OpenAI-compatible endpoint as DSPy names it (`hosted_vllm/NAME`, `openai/NAME`)."""
    api_base: str | None = None
    """Address of the endpoint, such as `http://127.0.0.1:8000/v1`."""
    api_key_env: str | None = None
    """Environment variable that holds the endpoint's key; the key itself is stored nowhere."""
    max_new_tokens: int = Field(
        default_factory=lambda given: _longest_reply(str(given.get("model", ""))), ge=1, le=32_768
    )
    """Longest reply, in tokens, thoughts included: 2,048 unless said otherwise, and 160 for an
    embedded model. A reply that is cut off there is no row (reason `cut_off`)."""
    concurrent_calls: int = Field(default=64, ge=1, le=1024)
    """Calls in flight at once; for a local model, the batch size."""
    timeout_seconds: float = Field(default=120.0, gt=0)
    """Longest wait for one reply of an endpoint."""
    retries: int = Field(default=4, ge=0, le=20)
    """Further tries after an endpoint's failure that may pass (503, 429, no connection)."""
    longest_pause_seconds: float = Field(
        default=300.0, ge=0, exclude_if=lambda pause: pause == 300.0
    )
    """Longest pause between tries that an endpoint may ask for (`Retry-After`); one that asks for
    more stops the trial, which keeps its answers and goes on with --resume."""
    price: PriceSettings | None = Field(default=None, exclude_if=lambda price: price is None)
    """What the tokens cost; null asks LiteLLM's price table for an endpoint's model."""

    @field_validator("api_base")
    @classmethod
    def _no_secret(cls, api_base: str | None) -> str | None:
        """An address goes into frozen pipelines, so no password and no key may stand in it."""
        address = urlsplit(api_base or "")
        if address.username or address.password or address.query:
            message = (
                "holds a name, a password or a query; give the bare address, and put the key into "
                "an environment variable that generator.api_key_env names"
            )
            raise PydanticCustomError("study", "{message}", {"message": message, "where": []})
        return api_base


class BudgetSettings(BaseModel):
    """Hard caps of the whole study, over all its runs; null is no cap."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    money: Annotated[float, Field(gt=0)] | None = None
    """US dollars for the generator's tokens; needs a price, see `generator.price`."""
    tokens: Annotated[int, Field(ge=1)] | None = None
    """Tokens the generator reads and writes."""
    checks: Annotated[int, Field(ge=1)] | None = None
    """Programs that Lean is asked about."""
    hours: Annotated[float, Field(gt=0)] | None = None
    """Hours during which a driver runs the study."""
    kept_for_final: Annotated[float, Field(ge=0, lt=1)] = 0.2
    """Share of every cap that trials leave to the final comparison."""

    @property
    def capped(self) -> bool:
        """Whether anything is limited."""
        return (self.money, self.tokens, self.checks, self.hours) != (None,) * 4
