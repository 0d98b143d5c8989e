from __future__ import annotations

import pytest

from engines.ledger import Cost
from engines.prices import FREE, cost_of, price_of
from engines.settings import PriceSettings


def test_a_stated_price_counts_cached_tokens_at_their_own_rate() -> None:
    price = price_of(
        "openai/whatever",
        PriceSettings(input_per_million=2.0, output_per_million=8.0, cached_per_million=0.5),
    )

    # 1,000 x $2 + 500 x $0.5 + 100 x $8, for a million: 2,000 + 250 + 800 microdollars
    cost = cost_of(price, input_tokens=1500, output_tokens=100, cached=500)
    assert cost == Cost(
        input_tokens=1500, output_tokens=100, cached_tokens=500, nanodollars=3_050_000
    )


def test_without_a_cached_price_cached_tokens_cost_what_others_cost() -> None:
    price = price_of("x", PriceSettings(input_per_million=2.0, output_per_million=8.0))
    assert price is not None
    assert price.of(input_tokens=10, output_tokens=0, cached_tokens=10) == 20_000


def test_a_fraction_of_a_nanodollar_is_rounded_up() -> None:
    price = price_of("x", PriceSettings(input_per_million=0.0001, output_per_million=0))
    assert price is not None
    assert price.of(input_tokens=1, output_tokens=0) == 1


def test_the_table_knows_a_hosted_model() -> None:
    price = price_of("openai/gpt-4o-mini", None)
    assert price is not None
    assert 0 < price.cached < price.input < price.output
    assert "LiteLLM's table for openai/gpt-4o-mini" in str(price)


@pytest.mark.parametrize("model", ["hosted_vllm/mine", "openai/no-such-model", "ollama/llama3"])
def test_a_model_without_a_price_is_not_free(model: str) -> None:
    assert price_of(model, None) is None
    cost = cost_of(None, input_tokens=10, output_tokens=5, cached=0)
    assert (cost.nanodollars, cost.unpriced_tokens) == (0, 15)


@pytest.mark.parametrize("model", ["embedded:generator", "local/some-model"])
def test_a_model_in_this_process_costs_no_money(model: str) -> None:
    assert price_of(model, None) is FREE
    assert cost_of(FREE, input_tokens=10, output_tokens=5, cached=0).unpriced_tokens == 0
