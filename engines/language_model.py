"""A language model named in the study file, ready to be called; its settings are a generator's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engines import environment
from engines.errors import ModelUnavailable, ModelUnusable
from engines.prices import FREE, LOCAL, Price, is_local, price_of
from engines.weights import fingerprint_of, local_path

if TYPE_CHECKING:
    from engines.settings import GeneratorSettings


@dataclass(frozen=True, slots=True)
class OpenModel:
    """A model that can be called."""

    lm: Any
    """A `PaidLM`."""
    fingerprint: str
    """Names the weights: a hash for local ones, model and address for an endpoint."""
    price: Price | None
    """What its tokens cost; None where nobody says."""
    local: bool
    """Whether it runs in this process."""


def open_model(settings: GeneratorSettings, *, setting: str) -> OpenModel:
    """Load a local model, or prepare calls to an endpoint (which is not called yet).

    Args:
        settings: which model, and how it is called.
        setting: where the study file says so, for messages: `generator`, `judge.lm`.

    Raises:
        ModelUnavailable: the local model cannot be loaded, or the key's variable is not set.
    """
    from engines.paid_lm import PaidLM, Terms

    local = is_local(settings.model)
    if local:
        engine = _load(settings, setting)
        name = f"{LOCAL}{settings.model.replace('/', '-')}@{engine.fingerprint[:16]}"
        lm, fingerprint = PaidLM(name, engine=engine), engine.fingerprint
        price: Price | None = FREE
    else:
        lm = PaidLM(
            settings.model,
            api_base=settings.api_base,
            api_key=api_key(settings, setting),
            timeout=settings.timeout_seconds,
        )
        fingerprint = fingerprint_of(settings.model, settings.api_base)
        price = price_of(settings.model, settings.price)
    lm.terms = Terms(
        setting=setting,
        fingerprint=fingerprint,
        longest_reply=settings.max_new_tokens,
        price=price,
        retries=0 if local else settings.retries,
        longest_pause=settings.longest_pause_seconds,
    )
    return OpenModel(lm, fingerprint, price, local=local)


def _load(settings: GeneratorSettings, setting: str) -> Any:
    from engines.local_engine import LocalEngine

    try:
        return LocalEngine(
            local_path(settings.model),
            batch_size=settings.concurrent_calls,
            max_new_tokens=settings.max_new_tokens,
        )
    except (KeyError, OSError, ValueError, ModelUnusable) as error:
        raise ModelUnavailable(
            f"{setting} model {settings.model!r} cannot be loaded: {str(error).splitlines()[0]}; "
            "give a folder, a hub id that can be reached, or `embedded:generator`"
        ) from error


def api_key(settings: GeneratorSettings, setting: str) -> str:
    """The key that an endpoint is called with.

    Raises:
        ModelUnavailable: its variable is not set.
    """
    if settings.api_key_env is None:
        return "EMPTY"
    key = environment.key(settings.api_key_env)
    if key is None:
        raise ModelUnavailable(
            f"`{setting}.api_key_env` names {settings.api_key_env}, which is not set; export it"
        )
    return key
