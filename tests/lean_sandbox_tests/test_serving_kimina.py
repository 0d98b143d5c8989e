"""Kimina's clients, unchanged, against our server: nothing refused may look valid to them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import replace

import httpx
import pytest

from lean_sandbox.policy import REASONS
from lean_sandbox.serving.kimina import CheckBody, VerifyBody, check_answer, verify_answer
from lean_sandbox.verdict import Message, Outcome, Severity
from tests.contracts.fake_sandbox import verdict
from tests.lean_sandbox_tests.kimina_package import (
    AsyncKiminaClient,
    BackwardResponse,
    KiminaClient,
    Snippet,
    SnippetStatus,
    VerifyResponse,
    parse_client_response,
)
from tests.lean_sandbox_tests.served import RIGHT, FakePool, serving

SORRY = "theorem t : 1 + 1 = 3 := by sorry"
STATUSES = {
    RIGHT: SnippetStatus.valid,
    "Sure! Here is the definition:": SnippetStatus.lean_error,
    "run_cmd pure ()": SnippetStatus.lean_error,
    "wrong type": SnippetStatus.lean_error,
    SORRY: SnippetStatus.sorry,
    "slow": SnippetStatus.timeout_error,
    "huge": SnippetStatus.server_error,
    "unclear": SnippetStatus.server_error,
}


def test_the_client_sees_each_outcome_as_the_status_it_has_for_it():
    with serving() as url:
        answer = KiminaClient(url).check(list(STATUSES), batch_size=100, show_progress=False)
    assert [one.analyze().status for one in answer.results] == list(STATUSES.values())


def test_the_asynchronous_client_sends_many_batches_at_once():
    async def ask(url: str) -> list[str]:
        client = AsyncKiminaClient(url)
        snippets = [Snippet(id=str(n), code=RIGHT if n % 3 else "wrong") for n in range(100)]
        answer = await client.check(snippets, batch_size=7, max_workers=9, show_progress=False)
        await client.close()
        return [f"{one.id} {one.analyze().status.value}" for one in answer.results]

    with serving() as url:
        said = asyncio.run(ask(url))
    assert said == [f"{n} {'valid' if n % 3 else 'lean_error'}" for n in range(100)]


def test_the_client_keeps_ids_and_reads_where_an_error_is():
    with serving() as url:
        answer = KiminaClient(url).api_check([Snippet(id="a/1", code="wrong")])
    assert answer.results[0].id == "a/1"
    assert answer.results[0].response["messages"] == [
        {
            "severity": "error",
            "pos": {"line": 3, "column": 0},
            "endPos": {"line": 3, "column": 0},
            "data": "elaboration_error: said of it",
        }
    ]


def test_the_client_hears_what_was_left_out_and_the_program_is_valid():
    with serving() as url:
        answer = KiminaClient(url).check(f"{RIGHT}\n#eval f 1", show_progress=False)
    said = answer.results[0]
    assert said.analyze().status is SnippetStatus.valid
    assert said.response["messages"] == [
        {
            "severity": "info",
            "pos": {"line": 2, "column": 0},
            "endPos": {"line": 2, "column": 0},
            "data": "skipped: #eval",
        }
    ]


def test_the_client_with_the_key_is_let_in_and_without_it_nothing_is_valid(monkeypatch):
    monkeypatch.delenv("LEAN_SERVER_API_KEY", raising=False)
    monkeypatch.delenv("LEANSERVER_API_KEY", raising=False)
    with serving(key="open sesame") as url:
        keyless = KiminaClient(url, n_retries=1).check(RIGHT, show_progress=False)
        monkeypatch.setenv("LEAN_SERVER_API_KEY", "open sesame")
        keyed = KiminaClient(url).check(RIGHT, show_progress=False)
    assert keyless.results[0].analyze().status is SnippetStatus.server_error
    assert keyed.results[0].analyze().status is SnippetStatus.valid


def test_the_clients_health_check_is_content():
    with serving() as url:
        assert KiminaClient(url).health() == {"status": "ok"}
        assert httpx.get(url).json()["status"] == "ok"  # what the older client asks


def verified(url: str, codes: list[dict[str, object]]) -> list[BackwardResponse]:
    body = {"codes": codes, "timeout": 30, "infotree_type": None, "disable_cache": False}
    raw = httpx.post(f"{url}/verify", json=body)
    assert raw.status_code == 200
    return VerifyResponse.model_validate(raw.json()).results


def test_the_older_route_takes_proof_or_code_and_tells_what_is_valid():
    codes = [
        {"custom_id": str(n), "proof" if n % 2 else "code": program}
        for n, program in enumerate(STATUSES)
    ]
    with serving() as url:
        answers = verified(url, codes)
        assert httpx.post(f"{url}/one_pass_verify_batch", json={"codes": []}).json() == {
            "results": []
        }
    assert [answer["custom_id"] for answer in answers] == [code["custom_id"] for code in codes]
    read = [parse_client_response(answer) for answer in answers]
    assert [one["is_valid_no_sorry"] for one in read] == [p == RIGHT for p in STATUSES]
    assert [one["is_valid_with_sorry"] for one in read] == [p in (RIGHT, SORRY) for p in STATUSES]


def test_what_lean_said_is_told_as_lean_said_it():
    warning = Message(Severity.WARNING, 2, 8, 2, 9, "declaration uses `sorry`")
    error = Message(Severity.ERROR, 1, 4, 1, 7, "Type mismatch")
    info = Message(Severity.INFO, 1, 0, 1, 6, "Nat : Type")
    body = CheckBody.model_validate({"snippets": [{"id": n, "code": ""} for n in "abcd"]})
    verdicts = [
        replace(verdict(Outcome.ACCEPTED), messages=(info,)),
        replace(verdict(Outcome.REFUSED, "elaboration_error"), messages=(info, error)),
        replace(verdict(Outcome.REFUSED, "sorry", detail="t rests on sorry"), messages=(warning,)),
        replace(verdict(Outcome.REFUSED, "option_not_allowed"), messages=(info,)),
    ]
    fine, wrong, sorry, gated = (
        one["response"] for one in check_answer(body, verdicts).model_dump()["results"]
    )
    nat = {
        "severity": "info",
        "pos": {"line": 1, "column": 0},
        "endPos": {"line": 1, "column": 6},
        "data": "Nat : Type",
    }
    assert fine["messages"] == [nat]
    assert [m["data"] for m in wrong["messages"]] == ["Nat : Type", "Type mismatch"]
    assert [m["severity"] for m in sorry["messages"]] == ["warning", "warning"]
    assert sorry["messages"][1]["data"] == "declaration uses 'sorry'"
    assert sorry["sorries"][0]["pos"] == {"line": 2, "column": 8}
    assert [m["severity"] for m in gated["messages"]] == ["info", "error"]
    assert gated["messages"][1]["data"].startswith("option_not_allowed")


def test_a_number_may_be_an_id_of_the_older_route():
    with serving() as url:
        assert verified(url, [{"custom_id": 7, "proof": RIGHT}])[0]["custom_id"] == "7"


@pytest.mark.parametrize("reason", [reason for reason in REASONS if reason != "sorry"])
def test_no_reason_there_is_looks_valid_in_either_form(reason):
    said = verdict(Outcome(REASONS[reason].outcome), reason, detail="why")
    checked = check_answer(
        CheckBody.model_validate({"snippets": [{"id": "a", "code": ""}]}), [said]
    )
    older = verify_answer(
        VerifyBody.model_validate({"codes": [{"custom_id": "a", "code": ""}]}), [said]
    )
    for one in (checked.results[0], older.results[0]):
        assert (one.error is None) != (one.response is None)
        errors = (
            [m for m in one.response.messages or [] if m.severity == "error"]
            if one.response
            else []
        )
        assert one.error or errors
        assert reason in json.dumps(one.model_dump())


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome != "accepted"])
def test_no_outcome_but_accepted_looks_valid_even_without_a_known_reason(outcome):
    body = CheckBody.model_validate({"snippets": [{"id": "a", "code": ""}]})
    one = check_answer(body, [verdict(outcome, "a reason of tomorrow")]).results[0]
    assert one.error or (one.response and one.response.messages)


@pytest.mark.parametrize(
    ("route", "body", "word"),
    [
        ("/api/check", {"snippets": []}, "snippets"),
        ("/api/check", {"snippets": [{"id": "a", "code": ""}] * 2}, "unique"),
        ("/api/check", {"snippets": [{"custom_id": "a", "code": ""}]}, "id"),
        ("/api/check", {"snippets": [{"id": "a", "code": ""}], "infotree": "some"}, "infotree"),
        ("/verify", {"codes": [{"custom_id": "a"}]}, "neither"),
        ("/verify", {"codes": "x"}, "codes"),
    ],
)
def test_what_kiminas_server_would_not_take_is_422_here_too(route, body, word):
    with serving() as url:
        answer = httpx.post(url + route, json=body)
    assert answer.status_code == 422
    assert word in answer.text


def test_an_id_that_is_half_a_character_is_refused_and_breaks_nothing():
    with serving() as url:
        headers = {"Content-Type": "application/json"}
        for route, body in (
            ("/api/check", b'{"snippets": [{"id": "\\ud800", "code": "x"}]}'),
            ("/verify", b'{"codes": [{"custom_id": "\\ud800", "code": "x"}]}'),
        ):
            assert httpx.post(url + route, content=body, headers=headers).status_code == 422


def test_extra_slashes_and_fields_are_taken_as_kiminas_server_takes_them():
    body = {"snippets": [{"id": "a", "code": RIGHT, "more": 1}], "new": True, "debug": True}
    with serving() as url:
        answer = httpx.post(f"{url}/api/check/", json=body)
    assert answer.json() == {"results": [{"id": "a", "time": 0.0, "response": {"env": 0}}]}


def test_the_clients_timeout_is_a_programs_wall_clock():
    pool = FakePool()
    with serving(pool) as url:
        KiminaClient(url).api_check([Snippet(id="a", code=RIGHT)], timeout=7)
        KiminaClient(url).api_check([Snippet(id="a", code=RIGHT)], timeout=300)
        verified(url, [{"custom_id": "a", "code": RIGHT}])
    assert pool.timeouts == [7, 20, 20]


def test_the_published_client_imports_on_every_python_but_3_11():
    done = subprocess.run(
        [sys.executable, "-c", "import kimina_client"], capture_output=True, text=True, check=False
    )
    if sys.version_info[:2] == (3, 11):
        assert "Please use `typing_extensions.TypedDict`" in done.stderr
    else:
        assert done.returncode == 0, done.stderr
