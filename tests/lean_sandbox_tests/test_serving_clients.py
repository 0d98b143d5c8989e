"""Clients as they are: gone in the middle, slow, half-spoken, ten thousand at once."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import time

import httpx
import pytest

from lean_sandbox.serving.settings import ServerSettings
from tests.lean_sandbox_tests.scripted import PATIENCE_SECONDS
from tests.lean_sandbox_tests.served import RIGHT, FakePool, connected, metric, serving, until

HEAD = b"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def request(program: str) -> bytes:
    body = json.dumps({"program": program}).encode()
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


def open_files() -> int:
    """How many files this process may have open, at most the 20,000 that no test goes beyond."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 21_000) if hard != resource.RLIM_INFINITY else 21_000
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    return max(soft, wanted)


def test_a_client_that_hangs_up_has_its_waiting_programs_dropped():
    pool = FakePool()
    with serving(pool) as url:
        client = connected(url)
        client.sendall(request("stay"))
        until(lambda: pool.staying == 1)
        client.close()
        until(lambda: pool.dropped == 1)
        until(lambda: metric(url, "outerloop_lean_programs_taken_in") == 0)
        left = 'outerloop_lean_requests_total{method="POST",route="/v1/check",status="499"}'
        until(lambda: metric(url, left) == 1)
        assert httpx.post(f"{url}/v1/check", json={"program": RIGHT}).status_code == 200


def test_a_client_that_is_cut_off_without_goodbye_has_its_programs_dropped():
    pool = FakePool()
    with serving(pool) as url:
        client = connected(url)
        client.sendall(request("stay"))
        until(lambda: pool.staying == 1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()  # a reset, not an end
        until(lambda: pool.dropped == 1)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.7, 0.95])
def test_half_a_request_and_then_nothing_disturbs_nobody(share):
    pool = FakePool()
    whole = request("stay" * 100)
    with serving(pool) as url:
        with connected(url) as client:
            client.sendall(whole[: int(share * len(whole))])
            assert httpx.post(f"{url}/v1/check", json={"program": RIGHT}).status_code == 200
        assert httpx.post(f"{url}/v1/check", json={"program": RIGHT}).status_code == 200
        assert metric(url, "outerloop_lean_programs_taken_in") == 0
    assert pool.staying == pool.dropped == 0


@pytest.mark.parametrize("said", [b"", b"POST /v1/ch", HEAD])
def test_a_connection_that_never_says_what_it_wants_is_closed(said):
    with serving(head_seconds=0.3) as url, connected(url) as client:
        client.sendall(said)
        assert client.recv(100) == b""


def test_a_head_that_drips_is_closed_too():
    with serving(head_seconds=0.5) as url, connected(url) as client:
        client.settimeout(0.05)
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE_SECONDS:
            try:
                client.sendall(b"x")
                if client.recv(100) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:  # reset, or broken pipe
                break
        else:
            pytest.fail("it was never closed")
        assert time.monotonic() - began > 0.3


def test_a_body_that_never_ends_is_408():
    settings = ServerSettings(port=0, body_seconds=0.3)
    with serving(settings=settings) as url, connected(url) as client:
        client.sendall(HEAD + b'Content-Length: 100\r\n\r\n{"program": ')
        said = client.recv(4_096)
        assert said.startswith(b"HTTP/1.1 408 ")
        assert httpx.get(f"{url}/health").status_code == 200


def test_a_kept_connection_outlives_the_limit_on_heads():
    with serving(head_seconds=0.3) as url, httpx.Client() as client:
        for _ in range(3):
            assert client.post(f"{url}/v1/check", json={"program": RIGHT}).status_code == 200
            time.sleep(0.4)


def test_what_is_no_http_gets_400():
    with serving() as url, connected(url) as client:
        client.sendall(b"\x16\x03\x01\x02\x00 this is TLS\r\n\r\n")
        assert client.recv(4_096).startswith(b"HTTP/1.1 400 ")


