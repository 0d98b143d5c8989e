"""The seam for writing candidates: a recipe and contexts in, candidates out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from search.candidate import Candidate
from search.contexts import Context
from search.embedded import PREFIX, resolve
from search.errors import GeneratorUnavailable
from search.recipe import Recipe


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
    """Runs the recipe's DSPy program over the contexts, many calls at a time."""

    def __init__(
        self,
        lm: Any,
        adapter: Any,
        *,
        fingerprint: str,
        concurrent_calls: int,
    ) -> None:
        self.fingerprint = fingerprint
        self._lm = lm
        self._adapter = adapter
        self._concurrent_calls = concurrent_calls

    def write(self, recipe: Recipe, contexts: Sequence[Context], *, seed: int) -> list[Candidate]:
        """See `Generator.write`."""
        from search.generation.program import GeneratorProgram

        program = GeneratorProgram.from_recipe(recipe)
        jobs = [(context, attempt) for context in contexts for attempt in range(recipe.attempts)]

        def run(job: tuple[Context, int]) -> Candidate:
            return self._candidate(program, recipe, *job, seed=seed)

        with ThreadPoolExecutor(self._concurrent_calls) as pool:
            return list(pool.map(run, jobs))

    def _candidate(
        self,
        program: Any,
        recipe: Recipe,
        context: Context,
        attempt: int,
        *,
        seed: int,
    ) -> Candidate:
        import dspy
        from dspy.utils.exceptions import (
            AdapterParseError,
            ContextWindowExceededError,
            LMError,
        )

        config = {
            "temperature": recipe.temperature,
            "seed": call_seed(seed, context.id, attempt),
        }
        try:
            with dspy.context(lm=self._lm, adapter=self._adapter, track_usage=True):
                prediction = program(
                    python=context.python, docstring_in=context.docstring, config=config
                )
        except ContextWindowExceededError:
            return Candidate(context.id, attempt, "", "", problem="too_long")
        except AdapterParseError:
            return Candidate(context.id, attempt, "", "", problem="unreadable")
        except LMError as error:
            raise GeneratorUnavailable(
                f"{self.fingerprint}: {type(error).__name__}: {error}; check that the model is "
                "served at `generator.api_base`, then run again with --resume"
            ) from error
        usage = list((prediction.get_lm_usage() or {}).values())
        docstring, lean = prediction.docstring or "", prediction.lean or ""
        return Candidate(
            context_id=context.id,
            attempt=attempt,
            docstring=docstring,
            lean=lean,
            problem="" if lean.strip() and docstring.strip() else "unreadable",
            input_tokens=sum(counts.get("prompt_tokens", 0) for counts in usage),
            output_tokens=sum(counts.get("completion_tokens", 0) for counts in usage),
        )


def call_seed(seed: int, context_id: str, attempt: int) -> int:
    """The sampling seed of one call, below 2^31: its own for each context and attempt."""
    text = f"{seed}/{context_id}/{attempt}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "big") >> 1


_LOCAL = "local/"


def make_generator(settings: GeneratorSettings) -> DSPyGenerator:
    """Load a local model, or prepare calls to an endpoint (which is not called yet).

    Raises:
        GeneratorUnavailable: the local model cannot be loaded, or the key's variable is not set.
    """
    import dspy

    from search.generation.program import LeanAdapter

    if _is_local(settings.model):
        engine = _load(settings)
        name = f"{_LOCAL}{settings.model.replace('/', '-')}@{engine.fingerprint[:16]}"
        lm = dspy.LM(name, engine=engine, cache=False, max_tokens=settings.max_new_tokens)
        return DSPyGenerator(
            lm,
            LeanAdapter(),
            fingerprint=engine.fingerprint,
            concurrent_calls=settings.concurrent_calls,
        )
    lm = dspy.LM(
        settings.model,
        api_base=settings.api_base,
        api_key=_api_key(settings),
        max_tokens=settings.max_new_tokens,
        timeout=settings.timeout_seconds,
        num_retries=settings.retries,
        cache=False,  # DSPy's cache key ignores the address; stages are cached by their inputs
    )
    return DSPyGenerator(
        lm,
        dspy.ChatAdapter(use_json_adapter_fallback=False),
        fingerprint=f"{settings.model} at {settings.api_base or 'its default address'}",
        concurrent_calls=settings.concurrent_calls,
    )


def _is_local(model: str) -> bool:
    return model.startswith((PREFIX, _LOCAL)) or os.path.isdir(model)  # noqa: PTH112 - a name


def _load(settings: GeneratorSettings) -> Any:
    from search.generation.engine import LocalEngine

    try:
        model = (
            str(resolve(settings.model))
            if settings.model.startswith(PREFIX)
            else settings.model.removeprefix(_LOCAL)
        )
        return LocalEngine(
            model,
            batch_size=settings.concurrent_calls,
            max_new_tokens=settings.max_new_tokens,
        )
    except (KeyError, OSError, ValueError) as error:
        raise GeneratorUnavailable(
            f"generator model {settings.model!r} cannot be loaded: {str(error).splitlines()[0]}; "
            "give a folder, a hub id that can be reached, or `embedded:generator`"
        ) from error


def _api_key(settings: GeneratorSettings) -> str:
    if settings.api_key_env is None:
        return "EMPTY"
    key = os.environ.get(settings.api_key_env)
    if not key:
        raise GeneratorUnavailable(
            f"`generator.api_key_env` names {settings.api_key_env}, which is not set; export it"
        )
    return key
