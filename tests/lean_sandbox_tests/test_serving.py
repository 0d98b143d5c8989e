"""The server's own routes, its limits and its conditions, over real sockets."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr

from lean_sandbox.errors import CannotServe, SandboxUnavailable
from lean_sandbox.serving.server import LeanServer
from lean_sandbox.serving.settings import ServerSettings, is_loopback
from tests.lean_sandbox_tests.served import (
    RIGHT,
    STATUS,
    FakePool,
    connected,
    free_port,
    metric,
    serving,
    until,
)

SMALL = ServerSettings(port=0, max_programs=3, max_waiting=4, max_body_bytes=2_000)
STAY = {"program": "stay"}


def test_one_program_gets_its_whole_verdict():
    form = {"program": RIGHT, "target": "def f (x : Int) : Int", "tests": ["f 2 = 3", "f 2 = 4"]}
    with serving() as url:
        answer = httpx.post(f"{url}/v1/check", json=form)
    assert answer.status_code == 200
    said = answer.json()
    assert said["outcome"] == "refused"
    assert said["reason"] == "test_failed"
    assert said["tests"] == ["passed", "failed"]
    assert said.keys() >= {"detail", "lean_version", "gates", "seconds", "gate_seconds"}


def test_a_batch_gets_its_verdicts_in_its_order():
    programs = [
        {"program": f"def f (x : Int) : Int := x + {n}", "tests": ["f 0 = 7"]} for n in range(20)
    ]
    with serving() as url:
        answer = httpx.post(f"{url}/v1/check_many", json={"programs": programs})
    outcomes = [verdict["outcome"] for verdict in answer.json()["verdicts"]]
    assert outcomes == ["accepted" if n == 7 else "refused" for n in range(20)]


def test_an_empty_batch_gets_no_verdicts():
    with serving() as url:
        answer = httpx.post(f"{url}/v1/check_many", json={"programs": []}).json()
        assert answer == {"verdicts": [], "checked_by": "the fake"}


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b'{"program": "x", "tset": []}', "tset"),
        (b'{"program": 3}', "program"),
        (b'{"target": "x"}', "program"),
        (b'{"program": "x"', "JSON"),
        (b"", "body"),
        (b'{"program": "x", "timeout_seconds": -1}', "timeout_seconds"),
    ],
)
def test_what_does_not_fit_the_form_is_422_and_names_the_place(body, word):
    with serving() as url:
        answer = httpx.post(
            f"{url}/v1/check", content=body, headers={"Content-Type": "application/json"}
        )
    assert answer.status_code == 422
    assert word in answer.text


def test_a_wrong_form_is_not_sent_back_whole():
    with serving() as url:
        answer = httpx.post(f"{url}/v1/check", json={"program": ["x" * 1_000_000]})
    assert answer.status_code == 422
    assert len(answer.content) < 1_000


@pytest.mark.parametrize(
    "body", [b'{"program": "\xff"}', b"[" * 100_000, b'{"program": 1' + b"0" * 9_999]
)
def test_bytes_that_are_no_json_are_a_clients_error(body):
    with serving() as url:
        headers = {"Content-Type": "application/json"}
        answer = httpx.post(f"{url}/v1/check", content=body, headers=headers)
        assert answer.status_code in (400, 422)
        assert httpx.get(f"{url}/health").status_code == 200


def test_nul_bytes_get_a_verdict():
    with serving() as url:
        said = httpx.post(f"{url}/v1/check", json={"program": "def f := 1\0"}).json()
    assert (said["outcome"], said["reason"]) == ("refused", "bad_encoding")


def test_a_body_of_50_mb_is_refused_before_it_has_been_read():
    pool = FakePool()
    with serving(pool) as url, connected(url) as client:
        client.sendall(
            b"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 50000000\r\n\r\n"
        )
        assert client.recv(4_096).startswith(b"HTTP/1.1 413 ")


def test_a_client_that_sends_50_mb_still_hears_why_not():
    with serving() as url:
        answer = httpx.post(f"{url}/v1/check", json={"program": "x" * 50_000_000})
        assert answer.status_code == 413
        assert "16,000,000 bytes" in answer.json()["detail"]
        assert httpx.get(f"{url}/health").status_code == 200


def test_a_body_of_unknown_length_is_refused_once_it_is_too_long():
    def pieces():
        yield b'{"program": "'
        for _ in range(50):
            yield b"x" * 1_000_000

    with serving() as url:
        headers = {"Content-Type": "application/json"}
        answer = httpx.post(f"{url}/v1/check", content=pieces(), headers=headers)
    assert answer.status_code == 413


def test_too_many_programs_at_once_are_refused_with_the_limit():
    with serving(settings=SMALL) as url:
        answer = httpx.post(f"{url}/v1/check_many", json={"programs": [{"program": "x"}] * 4})
        assert answer.status_code == 413
        assert "at most 3" in answer.json()["detail"]


def test_a_program_too_large_for_lean_gets_a_verdict():
    with serving() as url:
        said = httpx.post(f"{url}/v1/check", json={"program": "x" * 100_001}).json()
    assert said["reason"] == "too_large"


def test_timeouts_are_capped_at_both_ends():
    pool = FakePool()
    with serving(pool, ServerSettings(port=0, timeout_seconds=9)) as url:
        for asked in (None, 4, 9_999, 0.01):
            httpx.post(f"{url}/v1/check", json={"program": RIGHT, "timeout_seconds": asked})
    assert pool.timeouts == [9, 4, 9, 1]


def test_the_time_of_a_test_goes_along_with_its_program():
    pool = FakePool()
    with serving(pool) as url:
        for seconds in (None, 0.5):
            program = {"program": RIGHT, "test_timeout_seconds": seconds}
            httpx.post(f"{url}/v1/check", json=program)
            httpx.post(f"{url}/v1/check_many", json={"programs": [program]})
    taken = [request.test_timeout_seconds for request in pool.sandbox.requests]
    assert taken == [None, None, 0.5, 0.5]


def test_a_broken_machine_is_503_and_no_verdict():
    pool = FakePool()
    pool.failure = SandboxUnavailable("Lean does not start; run `outerloop lean install`")
    with serving(pool) as url:
        for route, body in (
            ("/v1/check", {"program": RIGHT}),
            ("/api/check", {"snippets": [{"id": "a", "code": RIGHT}]}),
            ("/verify", {"codes": [{"custom_id": "a", "proof": RIGHT}]}),
        ):
            answer = httpx.post(url + route, json=body)
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert "outerloop lean install" in answer.json()["detail"]
            assert "outcome" not in answer.text


def test_beyond_the_depth_of_the_queue_clients_are_told_when_to_ask_again():
    pool = FakePool()
    with serving(pool, SMALL) as url, ThreadPoolExecutor(8) as clients:
        first = clients.submit(
            httpx.post, f"{url}/v1/check_many", json={"programs": [STAY, STAY, STAY]}
        )
        until(lambda: pool.staying == 3)
        assert metric(url, "outerloop_lean_programs_taken_in") == 3
        two = httpx.post(f"{url}/v1/check_many", json={"programs": [STAY, STAY]})
        assert two.status_code == 503
        assert 1 <= int(two.headers["Retry-After"]) <= 60
        last = clients.submit(httpx.post, f"{url}/v1/check", json=STAY)
        until(lambda: pool.staying == 4)
        assert httpx.post(f"{url}/v1/check", json=STAY).status_code == 503
        assert httpx.get(f"{url}/health").status_code == 200
        pool.release()
        assert first.result().status_code == last.result().status_code == 200
        assert httpx.post(f"{url}/v1/check", json=STAY).status_code == 200
        assert metric(url, "outerloop_lean_programs_taken_in") == 0


def test_health_is_live_at_once_and_ready_when_a_worker_is_up():
    pool = FakePool()
    pool.now = replace(STATUS, alive=0)
    with serving(pool) as url:
        assert httpx.get(f"{url}/health").json() == {"status": "ok"}
        early = httpx.get(f"{url}/ready")
        assert early.status_code == 503
        assert "being started" in early.json()["status"]
        pool.now = replace(STATUS, alive=0, failure="no memory")
        assert "no memory" in httpx.get(f"{url}/ready").json()["status"]
        pool.now = STATUS
        assert httpx.get(f"{url}/ready").json() == {"status": "ok"}
        assert pool.warmed


def test_the_metrics_count_requests_verdicts_and_what_the_pool_says():
    with serving() as url:
        httpx.post(f"{url}/v1/check", json={"program": RIGHT})
        httpx.post(f"{url}/v1/check", json={"program": "theorem t : 1 = 2 := by sorry"})
        httpx.post(f"{url}/v1/check", json={"program": 3})
        httpx.get(f"{url}/{'x' * 100}")
        httpx.request("FROB", f"{url}/other")
        requests = 'outerloop_lean_requests_total{method="POST",route="/v1/check",status="%d"}'
        assert metric(url, requests % 200) == 2
        assert metric(url, requests % 422) == 1
        other = 'outerloop_lean_requests_total{method="%s",route="other",status="404"}'
        assert metric(url, other % "GET") == metric(url, other % "other") == 1
        verdicts = 'outerloop_lean_verdicts_total{outcome="%s",reason="%s"}'
        assert metric(url, verdicts % ("accepted", "")) == 1
        assert metric(url, verdicts % ("refused", "sorry")) == 1
        assert metric(url, 'outerloop_lean_check_seconds_bucket{le="0.005"}') == 2
        assert metric(url, "outerloop_lean_workers_alive") == 2
        assert metric(url, "outerloop_lean_worker_restarts_total") == 1
        assert metric(url, "outerloop_lean_cache_hits_total") == 3
        assert metric(url, "process_resident_memory_bytes") > 0


def test_the_api_describes_itself():
    with serving(key="open sesame") as url:
        described = httpx.get(f"{url}/openapi.json").json()
        assert httpx.get(f"{url}/docs").status_code == 200
    assert described["paths"].keys() >= {"/v1/check", "/v1/check_many", "/api/check", "/verify"}
    assert described["paths"]["/v1/check"]["post"]["security"] == [{"HTTPBearer": []}]
    assert described["components"]["schemas"]["Verdict"]["properties"].keys() >= {"outcome"}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"Authorization": "Bearer no"},
        {"Authorization": "open sesame"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic open sesame"},
        {"Authorization": "Bearer \xe9"},
    ],
)
def test_without_the_key_nothing_but_the_condition_is_told(said):
    raw = [(name, value.encode("latin-1")) for name, value in said.items()]
    with serving(key="open sesame") as url:
        answer = httpx.post(f"{url}/v1/check", json={"program": RIGHT}, headers=raw)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert "open sesame" not in answer.text
        for path in ("/metrics", "/v1/status", "/nowhere"):
            assert httpx.get(url + path, headers=raw).status_code == 401
        for path in ("/", "/health", "/ready", "/docs", "/openapi.json"):
            assert httpx.get(url + path, headers=raw).status_code in (200, 503)


def test_the_key_lets_in():
    headers = {"Authorization": "Bearer open sesame"}
    with serving(key="open sesame") as url:
        answer = httpx.post(f"{url}/v1/check", json={"program": RIGHT}, headers=headers)
        assert answer.json()["outcome"] == "accepted"
        assert metric(url, "outerloop_lean_workers_alive", key="open sesame") == 2


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:1", 200),
        ("127.0.0.1", 200),
        ("[::1]:8000", 200),
        ("evil.example", 403),
        ("localhost.evil.example", 403),
        ("", 403),
    ],
)
def test_without_a_key_a_page_of_another_site_is_turned_away(host, status):
    with serving() as url:
        assert httpx.get(f"{url}/health", headers={"Host": host}).status_code == status


def test_a_body_that_does_not_say_it_is_json_is_not_taken_for_it():
    with serving() as url:
        answer = httpx.post(f"{url}/v1/check", content=b'{"program": "x"}')
        assert answer.status_code == 422


@pytest.mark.parametrize("host", ["localhost", "::1"])
def test_other_names_of_this_machine_can_be_listened_on(host):
    try:
        socket.create_server((host, 0), family=socket.getaddrinfo(host, 0)[0][0]).close()
    except OSError as failure:
        pytest.skip(f"this machine has no {host}: {failure}")
    with serving(settings=ServerSettings(host=host, port=0)) as url:
        assert httpx.get(f"{url}/health").status_code == 200


def test_an_address_others_can_reach_needs_a_key():
    with pytest.raises(CannotServe, match="LEAN_SERVER_API_KEY"):
        LeanServer(FakePool(), ServerSettings(host="0.0.0.0", port=0), key=None)
    assert is_loopback("127.0.0.1")
    assert is_loopback("127.8.8.8")
    assert is_loopback("localhost")
    assert is_loopback("::1")
    assert not is_loopback("")
    assert not is_loopback("::")
    assert not is_loopback("192.0.2.1")
    assert not is_loopback("no such host.invalid")


def test_a_port_in_use_is_one_line_that_says_so():
    settings = ServerSettings(port=free_port())
    with serving(settings=settings), pytest.raises(CannotServe) as caught:
        LeanServer(FakePool(), settings, key=None)
    assert str(caught.value) == (
        f"port {settings.port} of 127.0.0.1 is in use; choose another with --port, 0 takes a free "
        "one"
    )


def test_an_address_of_another_machine_is_one_line_that_says_so():
    with pytest.raises(CannotServe, match=r"192\.0\.2\.1"):
        LeanServer(FakePool(), ServerSettings(host="192.0.2.1"), key=SecretStr("k"))
    with pytest.raises(CannotServe, match=r"nowhere\.invalid"):
        LeanServer(FakePool(), ServerSettings(host="nowhere.invalid"), key=SecretStr("k"))


def test_limits_that_could_never_be_met_are_refused():
    with pytest.raises(ValueError, match="max_waiting"):
        ServerSettings(max_programs=10, max_waiting=9)
    with pytest.raises(ValueError, match="max_held_bytes"):
        ServerSettings(max_body_bytes=10_000, max_held_bytes=9_000)


def test_a_stopped_server_answers_what_it_had_and_takes_nothing_new():
    pool = FakePool()
    settings = ServerSettings(port=0, shutdown_seconds=20)
    with ThreadPoolExecutor(2) as clients, httpx.Client() as kept:
        with serving(pool, settings) as url:
            kept.get(f"{url}/health")
            answer = clients.submit(httpx.post, f"{url}/v1/check", json=STAY)
            until(lambda: pool.staying == 1)
            threading.Timer(0.5, pool.release).start()
        assert answer.result().json()["outcome"] == "accepted"
        with pytest.raises(httpx.TransportError):
            kept.get(f"{url}/health")


def test_a_stopped_server_tells_those_it_cannot_wait_for():
    pool = FakePool()
    settings = ServerSettings(port=0, shutdown_seconds=0.3)
    with ThreadPoolExecutor(2) as clients:
        with serving(pool, settings) as url:
            answer = clients.submit(httpx.post, f"{url}/v1/check", json=STAY)
            until(lambda: pool.staying == 1)
        assert answer.result().status_code == 503
        assert "being stopped" in answer.result().json()["detail"]
    assert pool.dropped == 1
