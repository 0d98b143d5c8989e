"""Many mixed requests through one pool: no reply lost, none wrong, none leaking into another.

    python benchmarks/lean_soak.py                              # 2,000 requests, a few minutes
    python benchmarks/lean_soak.py --requests 100000            # the long run
    python benchmarks/lean_soak.py --requests 100000 --seconds 600 --begin 40000   # a part of it

Request i is made from i alone, with the verdict it must get, so a run can be cut into parts: the
last line says where to begin again. Every program declares a constant of its own name, which must
not exist for any other, and one of a name that all share. The exit status is 0 only when every
reply came, was the expected one, and the workers' memory stayed within the budget.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Verdict
from lean_sandbox.wasm import WORKER_BYTES

sys.path.insert(0, str(Path(__file__).parents[1]))  # the programs of the tests
from tests.lean_sandbox_tests.harmless import HARMLESS
from tests.lean_sandbox_tests.hostile import HOSTILE

_SLICE = 40
_CLIENTS = 4
_ENDLESS_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Case:
    """A request and the reasons it may be answered with; "" is accepted."""

    kind: str
    request: CheckRequest
    reasons: tuple[str, ...]
    timeout_seconds: float | None = None


def _own(index: int) -> str:
    return f"own_{index}"


def _right(index: int, chance: random.Random) -> Case:
    a, b = chance.randrange(1, 9), chance.randrange(1, 9)
    body = (f"x * {a} + {b}", f"if x > {a} then x - {a} else x + {b}", f"max x {a} - min x {b}")
    at = chance.randrange(3)
    at_ten = (10 * a + b, 10 - a, 10 - b)[at]
    program = (
        f"def {_own(index)} (x : Int) : Int := {body[at]}\ndef shared_by_all : Nat := {index}"
    )
    return Case(
        "right",
        CheckRequest(
            program,
            target=f"def {_own(index)} (x : Int) : Int",
            tests=(f"{_own(index)} 10 = {at_ten}", f"shared_by_all = {index}"),
        ),
        ("",),
    )


def _wrong_value(index: int, chance: random.Random) -> Case:
    right = _right(index, chance).request
    tests = (*right.tests, f"{_own(index)} 10 = 1000")
    return Case("wrong value", CheckRequest(right.program, right.target, tests), ("test_failed",))


def _wrong_type(index: int, _: random.Random) -> Case:
    program = f"def {_own(index)} (x : Int) : String := x"
    return Case("wrong type", CheckRequest(program), ("elaboration_error",))


def _of_another(index: int, chance: random.Random) -> Case:
    """Uses a name that a request shortly before declared."""
    other = _own(max(0, index - chance.randrange(1, 200)))
    if chance.random() < 0.5:
        program = f"def {_own(index)} (x : Int) : Int := {other} x"
        return Case("leak in a program", CheckRequest(program), ("elaboration_error",))
    program = f"def {_own(index)} (x : Int) : Int := x"
    request = CheckRequest(program, tests=(f"{other} 10 = 10",))
    return Case("leak in a test", request, ("test_undecided",))


def _litter(index: int, _: random.Random) -> Case:
    """Leaves everything behind that a program can."""
    program = (
        f"set_option maxRecDepth 600\nset_option autoImplicit true\nopen Nat Int\n"
        f"instance : Inhabited Nat := ⟨{index % 90 + 10}⟩\n"
        "@[simp] theorem shared_lemma (n : Nat) : n + 0 = n := rfl\n"
        f"namespace Shared\nvariable (n : Nat)\ndef {_own(index)} : Nat := n"
    )
    return Case("litter", CheckRequest(program), ("", "parse_error", "elaboration_error"))


def _after_litter(index: int, _: random.Random) -> Case:
    program = f"def {_own(index)} : Nat := default\ndef shared_lemma : Nat := 1"
    tests = (f"{_own(index)} = 0", "shared_lemma = 1")
    return Case("after litter", CheckRequest(program, tests=tests), ("",))


def _non_ascii(index: int, chance: random.Random) -> Case:
    padding = "é∧𝔸ß"[chance.randrange(4)] * chance.randrange(300)
    text = f"{padding[:10]}é∧𝔸"
    program = f'-- {padding} ∀∃\ndef {_own(index)} : String := "{text}"'
    request = CheckRequest(program, tests=(f'{_own(index)} = "{text}"',))
    return Case("not ASCII", request, ("",))


def _hostile(_: int, chance: random.Random) -> Case:
    one = chance.choice(HOSTILE)
    return Case("hostile", CheckRequest(one.program, one.target, tuple(one.tests)), one.reasons)


def _harmless(_: int, chance: random.Random) -> Case:
    return Case("harmless", CheckRequest(chance.choice(list(HARMLESS.values()))), ("",))


def _big(index: int, chance: random.Random) -> Case:
    definitions = "".join(f"def d{n} (x : Nat) : Nat := x + {n}\n" for n in range(60))
    padding = "-- " + "many words " * chance.randrange(8500)
    program = f"{definitions}{padding}\ndef {_own(index)} : Nat := d7 1"
    return Case("big", CheckRequest(program, tests=(f"{_own(index)} = 8",)), ("",))


def _unsendable(_: int, chance: random.Random) -> Case:
    program, reason = chance.choice(
        (
            ("-- " + "x" * 100_000, "too_large"),
            ("def f := 1\0", "bad_encoding"),
            ("def f := " + "(" * 500 + "1" + ")" * 500, "too_deep"),
        )
    )
    return Case("unsendable", CheckRequest(program), (reason,))


def _endless(index: int, _: random.Random) -> Case:
    program = (
        "def g : Nat → Nat → Nat\n  | 0, x => x\n  | n + 1, x => g n (x * x)\n"
        f"theorem {_own(index)} : g 40 3 % 7 = 1 := by decide +kernel"
    )
    return Case("endless", CheckRequest(program), ("deadline",), _ENDLESS_SECONDS)


def _memory_hog(index: int, _: random.Random) -> Case:
    program = (
        f"theorem {_own(index)} : (let k := 4000000000; (1 <<< k) + (1 <<< (k + 1))) % 2 = 1 "
        ":= by decide +kernel"
    )
    return Case("memory hog", CheckRequest(program), ("worker_died",))


_MIX: tuple[tuple[float, Callable[[int, random.Random], Case]], ...] = (
    (45, _right),
    (20, _wrong_value),
    (5, _wrong_type),
    (7, _of_another),
    (1, _litter),
    (2, _after_litter),
    (5, _non_ascii),
    (9, _hostile),
    (5, _harmless),
    (0.5, _big),
    (0.4, _unsendable),
    (0.05, _endless),
    (0.05, _memory_hog),
)


def case(index: int, seed: int) -> Case:
    """Request number `index`, and what must be said of it."""
    chance = random.Random(f"{seed}/{index}")
    (make,) = chance.choices([m for _, m in _MIX], weights=[w for w, _ in _MIX])
    return make(index, chance)


@dataclass
class Findings:
    """What was seen so far."""

    answered: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, index: int, asked: Case, verdict: Verdict) -> None:
        """Compare a verdict with the expected one."""
        with self.lock:
            self.answered[index] += 1
            self.kinds[asked.kind] += 1
            if verdict.lean_version and verdict.outcome.value not in ("timeout", "memory"):
                self.seconds.append(verdict.seconds)
            if verdict.reason not in asked.reasons:
                self.wrong.append(
                    f"request {index} ({asked.kind}): {verdict.outcome} {verdict.reason} "
                    f"{verdict.detail[:200]}; expected one of {asked.reasons}"
                )
                print(self.wrong[-1], flush=True)


class MemorySampler:
    """The resident memory of this process's children, sampled."""

    def __init__(self) -> None:
        self.largest_worker = self.largest_sum = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more samples."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.2):
            sizes = [_resident_bytes(pid) for pid in _children()]
            self.largest_worker = max(self.largest_worker, *sizes, 0, 0)
            self.largest_sum = max(self.largest_sum, sum(sizes))


