"""How long a verdict that is already known takes.

    python benchmarks/verdict_cache.py [--verdicts 20000]

Every request is another program of about 300 characters with a target and three tests, made anew
before it is asked, so that hashing it is part of the time. No Lean is started.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lean_sandbox import wasm
from lean_sandbox.cache import VerdictCache
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, TestOutcome, Verdict

_VERDICT = Verdict(
    outcome=Outcome.REFUSED,
    reason="test_failed",
    detail="f (-3) = 5",
    tests=(TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.PASSED),
    lean_version="Lean (version 4.28.0-pre, wasm32-unknown-emscripten, Release)",
    gates=("size", "syntax", "elaboration", "axioms", "kernel", "target", "tests"),
    seconds=0.028,
    gate_seconds=(0.001, 0.01, 0.001, 0.001, 0.005, 0.01),
)


def request(number: int) -> CheckRequest:
    """One of many requests of the size that students write."""
    lines = "".join(f"  let y{i} := x * {number + i} + {i}\n" for i in range(10))
    return CheckRequest(
        f"/-- Größe {number} -/\ndef f (x : Int) : Int :=\n{lines}  y9 - y0",
        target="def f (x : Int) : Int",
        tests=("f 3 = 4", "f (-3) = 5", "f 0 = 9"),
    )


def measure(name: str, known: Callable[[CheckRequest], object], count: int) -> None:
    """Print the quantiles of asking for `count` requests once each."""
    spent = []
    for number in range(count):
        asked = request(number)
        begun = time.perf_counter_ns()
        found = known(asked)
        spent.append((time.perf_counter_ns() - begun) / 1000)
        assert found is not None
    spent.sort()
    p50, p95, p99 = (spent[int(q * count)] for q in (0.5, 0.95, 0.99))
    print(f"{name:<34} p50 {p50:6.1f} µs   p95 {p95:6.1f} µs   p99 {p99:6.1f} µs   n {count}")


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verdicts", type=int, default=20_000)
    count = parser.parse_args().verdicts
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "verdicts.sqlite"
        cache = VerdictCache(path, fingerprint="benchmark")
        begun = time.perf_counter()
        for number in range(count):
            cache.put(request(number), _VERDICT)
        each = (time.perf_counter() - begun) / count * 1e6
        print(f"{'one verdict kept':<34} mean {each:5.1f} µs{'':37}n {count}")
        measure("found in memory", cache.get, count)
        cache.close()
        cache = VerdictCache(path, fingerprint="benchmark")
        measure("found in the file", cache.get, count)
        cache.close()
        with LeanPool(workers=1, cache=path) as pool:
            filled = VerdictCache(path, fingerprint=wasm.fingerprint())
            filled.put_many([(request(number), _VERDICT) for number in range(count)])
            filled.close()
            measure("asked of a pool, from the file", lambda r: pool.check_many([r]), count)
            measure("asked of a pool, from memory", lambda r: pool.check_many([r]), count)


if __name__ == "__main__":
    main()
