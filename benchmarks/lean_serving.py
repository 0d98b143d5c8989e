"""What HTTP costs: the same pool asked directly and through a server, in turns in one run.

    python benchmarks/lean_serving.py [--programs 400] [--singles 100]

Server and client run in this process and share its interpreter lock, so a server of its own costs
less. Known verdicts come from the pool's cache: what is measured there is the way alone.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from lean_throughput import small_definitions

from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest, Sandbox
from lean_sandbox.serving.client import LeanClient
from lean_sandbox.serving.server import LeanServer
from lean_sandbox.serving.settings import ServerSettings

_TURN = 50


def seconds_of(sandbox: Sandbox, requests: Sequence[CheckRequest]) -> float:
    """The seconds one batch takes."""
    begun = time.perf_counter()
    sandbox.check_many(requests)
    return time.perf_counter() - begun


def in_turns(pool: LeanPool, client: LeanClient, programs: int) -> tuple[float, float]:
    """Programs a second, asked directly and through HTTP, a few at a time each."""
    requests = small_definitions(2 * programs)
    spent = {pool: 0.0, client: 0.0}
    for start in range(0, 2 * programs, 2 * _TURN):
        spent[pool] += seconds_of(pool, requests[start : start + _TURN])
        spent[client] += seconds_of(client, requests[start + _TURN : start + 2 * _TURN])
    return programs / spent[pool], programs / spent[client]


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=400)
    parser.add_argument("--singles", type=int, default=100)
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f} before the run")
    with (
        tempfile.TemporaryDirectory() as folder,
        LeanPool(workers=1, cache=Path(folder, "verdicts.sqlite")) as pool,
    ):
        server = LeanServer(pool, ServerSettings(port=0), key=None)
        thread = threading.Thread(target=server.run)
        thread.start()
        client = LeanClient(server.url)
        client.check_many([CheckRequest("def f := 1")])
        direct, served = in_turns(pool, client, arguments.programs)
        print(f"asked directly        {direct:8.1f} programs a second and worker")
        print(f"through HTTP          {served:8.1f}     x {served / direct:.2f}")
        known = small_definitions(2 * arguments.programs)
        rate = len(known) / seconds_of(client, known)
        print(f"known verdicts        {rate:8.0f} programs a second through HTTP, in batches")
        singles = [seconds_of(client, [request]) for request in known[: arguments.singles]]
        print(
            f"one known verdict     {1000 * statistics.median(singles):8.2f} ms    "
            f"(median of {len(singles)} requests, a new connection each)"
        )
        server.stop()
        thread.join()


if __name__ == "__main__":
    main()
