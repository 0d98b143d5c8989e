from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engines.redaction import KNOWN_BY, STRUCK, strike
from tests.search_tests.leaky_server import KEY, is_in

FORMS = {
    "plain": lambda key: key,
    "url": lambda key: quote(key, safe=""),
    "url in lower case": lambda key: quote(key, safe="").lower(),
    "form": quote_plus,
    "html": html.escape,
    "json": lambda key: json.dumps({"key": key}),
    "json in json": lambda key: json.dumps(json.dumps({"key": key})),
    "python": lambda key: repr({"key": key}),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 of a pair": lambda key: base64.b64encode(f"me:{key}".encode()).decode(),
    "base64 for urls": lambda key: base64.urlsafe_b64encode(f"k {key} k".encode()).decode(),
    "wrapped": lambda key: f"{key[:7]}\n    {key[7:20]}\r\n{key[20:]}",
    "wrapped in json": lambda key: json.dumps(f"{key[:7]}\n{key[7:]}"),
    "cut off": lambda key: key[:-5],
}
keys = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=20, max_size=120)


@pytest.mark.parametrize("form", [name for name in FORMS if "lower" not in name])
@example("0" * 20 + r"\r" + "0" * 10)
@given(keys)
@settings(deadline=None)  # says nothing of how fast it is
def test_a_key_is_struck_in_every_form(form: str, key: str) -> None:
    struck = strike(f"<{FORMS[form](key)}>", {key})
    assert STRUCK in struck
    assert not is_in(struck.encode(), key)


@pytest.mark.parametrize("form", FORMS)
def test_what_stands_around_a_key_stays(form: str) -> None:
    key = "sk-abcdefghij0123456789/+"
    struck = strike(f"before {FORMS[form](key)} after", {key})
    assert struck.startswith("before ")
    assert struck.endswith(" after")
    assert "abcdef" not in struck


def test_a_text_without_the_key_is_the_same_text() -> None:
    text = "Incorrect API key provided: sk-Zq9/x***. See https://host/keys\n\n  x = 1"
    assert strike(text, {KEY}) == text


def test_a_short_secret_is_struck_where_it_stands_alone() -> None:
    assert strike("Bearer EMPTY, isEMPTYness", {"EMPTY"}) == f"Bearer {STRUCK}, isEMPTYness"
    assert strike("key=x&max=1", {"x"}) == f"key={STRUCK}&max=1"


def test_of_two_secrets_that_begin_alike_no_end_of_the_longer_stays() -> None:
    short, long = "a" * KNOWN_BY, "a" * KNOWN_BY + "-and-more"
    assert strike(f"<{long}>", {short, long}) == f"<{STRUCK}>"
