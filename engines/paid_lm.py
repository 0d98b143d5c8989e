"""A language model that is paid for: one call, whatever becomes of it.

The one place where a text leaves a model. Before a call is sent, its worst case is set aside;
what it used is metered; the answer is kept until its stage is finished. A request that may be
answered later is tried again. What people get wrong: an error of one prompt ends a stage whose
other prompts were answered and paid. So whoever asks is told one of two things: `PromptRefused`,
and everybody else may have an answer; or that nobody has.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import dspy
from dspy.lm15 import Request, Response, TextPart, request_from_openai_chat
from dspy.utils.exceptions import LMError
from dspy.utils.usage_tracker import track_usage
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

from engines import answers, environment, meter, notices
from engines import budget as purse
from engines.answers import Answer
from engines.caps import Amount
from engines.errors import EndpointExhausted, ModelUnavailable, PromptRefused
from engines.ledger import Cost
from engines.parameters import Parameters
from engines.prices import FREE, Price, cost_of
from engines.server_errors import (
    FILTERED,
    Meaning,
    first_words,
    hear_every_server,
    is_rate_limit,
    meaning_of,
)
from engines.thoughts import without_thoughts

CUT_OFF, KEEPS_FAILING = "cut_off", "server_error"
"""Why one prompt has no answer, beside those of `server_errors`."""
_TURN_TOKENS = 64
"""More than any chat template puts around a message."""
_SHORT = {"role": "user", "content": "Reply with OK."}
_SHORT_REPLY = 16
_NOT_SENT = frozenset({"api_base", "api_key", "timeout", "rollout_id", "n"})
"""What DSPy is told for itself; `n` is one, always."""
_SURROGATES = re.compile("[\ud800-\udfff]")
_BACKOFF = wait_random_exponential(multiplier=1, max=60, min=0.5)

hear_every_server()
logging.getLogger("dspy.clients.lm").setLevel(logging.ERROR)  # we say ourselves what was cut off


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a model is asked."""

    setting: str = "generator"
    """Where the study file names it, for messages: `generator`, `judge.lm`, `proposals.lm`."""
    fingerprint: str = ""
    """Names the model."""
    longest_reply: int = 1024
    """In tokens."""
    price: Price | None = FREE
    """What its tokens cost; None where nobody says."""
    retries: int = 0
    """Further tries of what may be answered later."""
    longest_pause: float = 300.0
    """Longest pause in seconds that an endpoint may ask for."""


