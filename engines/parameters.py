"""What an endpoint does not take of what it is sent, learnt from its own words.

Reasoning models have a temperature of their own, many servers know no seed, and the limit on a
reply has two names. A request that is refused for such a parameter is sent without it, or under
its other name, and so are all that follow.
"""

from __future__ import annotations

import dataclasses
import threading

from dspy.lm15 import Request
from dspy.utils.exceptions import LMError

from engines import notices
from engines.server_errors import LIMITS, first_words, refused_parameter


class Parameters:
    """What one endpoint was found not to take; shared by all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._dropped: set[str] = set()
        self._limit = ""

    def apply(self, request: Request) -> Request:
        """A request as this endpoint takes it."""
        with self._lock:
            dropped, limit = set(self._dropped), self._limit
        if not dropped and not limit:
            return request
        config = request.config
        values = {name: None for name in dropped if name not in LIMITS}
        extensions = dict(config.extensions or {})
        if limit:
            values["max_tokens"] = None
            if not set(LIMITS) <= dropped:
                extensions[limit] = config.max_tokens
        config = dataclasses.replace(config, **values, extensions=extensions or None)
        return dataclasses.replace(request, config=config)

    def learn(self, error: LMError, sent: Request, *, setting: str) -> bool:
        """Whether an error says what to leave out, so that the request can be sent again.

        Args:
            error: what the endpoint said.
            sent: the request it said that of.
            setting: where the study file names the model.
        """
        config = sent.config
        names = [name for name in ("seed", "temperature") if getattr(config, name) is not None]
        extended = [name for name in LIMITS if name in (config.extensions or {})]
        limits = extended or (list(LIMITS) if config.max_tokens is not None else [])
        name = refused_parameter(error, (*names, *limits))
        if not name:
            return False
        with self._lock:
            known = name in self._dropped
            self._dropped.add(name)
            if name in LIMITS:
                self._limit = next((one for one in LIMITS if one not in self._dropped), name)
        if not known:
            notices.say(f"{self._note(name, setting)} ({first_words(error)})")
        return True

    def notes(self, setting: str) -> list[str]:
        """What whoever reads the answers must know."""
        with self._lock:
            dropped = sorted(self._dropped)
        return [self._note(name, setting) for name in dropped]

    def _note(self, name: str, setting: str) -> str:
        if name in LIMITS and not set(LIMITS) <= self._dropped:
            return f"{setting}: the endpoint takes no {name}; {self._limit} is sent"
        return f"{setting}: the endpoint takes no {name}; it is left out"
