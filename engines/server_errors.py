"""What an endpoint's error means: that this prompt has no answer, or that nothing has one now.

What people get wrong: servers agree neither on statuses nor on codes. A prompt that is too long is
a 400, a 413 or a 500, and an account without money a 429. So the words are looked at before the
status.
"""

from __future__ import annotations

import json
import re
from enum import Enum
from typing import Any

from dspy.lm15 import OpenAIChatLM
from dspy.utils.exceptions import (
    ContextWindowExceededError,
    LMAuthError,
    LMBillingError,
    LMConfigurationError,
    LMError,
    LMInvalidRequestError,
    LMRateLimitError,
    LMUnsupportedFeatureError,
    LMUnsupportedModelError,
)

TOO_LONG, FILTERED, REJECTED = "too_long", "content_filter", "rejected"
"""Why one prompt has no answer; reasons of refused rows."""

_TOO_LONG = re.compile(
    r"context[ _-]?(?:length|window|size|limit)|exceed_context_size|maximum context|max_model_len"
    r"|inputs?\W? tokens? \+ \W?max_(?:new_)?tokens|`?inputs`? (?:tokens )?must have less than"
    r"|(?:prompt|input|request) (?:is |was )?(?:too (?:long|large)|longer than)"
    r"|too many (?:input |prompt )?tokens|string too long|reduce the length of"
    r"|exceeds? the (?:model'?s )?(?:maximum|limit of) .*tokens",
    re.IGNORECASE,
)
"""OpenAI, Azure, vLLM, SGLang, llama.cpp, TGI, Ollama, Anthropic, Gemini, LiteLLM's proxy."""
_FILTERED = re.compile(
    r"content[ _-]?(?:filter|policy|management)|responsibleai|safety (?:system|filter|settings)"
    r"|data_inspection_failed|inappropriate content|(?:flagged|blocked) (?:by|as|for|due)"
    r"|was flagged|moderation|prohibited_content|usage polic",
    re.IGNORECASE,
)
"""OpenAI, Azure, Gemini, DashScope, OpenRouter, LiteLLM's proxy."""
_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|credit balance|billing", re.I)
_NO_SUCH_MODEL = re.compile(r"model\b.*(?:not found|does not exist|not exist|unknown)", re.I)
_NOT_TAKEN = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|unexpected|not (?:permitted|allowed)"
    r"|extra_?(?:forbidden|\W?inputs|\W?fields)|cannot find field|does not accept|deprecated",
    re.IGNORECASE,
)
_NOT_TAKEN_OR_FIXED = re.compile(
    rf"{_NOT_TAKEN.pattern}|only .*(?:allowed|supported|default)|must be (?:1|one)\b"
    r"|may only be (?:set|1)|invalid",
    re.IGNORECASE,
)
"""What is said of a value too, and means that the parameter has one value only."""


_ADVICE = re.compile("To fix:|credential came from:")
"""How what DSPy adds to a server's words begins; it names things that the server did not."""
_LONGEST = 200


LIMITS = ("max_completion_tokens", "max_tokens")
PARAMETERS = ("seed", "temperature", *LIMITS)
"""What an endpoint may not take."""


class Meaning(Enum):
    """What an error says, and of what."""

    PROMPT = "this prompt has no answer"
    PASSING = "the same request may be answered later"
    EXHAUSTED = "the account or its limit is used up"
    AWAY = "the model is not served like that"


def meaning_of(error: LMError) -> tuple[Meaning, str]:
    """What an error means, and, where one prompt has no answer, the reason code."""
    words, status = _words(error), getattr(error, "status", None)
    if isinstance(error, LMBillingError) or _QUOTA.search(words):
        return Meaning.EXHAUSTED, ""
    if isinstance(error, ContextWindowExceededError) or _TOO_LONG.search(words):
        return Meaning.PROMPT, TOO_LONG
    if _FILTERED.search(words):
        return Meaning.PROMPT, FILTERED
    if isinstance(error, LMAuthError | LMUnsupportedModelError) or status in {401, 403, 404}:
        return Meaning.AWAY, ""
    if isinstance(error, LMConfigurationError | LMUnsupportedFeatureError):
        return Meaning.AWAY, ""
    if isinstance(error, LMInvalidRequestError):
        away = _NO_SUCH_MODEL.search(words)
        return (Meaning.AWAY, "") if away else (Meaning.PROMPT, REJECTED)
    return Meaning.PASSING, ""


def is_rate_limit(error: LMError) -> bool:
    """Whether it asks for fewer requests, whatever they say."""
    return isinstance(error, LMRateLimitError)


def refused_parameter(error: LMError, sent: tuple[str, ...]) -> str:
    """Which of the parameters that were sent an endpoint does not take; empty where it is none."""
    words = _words(error)
    if not isinstance(error, LMInvalidRequestError | LMUnsupportedFeatureError):
        return ""
    if _TOO_LONG.search(words):
        return ""
    named = [name for name in PARAMETERS if re.search(rf"\b{name}\b", words)]
    first = min(named, key=words.index, default="")  # a later one may be advice
    refused = _NOT_TAKEN if first != "temperature" else _NOT_TAKEN_OR_FIXED
    return first if first in sent and refused.search(words) else ""


def first_words(error: LMError) -> str:
    """What the server said, in a few words."""
    said = " ".join(_ADVICE.split(str(error.message or error))[0].split())
    return said[:_LONGEST] or "no reason given"


def _words(error: LMError) -> str:
    said = _ADVICE.split(str(error.message or error))[0]
    return f"{error.provider_code or ''} {said}"


def hear_every_server() -> None:
    """Let DSPy keep the words of servers whose errors have another form than OpenAI's.

    It reads `{"error": …}` alone; vLLM, SGLang, Mistral and whoever is built on FastAPI have said
    `{"object": "error", "message": …}` or `{"detail": …}`, of which it keeps a bare status.
    """
    heard = OpenAIChatLM.normalize_error
    if getattr(heard, "hears_all", False):
        return

    def normalize_error(self: Any, status: int, body: str) -> Any:
        error = heard(self, status, body)
        if str(error.message).strip() or not body.strip():
            return error
        return heard(self, status, json.dumps({"error": {"message": body.strip()[:1000]}}))

    normalize_error.hears_all = True  # type: ignore[attr-defined]
    OpenAIChatLM.normalize_error = normalize_error
