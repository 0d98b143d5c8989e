"""Secrets struck out of texts, in whatever form somebody repeats them.

What people get wrong: a key is looked for as it stands. An endpoint's error repeats it in JSON's
escapes, URL-encoded, in base64, with a line break in the middle, or cut off.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, quote_plus

STRUCK = "‹secret›"
KNOWN_BY = 12
"""A secret is known by so many first characters, and struck as far as it goes from there; the
beginning that a provider shows of a key (`sk-ab***`) is shorter. A secret shorter than this, such
as `EMPTY`, is struck where it stands alone."""

_ONE_BREAK = re.compile(r"\s|\\[nrt]")
_BREAK = re.compile(rf"(?:{_ONE_BREAK.pattern})*")
"""What wrapping puts into a secret."""


def strike(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, whether plain, escaped, encoded, wrapped or cut off."""
    forms = [form for secret in secrets for form in _forms(secret)]
    if not forms:
        return text
    heads = re.compile("|".join(_head(form) for form in forms))
    kept, at = [], 0
    while match := heads.search(text, at):
        kept += [text[at : match.start()], STRUCK]
        at = max(_reach(text, match.start(), form) for form in forms)
    return "".join([*kept, text[at:]])


def _reach(text: str, start: int, form: str) -> int:
    """Where a secret that begins here ends, whole or cut off; `start` where it is another one."""
    head = re.compile(_head(form)).match(text, start)
    if head is None:
        return start
    at = head.end()
    for character in form[KNOWN_BY:]:
        after = at
        while not text.startswith(character, after):
            # one at a time: a `\r` may be the secret's own
            gap = _ONE_BREAK.match(text, after)
            if gap is None:
                return at
            after = gap.end()
        at = after + 1
    return at


@lru_cache(maxsize=1024)
def _head(form: str) -> str:
    if len(form) < KNOWN_BY:
        return rf"(?<![A-Za-z0-9]){re.escape(form)}(?![A-Za-z0-9])"
    return _BREAK.pattern.join(re.escape(character) for character in form[:KNOWN_BY])


@lru_cache(maxsize=64)
def _forms(secret: str) -> tuple[str, ...]:
    """How a secret may be written."""
    escaped = json.dumps(secret)[1:-1]
    forms = {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        html.escape(secret),
        repr(secret)[1:-1],
        escaped,
        escaped.replace("/", r"\/"),
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(escaped)[1:-1],
        re.sub("[<>&]", lambda match: f"\\u{ord(match[0]):04x}", escaped),
    }
    forms |= {re.sub("%..", lambda match: match[0].lower(), form) for form in forms if "%" in form}
    if len(secret) >= KNOWN_BY:
        forms |= set(_in_base64(secret))
    return tuple(forms)


def _in_base64(secret: str) -> Iterable[str]:
    """The characters that base64 makes of a secret whatever stands before and behind it."""
    plain = secret.encode()
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + plain).rstrip(b"=")
        depends = (len(plain) + before) % 3 != 0
        kept = whole[(8 * before + 5) // 6 : len(whole) - depends].decode()
        yield kept
        yield kept.translate(str.maketrans("+/", "-_"))
