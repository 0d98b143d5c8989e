"""Whatever is sent, the answer is a verdict or says whose fault it is; the server goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lean_sandbox_tests.served import RIGHT, connected, serving

ROUTES = ("/v1/check", "/v1/check_many", "/api/check", "/verify")
TEXTS = st.text(st.characters(), max_size=20) | st.just(RIGHT)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
PROGRAM = st.fixed_dictionaries(
    {},
    optional={
        "program": TEXTS | VALUES,
        "target": TEXTS | VALUES,
        "tests": st.lists(TEXTS, max_size=3) | VALUES,
        "messages": VALUES,
        "timeout_seconds": VALUES,
        "test_timeout_seconds": VALUES,
        "id": TEXTS | VALUES,
        "custom_id": TEXTS | VALUES,
        "code": TEXTS | VALUES,
        "proof": TEXTS | VALUES,
    },
)
BODIES = (
    VALUES
    | PROGRAM
    | st.fixed_dictionaries(
        {},
        optional={
            name: st.lists(PROGRAM, max_size=3) | VALUES
            for name in ("programs", "snippets", "codes", "timeout", "timeout_seconds", "reuse")
        },
    )
)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving() as url, httpx.Client(base_url=url) as asking:
        yield asking


@settings(max_examples=300, deadline=None)
@given(route=st.sampled_from(ROUTES), body=BODIES)
def test_no_json_brings_an_internal_error(client, route, body):
    answer = client.post(
        route, content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (200, 400, 422)
    assert answer.json()


@settings(max_examples=200, deadline=None)
@given(route=st.sampled_from(ROUTES), body=st.binary(max_size=60))
def test_no_bytes_bring_an_internal_error(client, route, body):
    answer = client.post(route, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 400, 422)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_on_a_connection_disturb_the_next_one(client, said):
    with connected(str(client.base_url)) as other:
        other.sendall(said)
    assert client.get("/health").status_code == 200
