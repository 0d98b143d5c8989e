"""What those without the key, or without patience, can take from those who have it: nothing."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from lean_sandbox.serving import server
from lean_sandbox.serving.connections import Strangers
from lean_sandbox.serving.request_gate import OPEN_PATHS
from lean_sandbox.serving.settings import ServerSettings
from tests.lean_sandbox_tests.served import RIGHT, STATUS, FakePool, connected, serving, until

KEY = {"Authorization": "Bearer open sesame"}
SMALL = ServerSettings(port=0, max_body_bytes=1_000_000, max_held_bytes=3_000_000)


@contextlib.contextmanager
def crowd(url: str, size: int) -> Iterator[list[socket.socket]]:
    """So many bare connections."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(connected(url)) for _ in range(size)]


def head(line: str, *more: str) -> bytes:
    return "\r\n".join([f"{line} HTTP/1.1", "Host: localhost", *more, "", ""]).encode()


def accepted(url: str, *, characters: int = 0) -> bool:
    body = {"program": f"{RIGHT} -- {'x' * characters}"}
    return httpx.post(f"{url}/v1/check", json=body, headers=KEY).status_code == 200


def sent_until_refused(client: socket.socket, piece: bytes, *, most: int) -> int:
    """The bytes that a server and the system between took in, at most so many."""
    sent = 0
    client.settimeout(20)
    with contextlib.suppress(OSError):
        while sent < most:
            sent += client.send(piece)
    return sent


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("path", sorted(OPEN_PATHS))
def test_a_body_sent_to_a_path_open_to_all_is_not_read(method: str, path: str) -> None:
    with serving(settings=SMALL, key="open sesame") as url, connected(url) as client:
        client.sendall(head(f"{method} {path}", "Content-Length: 900000"))
        assert client.recv(4_096).startswith(b"HTTP/1.1 413 ")


def test_bodies_sent_to_open_paths_take_no_room_from_key_holders() -> None:
    with serving(settings=SMALL, key="open sesame") as url, crowd(url, 12) as clients:
        for client in clients:
            client.sendall(head("POST /health", "Content-Length: 900000"))
            sent_until_refused(client, b" " * 50_000, most=850_000)
        for _ in range(5):
            assert accepted(url, characters=90_000)


def test_a_body_in_pieces_is_not_read_on_where_none_is_needed() -> None:
    piece = b"2710\r\n" + b"x" * 10_000 + b"\r\n"
    with serving(key="open sesame") as url, connected(url) as client:
        client.sendall(head("POST /ready", "Transfer-Encoding: chunked") + piece)
        sent_until_refused(client, piece, most=500_000_000)
        assert accepted(url)


def test_the_little_body_some_clients_send_is_passed_over() -> None:
    with serving(key="open sesame") as url:
        assert httpx.request("GET", f"{url}/health", json={}).json() == {"status": "ok"}


def test_a_little_body_that_does_not_come_ends_the_wait() -> None:
    settings = ServerSettings(port=0, body_seconds=0.3)
    with serving(settings=settings, key="open sesame") as url, connected(url) as client:
        client.sendall(head("GET /health", "Content-Length: 10"))
        assert client.recv(4_096).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("path", ["/v1/check", "/v1/check_many", "/api/check", "/verify", "/no"])
def test_the_key_is_asked_for_before_a_body_is_sent(path: str) -> None:
    with serving(key="open sesame") as url, connected(url) as client:
        client.sendall(head(f"POST {path}", "Content-Length: 1000000"))
        assert client.recv(4_096).startswith(b"HTTP/1.1 401 ")


def test_a_change_of_protocol_does_not_go_past_the_key() -> None:
    upgrade = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
    nonce = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
    with serving(key="open sesame") as url, connected(url) as client:
        client.sendall(head("GET /v1/check", *upgrade, nonce))
        assert client.recv(4_096).startswith(b"HTTP/1.1 401 ")


