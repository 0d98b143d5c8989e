"""Whether an endpoint can be reached with the key at hand and serves the model, for nothing.

Its list of models is asked for, which costs no token. An endpoint without such a list, or one
whose address the study file does not give, is called for the first time by the first trial.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engines import environment
from engines.errors import ModelUnavailable, first_line
from engines.language_model import api_key

if TYPE_CHECKING:
    from engines.settings import GeneratorSettings

_SECONDS = 10.0
"""Longest wait for the list."""
_SHOWN = 5
"""Models named in a message."""


def require_reachable(settings: GeneratorSettings, *, setting: str) -> str:
    """Check an endpoint without asking for a reply; what was checked, for a person.

    Args:
        settings: which endpoint, key and model.
        setting: where the study file says so, for messages: `generator`, `judge.lm`.

    Raises:
        ModelUnavailable: it cannot be reached, refuses the key, or serves other models.
    """
    import httpx

    key, who = api_key(settings, setting), f"{setting} {settings.model}"
    if settings.api_base is None:
        return f"not tried   {who}: it has no api_base, so the first trial is its first call"
    address = f"{settings.api_base.rstrip('/')}/models"
    try:
        answer = httpx.get(
            address,
            headers={b"Authorization": b"Bearer " + key.encode(errors="surrogateescape")},
            timeout=min(_SECONDS, settings.timeout_seconds),
            follow_redirects=True,
        )
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        reason = environment.struck(first_line(str(error)) if str(error) else type(error).__name__)
        raise ModelUnavailable(
            f"{who}: nothing answers at {settings.api_base} ({reason}); start the server, or "
            f"correct {setting}.api_base"
        ) from None  # the library's error may repeat the key
    if answer.status_code in {401, 403}:
        raise ModelUnavailable(
            f"{who}: {settings.api_base} refuses the key ({answer.status_code}); put a valid one "
            f"into the variable that {setting}.api_key_env names"
        )
    if answer.status_code >= 500:
        raise ModelUnavailable(
            f"{who}: {settings.api_base} says {answer.status_code}; wait until the model is "
            "served, then run again"
        )
    served = _names(environment.struck_reply(answer.text)) if answer.status_code == 200 else None
    if served is None:
        return (
            f"not tried   {who}: {settings.api_base} is there, and lists no models; the first "
            "trial is its first call"
        )
    name = settings.model.partition("/")[2]
    if name not in served:
        others = ", ".join(served[:_SHOWN]) or "none"
        raise ModelUnavailable(
            f"{who}: {settings.api_base} serves no `{name}` (it serves {others}); correct "
            f"{setting}.model"
        )
    return f"checked     {who}: served at {settings.api_base}; no reply was asked for"


def _names(text: str) -> Sequence[str] | None:
    """The ids in an OpenAI-compatible list of models; None where it is no such list."""
    from pydantic import BaseModel, ValidationError

    class Model(BaseModel):
        id: str

    class Models(BaseModel):
        data: list[Model]

    try:
        return [model.id for model in Models.model_validate_json(text).data]
    except ValidationError:
        return None