def test_requests_in_a_row_on_one_connection_are_answered_in_their_order():
    with serving() as url, connected(url) as client:
        client.sendall(request(RIGHT) + request("wrong") + request(RIGHT))
        said = b""
        while said.count(b'"outcome"') < 3:
            said += client.recv(65_536)
    outcomes = [part.split(b'"')[1] for part in said.split(b'"outcome"')[1:]]
    assert outcomes == [b"accepted", b"refused", b"accepted"]


def test_bytes_held_by_many_slow_clients_have_a_limit():
    settings = ServerSettings(port=0, max_body_bytes=1_000_000, max_held_bytes=3_000_000)
    with serving(settings=settings) as url:
        slow = [connected(url) for _ in range(3)]
        for client in slow:
            client.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n" + b" " * 990_000)
        body = {"program": "x" * 900_000}
        until(lambda: httpx.post(f"{url}/v1/check", json=body).status_code == 503)
        assert httpx.post(f"{url}/v1/check", json={"program": RIGHT}).status_code == 200
        for client in slow:
            client.close()
        until(lambda: httpx.post(f"{url}/v1/check", json=body).status_code == 200)


def test_ten_thousand_requests_at_once_all_get_a_reply():
    requests = 10_000
    settings = ServerSettings(port=0, max_waiting=500, max_programs=100)
    pool = FakePool()

    room = asyncio.Semaphore(open_files() // 2 - 500)

    async def one(address: tuple[str, int], n: int) -> bytes:
        async with room:
            return await asked(address, n)

    async def asked(address: tuple[str, int], n: int) -> bytes:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(
            request(f"def f (x : Int) : Int := x + {n}").replace(
                b"Host:", b"Connection: close\r\nHost:"
            )
        )
        said = await reader.read()
        writer.close()
        return said

    async def all_of_them(url: httpx.URL) -> list[bytes]:
        return await asyncio.gather(*(one((url.host, url.port or 0), n) for n in range(requests)))

    with serving(pool, settings) as url:
        replies = asyncio.run(all_of_them(httpx.URL(url)))
        heads = [reply.split(b"\r\n")[0] for reply in replies]
        assert set(heads) <= {b"HTTP/1.1 200 OK", b"HTTP/1.1 503 Service Unavailable"}
        right = [r for r in replies if b" 200 OK" in r]
        assert all(b'"outcome":"accepted"' in reply for reply in right)
        assert len(pool.sandbox.requests) == len(right) > 0
        assert metric(url, "outerloop_lean_programs_taken_in") == 0
        assert httpx.get(f"{url}/health").status_code == 200


def test_requests_that_wait_are_kept_to_the_depth_of_the_queue():
    settings = ServerSettings(port=0, max_waiting=500, max_programs=100)
    pool = FakePool()

    async def knock(url: httpx.URL) -> tuple[list[bytes], int]:
        opened = []
        for _ in range(2_000):
            reader, writer = await asyncio.open_connection(url.host, url.port)
            writer.write(request("stay").replace(b"Host:", b"Connection: close\r\nHost:"))
            opened.append((reader, writer))
        deadline = time.monotonic() + 60
        replies = [asyncio.ensure_future(reader.read()) for reader, _ in opened]
        while sum(reply.done() for reply in replies) < 1_500 and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        staying = pool.staying
        pool.release()
        said = await asyncio.gather(*replies)
        for _, writer in opened:
            writer.close()
        return list(said), staying

    with serving(pool, settings) as url:
        replies, staying = asyncio.run(knock(httpx.URL(url)))
    assert staying == 500
    assert sum(b" 200 OK" in reply for reply in replies) == 500
    busy = [reply for reply in replies if b" 503 " in reply.split(b"\r\n")[0]]
    assert len(busy) == 1_500
    assert all(b"retry-after:" in reply.lower() for reply in busy)
