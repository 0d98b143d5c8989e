"""Our own client: a sandbox like any other, with patience, and errors that are no verdicts."""

from __future__ import annotations

import asyncio
import json
import pickle
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.sandbox import CheckRequest, check
from lean_sandbox.serving.client import LeanClient
from lean_sandbox.serving.settings import ServerSettings
from tests.contracts.sandbox_contract import INCREMENT, SandboxContract
from tests.lean_sandbox_tests.served import FakePool, free_port, serving, until


class TestServedSandbox(SandboxContract):
    @pytest.fixture
    def sandbox(self) -> Iterator[LeanClient]:
        with serving() as url, LeanClient(url, patience_seconds=240) as client:
            yield client


def answering(*answers: tuple[int, dict[str, str], object]) -> tuple[str, list[str]]:
    """A server that gives these answers, the last one for ever; and the keys it was shown."""
    waiting = list(answers)
    shown: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            shown.append(self.headers.get("Authorization", ""))
            status, headers, said = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            body = json.dumps(said).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}", shown


ACCEPTED = {
    "outcome": "accepted",
    "reason": "",
    "detail": "",
    "tests": [],
    "lean_version": "another",
    "gates": ["size"],
    "seconds": 0.5,
    "of_a_later_version": True,
}


def test_a_long_batch_goes_in_parts_and_keeps_its_order():
    programs = [f"def f (x : Int) : Int := x + {n}" for n in range(500)]
    pool = FakePool()
    settings = ServerSettings(port=0, max_programs=64, max_waiting=128)
    with serving(pool, settings) as url:
        said = LeanClient(url).check_many([CheckRequest(p, tests=("f 0 = 7",)) for p in programs])
    assert [v.accepted for v in said] == [n == 7 for n in range(500)]
    assert len(pool.sandbox.requests) == 500


def test_programs_that_are_not_sent_get_their_verdicts_in_their_places():
    requests = [CheckRequest("x" * 100_001), CheckRequest(INCREMENT), CheckRequest("\ud800")]
    with serving() as url:
        said = LeanClient(url).check_many(requests)
    assert [v.reason for v in said] == ["too_large", "", "bad_encoding"]


def test_large_programs_fit_the_servers_limit_on_bytes():
    requests = [CheckRequest(f"def f := {n} -- {'é' * 40_000}") for n in range(100)]
    settings = ServerSettings(port=0, max_body_bytes=6_000_000, max_held_bytes=60_000_000)
    with serving(settings=settings) as url:
        assert len(LeanClient(url).check_many(requests)) == 100


def test_a_server_with_smaller_limits_gets_smaller_parts():
    requests = [CheckRequest(f"def f (x : Int) : Int := x + {n}") for n in range(50)]
    pool = FakePool()
    with serving(pool, ServerSettings(port=0, max_programs=7, max_waiting=7)) as url:
        assert all(v.accepted for v in LeanClient(url).check_many(requests))
    assert sorted(map(str, pool.sandbox.requests)) == sorted(map(str, requests))
    with (
        serving(settings=ServerSettings(port=0, max_body_bytes=1_000)) as url,
        pytest.raises(SandboxUnavailable, match=r"more than 1,000 bytes"),
    ):
        check(LeanClient(url), "x" * 2_000)


def test_the_verdict_arrives_whole():
    with serving() as url:
        said = check(LeanClient(url), "wrong")
    assert said.reason == "elaboration_error"
    assert said.detail == "line 3: said of it"
    assert said.gates == ("size",)
    assert said.lean_version == "fake"


def test_a_busy_server_is_asked_again_after_the_time_it_names():
    url, shown = answering(
        (503, {"Retry-After": "0"}, {"detail": "busy"}),
        (502, {}, "a proxy without a server"),
        (200, {}, {"verdicts": [ACCEPTED], "checked_by": "another"}),
    )
    assert check(LeanClient(url, patience_seconds=240), INCREMENT).lean_version == "another"
    assert len(shown) == 3


def test_a_server_that_stays_busy_is_an_error_and_no_verdict():
    url, shown = answering((503, {"Retry-After": "0"}, {"detail": "no Lean here"}))
    with pytest.raises(SandboxUnavailable, match="no Lean here"):
        check(LeanClient(url, patience_seconds=1.5), INCREMENT)
    assert len(shown) > 1


