"""What an endpoint's tokens cost: from the study file, or from LiteLLM's table.

A model that nobody has a price for has no price, which is not a price of nothing: its tokens are
counted as unpriced. A model in this process costs no money.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engines.ledger import NANO, Cost
from engines.named_models import PREFIX
from engines.settings import PriceSettings

LOCAL = "local/"
"""What the name of a hub model that runs in this process begins with."""
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """Whole nanodollars for a million tokens of each kind."""

    input: int
    output: int
    cached: int
    origin: str
    """Where it was found, for a person."""

    def of(self, *, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> int:
        """Nanodollars, rounded up; cached tokens are some of the input tokens."""
        cached = min(cached_tokens, input_tokens)
        product = (
            (input_tokens - cached) * self.input
            + cached * self.cached
            + output_tokens * self.output
        )
        return -(-product // _MILLION)

    def __str__(self) -> str:
        """For a person: dollars for a million tokens, and who says so."""
        if not (self.input or self.output):
            return self.origin
        return (
            f"${self.input / NANO:g} in, ${self.cached / NANO:g} cached, "
            f"${self.output / NANO:g} out for a million tokens ({self.origin})"
        )


FREE = Price(0, 0, 0, "runs on this machine")


def is_local(model: str) -> bool:
    """Whether a generator runs in the trial's own process."""
    return model.startswith((PREFIX, LOCAL)) or Path(model).is_dir()


def price_of(
    model: str, stated: PriceSettings | None, *, setting: str = "generator"
) -> Price | None:
    """What a model's tokens cost; None where nobody says. `setting` is where it is named.

    The table's price is that of the model's own maker at its lowest tier. An endpoint at another
    address may ask another one, which then belongs into the study file.
    """
    if stated is not None:
        cached = stated.cached_per_million
        return Price(
            input=_nanodollars(stated.input_per_million),
            output=_nanodollars(stated.output_per_million),
            cached=_nanodollars(stated.input_per_million if cached is None else cached),
            origin=f"{setting}.price",
        )
    return FREE if is_local(model) else _from_table(model)


def cost_of(price: Price | None, *, input_tokens: int, output_tokens: int, cached: int) -> Cost:
    """The cost of one answered call, tokens and money."""
    cached = min(cached, input_tokens)
    counted = Cost(input_tokens=input_tokens, output_tokens=output_tokens, cached_tokens=cached)
    if price is None:
        return counted + Cost(unpriced_tokens=input_tokens + output_tokens)
    money = price.of(input_tokens=input_tokens, output_tokens=output_tokens, cached_tokens=cached)
    return counted + Cost(nanodollars=money)


def _from_table(model: str) -> Price | None:
    import litellm

    try:
        entry = litellm.get_model_info(model)
    except Exception:  # noqa: BLE001 - what it raises for a model it does not know has no name
        return None
    read, wrote = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
    if not read or not wrote:  # a price of 0 stands there for "somebody's own server"
        return None
    cached = entry.get("cache_read_input_token_cost") or read
    return Price(
        input=_nanodollars(read * _MILLION),
        output=_nanodollars(wrote * _MILLION),
        cached=_nanodollars(cached * _MILLION),
        origin=f"LiteLLM's table for {model}",
    )


def _nanodollars(dollars: float) -> int:
    return round(dollars * NANO)