@dataclass
class _Pause:
    """When an endpoint may be asked again: one for all threads."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    until: float = 0.0

    def ask_for(self, seconds: float, why: str) -> None:
        """Let everybody wait, and say so once."""
        with self.lock:
            end = time.monotonic() + seconds
            longer, self.until = end > self.until + 1, max(end, self.until)
        if longer:
            notices.say(why)

    def wait(self) -> None:
        """Until it may be asked."""
        while (left := self.until - time.monotonic()) > 0:
            time.sleep(left)


class PaidLM(dspy.LM):  # type: ignore[misc]
    """A DSPy language model on our terms; set `terms` after making it."""

    terms: Terms = Terms()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "num_retries": 0, "cache": False})
        self._pause = _Pause()
        self._parameters = Parameters()

    def __call__(self, prompt: Any = None, *, messages: Any = None, **kwargs: Any) -> Any:
        """The answer as the one element of a list, as `dspy.LM.__call__` gives it.

        Raises:
            PromptRefused: this prompt has no answer, or one that is no use; others may have.
            ModelUnavailable: the model cannot be reached, or is not served like that.
            EndpointExhausted: the endpoint wants no more requests for now.
            BudgetSpent: the worst case does not fit into what is left of the study's budget.
        """
        asked = messages or [{"role": "user", "content": prompt}]
        options = {**self.kwargs, **kwargs}
        request = self._request(asked, options)
        kept, call = answers.current(), self._call(request, options)
        answer = kept.take(call)
        if answer is None:
            worst = worst_case(self.terms, [str(one["content"]) for one in asked])
            with purse.holding(purse.current(), Amount.of(worst)) as hold:
                response, cost = self._answered(request)
                # an endpoint that does not say what it used is believed to have used all of it
                cost = cost if cost.tokens else worst
                hold.used = Amount.of(cost)
                answer = Answer.of(self._text(response), response.finish_reason, cost)
                kept.keep(call, answer)
        for note in self._parameters.notes(self.terms.setting):
            meter.current().note(note)
        meter.current().add(answer.cost)
        return [self._usable(answer)]

    def _request(self, messages: Any, options: dict[str, Any]) -> Request:
        body = {name: value for name, value in options.items() if name not in _NOT_SENT}
        body = {name: value for name, value in body.items() if value is not None}
        asked = [{**one, "content": whole(str(one["content"]))} for one in messages]
        body |= {"model": self.model, "messages": asked, "max_tokens": self.terms.longest_reply}
        return request_from_openai_chat(body)

    def _call(self, request: Request, options: dict[str, Any]) -> str:
        """Names a call among those of a stage."""
        config = request.config
        asked = [
            self.terms.fingerprint,
            [str(request.system), *((one.role, one.text) for one in request.messages)],
            [config.temperature, config.seed, config.max_tokens, options.get("rollout_id")],
        ]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()

    def _answered(self, request: Request) -> tuple[Response, Cost]:
        """The answer, after as many tries as the terms allow.

        A prompt that fails to the end is told from an endpoint that does by asking something
        short: what answers that, and fails on the prompt once more, fails on the prompt.
        """
        try:
            return self._tried(request)
        except LMError as error:
            self._raise_unless_passing(error)
            if not self._alive():
                raise self._away(error) from error
        try:
            return self._sent(request)
        except LMError as error:
            self._raise_unless_passing(error)
            raise self._refusal(KEEPS_FAILING, error) from error

    def _tried(self, request: Request) -> tuple[Response, Cost]:
        tries = Retrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(1 + self.terms.retries),
            wait=self._delay,
            reraise=True,
        )
        return tries(self._sent, request)

    def _sent(self, request: Request) -> tuple[Response, Cost]:
        """One request; again at once without a parameter that the endpoint does not take."""
        while True:
            self._pause.wait()
            sent = self._parameters.apply(request)
            try:
                with track_usage() as usage:
                    response = super().__call__(sent)
                return response, self._cost(list(usage.get_total_tokens().values()))
            except LMError as error:
                _strike(error)
                if not self._parameters.learn(error, sent, setting=self.terms.setting):
                    raise
            except Exception as error:
                _strike(error)
                raise

    def _delay(self, state: RetryCallState) -> float:
        """How long a retry waits: as long as the endpoint asks, within the terms."""
        error = state.outcome.exception() if state.outcome else None
        asked = getattr(error, "retry_after", None)
        if asked is None or not isinstance(error, LMError):
            return _BACKOFF(state)
        said = f"{self.terms.setting} {self.terms.fingerprint} asks for a pause of {asked:.0f} s"
        words = first_words(error)
        if asked > self.terms.longest_pause:
            raise EndpointExhausted(
                f"{said} ({words}), longer than {self.terms.setting}.longest_pause_seconds = "
                f"{self.terms.longest_pause:g}; answers so far are kept: run again with --resume "
                "after that, or raise it"
            ) from error
        self._pause.ask_for(asked, f"{said} ({words}); it is waited for")
        return 0.0

    def _alive(self) -> bool:
        """Whether it answers something short, were it with a refusal."""
        terms = dataclasses.replace(self.terms, longest_reply=_SHORT_REPLY)
        worst = worst_case(terms, [_SHORT["content"]])
        request = request_from_openai_chat(
            {"model": self.model, "messages": [_SHORT], "max_tokens": _SHORT_REPLY}
        )
        try:
            with purse.holding(purse.current(), Amount.of(worst)) as hold:
                _, cost = self._sent(request)
                cost = cost if cost.tokens else worst
                hold.used = Amount.of(cost)
            meter.current().add(cost)
        except LMError as error:
            return meaning_of(error)[0] is Meaning.PROMPT
        return True

    def _raise_unless_passing(self, error: LMError) -> None:
        meaning, code = meaning_of(error)
        if meaning is Meaning.PROMPT:
            raise self._refusal(code, error) from error
        if meaning is Meaning.EXHAUSTED or is_rate_limit(error):
            raise EndpointExhausted(
                f"{self.terms.setting} {self.terms.fingerprint} wants no more requests "
                f"({first_words(error)}); answers so far are kept: mend that, or "
                "wait, and run again with --resume"
            ) from error
        if meaning is Meaning.AWAY:
            raise self._away(error) from error

    def _away(self, error: LMError) -> ModelUnavailable:
        return ModelUnavailable(
            f"{self.terms.setting} {self.terms.fingerprint}: {type(error).__name__}: "
            f"{first_words(error)}; check that the model is served at "
            f"`{self.terms.setting}.api_base`, then run again with --resume"
        )

    def _refusal(self, code: str, error: LMError) -> PromptRefused:
        return PromptRefused(code, first_words(error))

    def _usable(self, answer: Answer) -> str:
        if answer.finish == "length":
            limit = self.terms.longest_reply
            raise PromptRefused(CUT_OFF, f"{self.terms.setting}.max_new_tokens = {limit} is short")
        if answer.finish == "content_filter":
            raise PromptRefused(FILTERED, "the endpoint held its own answer back")
        return without_thoughts(answer.text)

    def _text(self, response: Response) -> str:
        parts = response.message.parts
        text = "".join(part.text for part in parts if isinstance(part, TextPart))
        return environment.struck_reply(whole(text))

    def _cost(self, usage: list[dict[str, Any]]) -> Cost:
        details = [counts.get("prompt_tokens_details") or {} for counts in usage]
        return cost_of(
            self.terms.price,
            input_tokens=sum(counts.get("prompt_tokens") or 0 for counts in usage),
            output_tokens=sum(counts.get("completion_tokens") or 0 for counts in usage),
            cached=sum(one.get("cached_tokens") or 0 for one in details),
        )


def _strike(error: BaseException | None) -> None:
    """Take every key out of an error and of what it was raised from, which may be itself."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        error.args = tuple(_told(one) for one in error.args)
        for name, value in list(vars(error).items()):
            setattr(error, name, _told(value))
        error = error.__cause__ or error.__context__


def _told(value: Any) -> Any:
    return environment.struck(whole(value)) if isinstance(value, str) else value


def whole(text: str) -> str:
    """A text that UTF-8 can hold: half a character, as a server may cut it, is none."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def worst_case(terms: Terms, texts: list[str]) -> Cost:
    """A bound on one call: no tokenizer makes more tokens than a text has bytes."""
    read = sum(len(whole(text).encode()) + _TURN_TOKENS for text in texts)
    return cost_of(terms.price, input_tokens=read, output_tokens=terms.longest_reply, cached=0)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, LMError) and meaning_of(error)[0] is Meaning.PASSING