def _children() -> set[int]:
    found: set[int] = set()
    for file in Path("/proc/self/task").glob("*/children"):
        try:
            found.update(map(int, file.read_text().split()))
        except OSError:
            continue
    return found


def _resident_bytes(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def ask(pool: LeanPool, indices: range, seed: int, findings: Findings) -> None:
    """Send one slice; what needs a deadline of its own goes by itself."""
    cases = {index: case(index, seed) for index in indices}
    together = [index for index in indices if cases[index].timeout_seconds is None]
    verdicts = pool.check_many([cases[index].request for index in together])
    for index, verdict in zip(together, verdicts, strict=True):
        findings.add(index, cases[index], verdict)
    for index in set(indices) - set(together):
        one = cases[index]
        (verdict,) = pool.check_many([one.request], timeout_seconds=one.timeout_seconds)
        findings.add(index, one, verdict)


def soak(pool: LeanPool, arguments: argparse.Namespace, findings: Findings) -> int:
    """Send slices from several threads until all are sent or time is up; the next index."""
    begun = time.monotonic()
    starts = itertools.count(arguments.begin, _SLICE)
    until = begun + arguments.seconds if arguments.seconds else float("inf")
    failures: list[BaseException] = []
    reached = [arguments.begin]
    turn = threading.Lock()

    def client() -> None:
        while not failures:
            with turn:
                if time.monotonic() > until or reached[0] >= arguments.requests:
                    return
                start = next(starts)
                reached[0] = min(start + _SLICE, arguments.requests)
                indices = range(start, reached[0])
            try:
                ask(pool, indices, arguments.seed, findings)
            except Exception as failure:  # noqa: BLE001 — a failed client ends the run
                failures.append(failure)

    clients = [threading.Thread(target=client) for _ in range(_CLIENTS)]
    for thread in clients:
        thread.start()
    said = begun
    while any(thread.is_alive() for thread in clients):
        time.sleep(0.5)
        if time.monotonic() - said > arguments.say_every:
            said = time.monotonic()
            print_progress(pool, findings, said - begun)
    for failure in failures:
        findings.wrong.append(f"a call failed: {failure}")
    return reached[0]


def print_progress(pool: LeanPool, findings: Findings, seconds: float) -> None:
    """One line on how far it is."""
    done, status = len(findings.answered), pool.status()
    print(
        f"{seconds:7.0f} s  {done:7} answered  {done / seconds:5.1f} a second  "
        f"{status.restarts} restarts  {len(findings.wrong)} wrong",
        flush=True,
    )


def main() -> int:
    """Run the soak and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000, help="the last index, exclusive")
    parser.add_argument("--begin", type=int, default=0, help="the first index")
    parser.add_argument("--seconds", type=float, default=None, help="stop sending after so long")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--spares", type=int, default=1)
    parser.add_argument("--say-every", type=float, default=60.0, help="seconds between lines")
    arguments = parser.parse_args()
    budget = (arguments.workers + arguments.spares) * WORKER_BYTES
    findings, memory = Findings(), MemorySampler()
    with LeanPool(
        arguments.workers, memory_bytes=budget, spares=arguments.spares, timeout_seconds=60
    ) as pool:
        pool.check_many([CheckRequest("def ready : Nat := 1")])
        begun = time.monotonic()
        reached = soak(pool, arguments, findings)
        wall = time.monotonic() - begun
        status = pool.status()
    memory.stop()
    sent = reached - arguments.begin
    lost = sent - len(findings.answered)
    twice = sum(count > 1 for count in findings.answered.values())
    print(f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f}, {status.lean_version}")
    print(f"requests {arguments.begin} to {reached - 1}: " + ", ".join(_counts(findings.kinds)))
    print(f"answered {len(findings.answered)} of {sent}, {lost} lost, {twice} answered twice")
    print(f"{sent / wall:.1f} requests a second, {arguments.workers} workers, {wall:.0f} s")
    for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        print(f"inside the worker {name} {1000 * _quantile(findings.seconds, q):8.1f} ms")
    print(
        f"{status.restarts} restarts: {status.kills} killed, {status.lost} died, "
        f"{status.retired} grown; {status.failed_starts} failed starts"
    )
    print(
        f"memory: largest worker {memory.largest_worker / 1e9:.2f} GB, together "
        f"{memory.largest_sum / 1e9:.2f} GB, budget {budget / 1e9:.2f} GB"
    )
    over = memory.largest_sum > budget or memory.largest_worker > WORKER_BYTES
    print(f"{len(findings.wrong)} wrong" + ", OVER THE BUDGET" * over)
    if reached < arguments.requests:
        print(f"to go on: --requests {arguments.requests} --begin {reached}")
    return int(bool(findings.wrong) or lost > 0 or twice > 0 or over)


def _counts(kinds: Counter[str]) -> list[str]:
    return [f"{count} {kind}" for kind, count in kinds.most_common()]


def _quantile(values: list[float], q: float) -> float:
    return sorted(values)[int(q * len(values))] if values else float("nan")


if __name__ == "__main__":
    sys.exit(main())