def test_a_server_that_is_not_there_is_an_error_that_says_how_to_start_it():
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(SandboxUnavailable, match="outerloop lean serve") as caught:
        check(LeanClient(url, patience_seconds=0.5), INCREMENT)
    assert url in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, {"verdicts": [], "checked_by": "it"}),
        (200, {}, {"verdicts": [ACCEPTED, ACCEPTED], "checked_by": "it"}),
        (200, {}, {"verdicts": [{"outcome": "fine"}], "checked_by": "it"}),
        (200, {}, {"verdicts": [{**ACCEPTED, "outcome": "maybe"}], "checked_by": "it"}),
        (200, {}, {"verdicts": [ACCEPTED]}),
        (200, {}, "welcome"),
        (302, {"Location": "http://127.0.0.1:1/"}, ""),
        (404, {}, {"detail": "Not Found"}),
        (422, {}, {"detail": "another form"}),
    ],
)
def test_what_is_not_our_server_gives_no_verdict(answer):
    url, shown = answering(answer)
    with pytest.raises(SandboxUnavailable, match="does not answer like"):
        check(LeanClient(url), INCREMENT)
    assert len(shown) == 1


def test_verdicts_of_another_lean_than_the_one_asked_for_are_none():
    with serving() as url:
        assert check(LeanClient(url, checked_by="the fake"), INCREMENT).accepted
        with pytest.raises(SandboxUnavailable, match=r"another Lean judges at .*start the server"):
            check(LeanClient(url, checked_by="the real one"), INCREMENT)
        assert LeanClient(url).status().checked_by == "the fake"


def test_the_key_comes_from_the_environment_at_every_call(monkeypatch):
    monkeypatch.delenv("LEAN_SERVER_API_KEY", raising=False)
    with serving(key="open sesame") as url:
        client = LeanClient(url)
        with pytest.raises(SandboxUnavailable, match="LEAN_SERVER_API_KEY"):
            check(client, INCREMENT)
        monkeypatch.setenv("LEAN_SERVER_API_KEY", "open sesame")
        assert check(client, INCREMENT).accepted
        assert "sesame" not in repr(vars(client))
        assert b"sesame" not in pickle.dumps(client)


def test_a_client_survives_pickling():
    with serving() as url:
        client = pickle.loads(pickle.dumps(LeanClient(url, timeout_seconds=3)))
        assert check(client, INCREMENT).accepted


def test_the_clients_timeout_is_sent():
    pool = FakePool()
    with serving(pool) as url:
        check(LeanClient(url, timeout_seconds=3), INCREMENT)
        LeanClient(url).check_many([CheckRequest(INCREMENT)], timeout_seconds=4)
        check(LeanClient(url), INCREMENT)
    assert pool.timeouts == [3, 4, 20]


def test_a_server_that_stops_and_another_that_starts_are_one_to_the_client():
    settings = ServerSettings(port=free_port(), shutdown_seconds=0)
    pool = FakePool()
    found: list[bool] = []
    with serving(pool, settings) as url:
        client = LeanClient(url, patience_seconds=240)
        asking = threading.Thread(target=lambda: found.append(check(client, "stay").accepted))
        asking.start()
        until(lambda: pool.staying == 1)
    pool.release()
    with serving(pool, settings):
        asking.join(timeout=240)
    assert found == [True]


def test_the_asynchronous_face_asks_side_by_side():
    pool = FakePool()

    async def ask(url: str) -> list[bool]:
        client = LeanClient(url)
        waiting = asyncio.create_task(client.check_many_async([CheckRequest("stay")]))
        said = await client.check_many_async([CheckRequest(INCREMENT)])
        pool.release()
        return [said[0].accepted, (await waiting)[0].accepted]

    with serving(pool) as url:
        assert asyncio.run(ask(url)) == [True, True]


def test_a_cancelled_call_hangs_up_and_the_server_drops_its_programs():
    pool = FakePool()

    async def ask(url: str) -> None:
        requests = [CheckRequest("stay") for _ in range(100)]
        call = asyncio.ensure_future(LeanClient(url).check_many_async(requests))
        while pool.staying < 100:
            await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    with serving(pool) as url:
        asyncio.run(ask(url))
        until(lambda: pool.dropped == 100)


def test_the_client_can_be_called_from_inside_an_event_loop():
    async def inside(url: str) -> bool:
        return check(LeanClient(url), INCREMENT).accepted

    with serving() as url:
        assert asyncio.run(inside(url))


def test_the_pools_status_and_version_are_told():
    with serving() as url, LeanClient(url) as client:
        client.warm()
        assert client.lean_version == "fake"
        assert client.status().workers == 2
