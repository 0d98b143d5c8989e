"""The seam for writing candidates: a recipe and contexts in, candidates out."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from search.errors import GeneratorUnavailable
from search.generation.language_model import open_model
from search.generation.prices import FREE, Price, PriceSettings, cost_of
from search.materials.contexts import Context
from search.money import meter, purse
from search.money.budget import Amount
from search.money.ledger import Cost
from search.study.recipe import Recipe
from search.trials.candidate import Candidate


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
    max_new_tokens: int = Field(default=160, ge=1, le=32_768)
    """Longest reply, in tokens."""
    concurrent_calls: int = Field(default=64, ge=1, le=1024)
    """Calls in flight at once; for a local model, the batch size."""
    timeout_seconds: float = Field(default=120.0, gt=0)
    """Longest wait for one reply of an endpoint."""
    retries: int = Field(default=4, ge=0, le=20)
    """Further tries after an endpoint's failure that may pass (503, 429, no connection)."""
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


class Generator(Protocol):
    """Writes candidates from contexts under a recipe.

    The same recipe, contexts and seed give the same candidates where the model behind it allows
    (an endpoint may not).
    """

    fingerprint: str
    """Names the weights: a hash for local ones, model and address for an endpoint."""

    def write(self, recipe: Recipe, contexts: Sequence[Context], *, seed: int) -> list[Candidate]:
        """Write `recipe.attempts` candidates per context, in the order of the contexts.

        Raises:
            GeneratorUnavailable: the model cannot be reached or keeps failing.
        """
        ...


class DSPyGenerator:
    """Runs the recipe's DSPy program over the contexts, many calls at a time.

    Every call's worst case is set aside in the purse at hand before it is sent, and what it used
    is added to the open meter.
    """

    def __init__(
        self,
        lm: Any,
        adapter: Any,
        *,
        fingerprint: str,
        settings: GeneratorSettings,
        price: Price | None = FREE,
    ) -> None:
        self.fingerprint = fingerprint
        self._lm = lm
        self._adapter = adapter
        self._settings = settings
        self._price = price

    def write(self, recipe: Recipe, contexts: Sequence[Context], *, seed: int) -> list[Candidate]:
        """See `Generator.write`.

        Raises:
            BudgetSpent: a call's worst case does not fit into what is left of the study's budget.
        """
        from search.generation.program import GeneratorProgram

        program = GeneratorProgram.from_recipe(recipe)
        jobs = [(context, attempt) for context in contexts for attempt in range(recipe.attempts)]
        spending, used = purse.current(), meter.current()

        def run(job: tuple[Context, int]) -> Candidate:
            worst = Amount()
            if spending is not None:
                worst = Amount.of(self._worst(program, job[0]))
            with purse.holding(spending, worst) as hold:
                candidate, cost = self._candidate(program, recipe, *job, seed=seed)
                # an endpoint that does not say what it used is believed to have used all of it
                hold.used = Amount.of(cost) if cost.tokens or candidate.problem else worst
            used.add(dataclasses.replace(cost, input_tokens=0, output_tokens=0))
            return candidate

        with ThreadPoolExecutor(self._settings.concurrent_calls) as pool:
            written = [pool.submit(run, job) for job in jobs]
            try:
                return [one.result() for one in written]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def worst_case(self, recipe: Recipe, contexts: Sequence[Context]) -> Cost:
        """What one candidate of each context may cost at most."""
        from search.generation.program import GeneratorProgram

        program = GeneratorProgram.from_recipe(recipe)
        return sum((self._worst(program, context) for context in contexts), Cost())

    def _worst(self, program: Any, context: Context) -> Cost:
        """A bound on one call: no tokenizer makes more tokens than a text has bytes."""
        inputs = {"python": context.python, "docstring_in": context.docstring}
        messages = self._adapter.format(program.write.signature, program.write.demos, inputs)
        read = sum(len(str(one["content"]).encode()) + _TURN_TOKENS for one in messages)
        return cost_of(
            self._price,
            input_tokens=read + _TURN_TOKENS,
            output_tokens=self._settings.max_new_tokens,
            cached=0,
        )

    def _candidate(
        self,
        program: Any,
        recipe: Recipe,
        context: Context,
        attempt: int,
        *,
        seed: int,
    ) -> tuple[Candidate, Cost]:
        import dspy
        from dspy.utils.exceptions import (
            AdapterParseError,
            ContextWindowExceededError,
            LMError,
        )
        from dspy.utils.usage_tracker import track_usage

        config = {
            "temperature": recipe.temperature,
            "seed": call_seed(seed, context.id, attempt),
        }
        docstring = lean = ""
        problem = "unreadable"
        with track_usage() as usage:  # an answer that cannot be read was paid for too
            try:
                with dspy.context(lm=self._lm, adapter=self._adapter):
                    prediction = program(
                        python=context.python, docstring_in=context.docstring, config=config
                    )
                docstring, lean = prediction.docstring or "", prediction.lean or ""
                problem = "" if lean.strip() and docstring.strip() else "unreadable"
            except ContextWindowExceededError:
                problem = "too_long"
            except AdapterParseError:
                pass
            except LMError as error:
                raise GeneratorUnavailable(
                    f"{self.fingerprint}: {type(error).__name__}: {error}; check that the model "
                    "is served at `generator.api_base`, then run again with --resume"
                ) from error
        cost = self._cost(list(usage.get_total_tokens().values()))
        candidate = Candidate(
            context_id=context.id,
            attempt=attempt,
            docstring=docstring,
            lean=lean,
            problem=problem,
            input_tokens=cost.input_tokens,
            output_tokens=cost.output_tokens,
        )
        return candidate, cost

    def _cost(self, usage: Sequence[dict[str, Any]]) -> Cost:
        details = [counts.get("prompt_tokens_details") or {} for counts in usage]
        return cost_of(
            self._price,
            input_tokens=sum(counts.get("prompt_tokens") or 0 for counts in usage),
            output_tokens=sum(counts.get("completion_tokens") or 0 for counts in usage),
            cached=sum(one.get("cached_tokens") or 0 for one in details),
        )


_TURN_TOKENS = 16
"""More than any chat template puts around a message."""


def call_seed(seed: int, context_id: str, attempt: int) -> int:
    """The sampling seed of one call, below 2^31: its own for each context and attempt."""
    text = f"{seed}/{context_id}/{attempt}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "big") >> 1


def make_generator(settings: GeneratorSettings) -> DSPyGenerator:
    """Load a local model, or prepare calls to an endpoint (which is not called yet).

    Raises:
        GeneratorUnavailable: the local model cannot be loaded, or the key's variable is not set.
    """
    import dspy

    from search.generation.program import LeanAdapter

    model = open_model(settings, setting="generator")
    return DSPyGenerator(
        model.lm,
        LeanAdapter() if model.local else dspy.ChatAdapter(use_json_adapter_fallback=False),
        fingerprint=model.fingerprint,
        settings=settings,
        price=model.price,
    )