def test_connections_without_the_key_leave_room_for_those_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "_most_connections", lambda: 40)
    with (
        serving(key="open sesame") as url,
        httpx.Client(base_url=url, headers=KEY) as kept,
        crowd(url, 5) as early,
    ):
        assert kept.post("/v1/check", json={"program": RIGHT}).status_code == 200
        with crowd(url, 60) as late:
            late[-1].sendall(b"GET /hea")
            for client in early:
                client.settimeout(20)
                with contextlib.suppress(ConnectionResetError):
                    assert client.recv(100) == b""
            assert accepted(url)
            assert kept.post("/v1/check", json={"program": RIGHT}).status_code == 200
            late[-1].sendall(b"lth HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert late[-1].recv(4_096).startswith(b"HTTP/1.1 200 ")


def test_the_client_with_the_most_connections_loses_its_oldest() -> None:
    closed: list[str] = []
    strangers = Strangers(3)
    for client, name in (("a", "a1"), ("b", "b1"), ("b", "b2"), ("c", "c1"), ("d", "d1")):
        strangers.add(client, name, close=lambda name=name: closed.append(name))
    assert closed[0] == "b1"  # b had two when c came
    assert len(closed) == 2  # then all had one
    strangers.discard("d", "d1")
    strangers.discard("d", "d1")
    strangers.add("e", "e1", close=lambda: closed.append("e1"))
    assert len(closed) == 2  # there was room again


def test_clients_that_never_read_are_cut_off() -> None:
    """They ask again and again, and leave what they are told where it is."""
    settings = ServerSettings(port=0, answer_seconds=0.3)
    ask = head("GET /openapi.json") * 200

    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with serving(settings=settings, key="open sesame") as url:
        with crowd(url, 8) as clients:
            until(lambda: accepted(url))
            for client in clients:
                client.setblocking(False)
            both_ends = open_files()

            def ask_on() -> bool:
                for client in clients:
                    with contextlib.suppress(OSError):
                        client.send(ask)
                return open_files() <= both_ends - 8

            until(ask_on, seconds=60)
        assert accepted(url)


def test_an_answer_that_is_read_in_time_is_whole_however_large_it_is() -> None:
    programs = [{"program": RIGHT, "tests": [f"f {n} = 0" for n in range(100)]}] * 1_000
    with serving() as url:
        answer = httpx.post(f"{url}/v1/check_many", json={"programs": programs}, timeout=60)
    assert len(answer.content) > 1_000_000
    assert len(answer.json()["verdicts"]) == 1_000


def test_without_the_key_ready_says_one_word() -> None:
    pool = FakePool()
    path = Path("/home/somebody/.cache/outerloop")
    with serving(pool, key="open sesame") as url:
        for failure, word in (("", "starting"), (f"{path} is damaged", "failing")):
            pool.now = replace(STATUS, alive=0, failure=failure)
            told = httpx.get(f"{url}/ready")
            assert (told.status_code, told.json()) == (503, {"status": word})
            assert failure in httpx.get(f"{url}/ready", headers=KEY).json()["status"]
        pool.now = STATUS
        assert httpx.get(f"{url}/ready").json() == {"status": "ok"}


FIELDS = {
    "/v1/check": '{"program": "x", "timeout_seconds": %s}',
    "/v1/check_many": '{"programs": [], "timeout_seconds": %s}',
    "/api/check": '{"snippets": [{"id": "a", "code": "x"}], "timeout": %s}',
    "/verify": '{"codes": [], "timeout": %s}',
    "/one_pass_verify_batch": '{"codes": [{"custom_id": %s, "code": "x"}]}',
}
NO_NUMBERS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-1e400",
    "1.5e300",
    "1" + "0" * 400,
    "1" + "0" * 5_000,
    "-1",
    "true",
    "false",
    "[]",
    "{}",
    '"soon"',
)


@pytest.mark.parametrize("number", NO_NUMBERS, ids=lambda number: number[:12])
def test_what_is_no_sensible_number_is_the_clients_mistake_said_in_one_line(number: str) -> None:
    pool = FakePool()
    headers = {"Content-Type": "application/json"}
    with serving(pool) as url:
        for route, form in FIELDS.items():
            if route == "/one_pass_verify_batch" and number in {"-1", '"soon"', "1" + "0" * 400}:
                continue  # good names for a program
            answer = httpx.post(url + route, content=form % number, headers=headers)
            assert answer.status_code in {400, 422}, (route, answer.text)
            said = answer.json()["detail"]
            lines = [said] if isinstance(said, str) else [problem["msg"] for problem in said]
            assert all(line and "\n" not in line and len(line) < 200 for line in lines)
    assert pool.timeouts == []


@pytest.mark.parametrize("number", ["0.001", "1", "1e3", "1000000000"])
def test_sensible_numbers_are_taken(number: str) -> None:
    headers = {"Content-Type": "application/json"}
    with serving() as url:
        form = FIELDS["/v1/check"] % number
        assert httpx.post(f"{url}/v1/check", content=form, headers=headers).status_code == 200


def test_limits_of_a_server_are_numbers_too() -> None:
    for field in ("timeout_seconds", "body_seconds", "answer_seconds", "shutdown_seconds"):
        for value in (float("nan"), float("inf"), -1.0):
            with pytest.raises(ValueError, match=field):
                ServerSettings.model_validate({field: value})
