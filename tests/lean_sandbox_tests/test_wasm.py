from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from lean_sandbox.confinement import layers
from lean_sandbox.policy import REASONS
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.server_worker import ServerWorker
from lean_sandbox.toolchain import Toolchain
from lean_sandbox.verdict import Outcome
from lean_sandbox.wasm import WasmBackend
from lean_sandbox.worker import WorkerLost

pytestmark = pytest.mark.lean

SMALL = CheckRequest("def f (x : Int) : Int := x", tests=("f 1 = 1",))
ENDLESS = CheckRequest(
    "def g : Nat → Nat → Nat\n  | 0, x => x\n  | n + 1, x => g n (x * x)\n"
    "theorem t : g 40 3 % 7 = 1 := by decide +kernel"
)
MEMORY_BOMB = CheckRequest(
    "theorem t : (let k := 4000000000; (1 <<< k) + (1 <<< (k + 1))) % 2 = 1 := by decide +kernel"
)


@pytest.fixture
def worker(installed: Toolchain) -> Iterator[ServerWorker]:
    started = WasmBackend(installed).start()
    yield started
    started.close()


def test_a_program_that_keeps_the_kernel_busy_is_ended_at_its_deadline(
    worker: ServerWorker,
) -> None:
    assert worker.check(SMALL, timeout_seconds=60).verdict.accepted
    answer = worker.check(ENDLESS, timeout_seconds=2)
    assert answer.verdict.outcome is Outcome.TIMEOUT
    assert answer.verdict.reason == "deadline"
    assert not answer.usable
    with pytest.raises(ProcessLookupError):
        os.killpg(worker.pid, 0)


def test_a_program_that_allocates_without_end_gets_a_memory_verdict(worker: ServerWorker) -> None:
    answer = worker.check(MEMORY_BOMB, timeout_seconds=120)
    assert answer.verdict.outcome is Outcome.MEMORY
    assert answer.verdict.reason == "worker_died"
    assert not answer.usable


@pytest.fixture(scope="module")
def steady(installed: Toolchain) -> Iterator[ServerWorker]:
    """One worker for the tests that need no fresh one; the last of them kills it."""
    started = WasmBackend(installed).start()
    yield started
    started.close()


def test_memory_stays_bounded_over_many_programs(steady: ServerWorker) -> None:
    def resident() -> int:
        with open(f"/proc/{steady.pid}/statm") as stream:  # noqa: PTH123 — a kernel file
            return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    for n in range(30):
        steady.check(CheckRequest(f"def f (x : Int) : Int := x + {n}"), timeout_seconds=60)
    before = resident()
    for n in range(200):
        steady.check(CheckRequest(f"def f (x : Int) : Int := x * {n}"), timeout_seconds=60)
    assert resident() - before < 200_000_000
    assert resident() < 2_200_000_000


@pytest.mark.skipif("seccomp" not in layers(), reason="no seccomp here")
def test_the_system_holds_the_worker_too(steady: ServerWorker) -> None:
    status = Path(f"/proc/{steady.pid}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status


def test_a_worker_killed_from_outside_is_lost_and_no_verdict(steady: ServerWorker) -> None:
    os.kill(steady.pid, signal.SIGKILL)
    with pytest.raises(WorkerLost):
        steady.check(SMALL, timeout_seconds=60)


@pytest.mark.slow
@pytest.mark.skipif("limits" not in layers(), reason="the peak is Linux's to tell")
def test_a_worker_stays_below_2_2_gb_until_it_dies_of_its_own_limit(installed: Toolchain) -> None:
    def peak() -> int:
        status = Path(f"/proc/{worker.pid}/status").read_text()
        return 1024 * int(status.partition("VmHWM:")[2].split()[0])

    worker = ServerWorker.start(
        replace(WasmBackend(installed).launch(), max_resident_bytes=1 << 40)
    )
    modules = ("HashMap", "HashSet", "TreeMap", "TreeSet", "ExtHashMap", "DHashMap", "DTreeMap")
    seen = []
    for two in combinations(modules, 2):
        header = "".join(f"import Std.Data.{module}\n" for module in two)
        try:
            answer = worker.check(CheckRequest(f"{header}def f := 1"), timeout_seconds=120)
        except WorkerLost:
            break
        assert answer.verdict.accepted, answer.verdict
        seen.append(peak())
    else:
        pytest.fail("it never reached its limit")
    worker.close()
    assert max(seen) > 1_700_000_000
    assert max(seen) < 2_200_000_000


def test_every_reason_that_can_come_from_the_server_is_documented(installed: Toolchain) -> None:
    source = (installed.server / "server.lean").read_text("utf-8")
    said = {part.split('"')[0] for part in source.split('⟨"')[1:]}
    codes = {code for code in said if "_" in code or code in {"sorry", "axiom", "noncomputable"}}
    assert codes <= REASONS.keys()
    assert len(codes) > 12
