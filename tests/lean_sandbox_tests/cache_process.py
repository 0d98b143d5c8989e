"""What one process does to a cache that others use too; run with what to do and the file.

python -m tests.lean_sandbox_tests.cache_process write FILE SEED
python -m tests.lean_sandbox_tests.cache_process small-disk FILE
"""

from __future__ import annotations

import random
import resource
import sys
from pathlib import Path

from lean_sandbox.cache import VerdictCache
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, Verdict
from tests.contracts.fake_sandbox import verdict

SHARED = 400
SMALL_DISK_BYTES = 200_000


def request(number: int) -> CheckRequest:
    return CheckRequest(f"def f : Nat := {number}", tests=(f"f = {number}",))


def said(number: int) -> Verdict:
    return verdict(Outcome.REFUSED, "test_failed", detail=f"verdict {number} " + "x" * 300)


def write(path: Path, seed: int) -> None:
    """Read and write all shared verdicts in an order of our own."""
    cache = VerdictCache(path, fingerprint="gates")
    numbers = list(range(SHARED))
    random.Random(seed).shuffle(numbers)
    for number in numbers:
        known = cache.get(request(number))
        assert known is None or known == said(number), "another request's verdict"
        cache.put(request(number), said(number))
    cache.close()


def fill_small_disk(path: Path) -> None:
    """Write more than the system lets this process write to one file."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_DISK_BYTES, SMALL_DISK_BYTES))
    cache = VerdictCache(path, fingerprint="gates")
    for number in range(5000):
        cache.put(request(number), said(number))
        assert cache.get(request(number)) == said(number)
    cache.close()


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        fill_small_disk(Path(sys.argv[2]))
