"""How fast one Lean worker judges, and what each gate costs.

    python benchmarks/lean_throughput.py [--programs 1000] [--starts 3] [--files 3]

One run measures everything on the same machine at the same time, so the ratios mean something
where the seconds do not. The plain loop is what any read-eval loop does with the same text, parse
and elaborate; everything after it is the price of the gates. V8 compiles what a worker uses while
it works, so its first programs take longer and are reported apart.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

from lean_sandbox import process, toolchain
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.server_worker import ServerWorker
from lean_sandbox.verdict import Verdict
from lean_sandbox.wasm import WasmBackend

_BODIES = (
    "if x > {n} then x - {n} else x + {n}",
    "(x * x + {n}) % 7",
    "max x {n} - min x (-{n})",
    "let y := x + {n}; y * y - y",
    "(List.range {n}).foldl (fun s i => s + x * i) 0",
)
_FILE = "/lean/server/file.lean"
"""Where a worker's file system shows the file; the loader mounts the folder it is given."""


def small_definitions(count: int) -> list[CheckRequest]:
    """Definitions of the size that students write, each with a target of its own and three tests.

    No two have a name in common, so nothing that a worker remembers of earlier ones helps.
    """
    requests = []
    for n in range(count):
        body = _BODIES[n % len(_BODIES)].format(n=n % 9 + 1)
        requests.append(
            CheckRequest(
                f"def f{n} (x : Int) : Int := {body}",
                target=f"def f{n} (x : Int) : Int",
                tests=tuple(f"f{n} {x} = {n % 5}" for x in ("3", "(-2)", "0")),
            )
        )
    return requests


def process_per_file(installed: toolchain.Toolchain, count: int) -> list[float]:
    """The seconds of `lean FILE` for single definitions: a new process each, and no gates."""
    seconds = []
    node, *_ = installed.command()
    for request in small_definitions(count):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "file.lean").write_text(request.program, "utf-8")
            command = [node, "--no-warnings", str(installed.loader), folder]
            begun = time.monotonic()
            done = process.run([*command, _FILE], cwd=Path(folder), timeout_seconds=300)
            seconds.append(time.monotonic() - begun)
            if done.returncode != 0:
                raise RuntimeError(f"lean FILE failed: {done.stdout[-300:]} {done.stderr[-300:]}")
    return seconds


def quantile(values: list[float], q: float) -> float:
    """The value below which a share `q` of the sorted values lies."""
    return sorted(values)[min(len(values) - 1, int(q * len(values)))]


def measured_start(installed: toolchain.Toolchain) -> tuple[ServerWorker, float]:
    """A started worker that has given one verdict, and the seconds that took."""
    begun = time.monotonic()
    worker = WasmBackend(installed).start()
    worker.check(CheckRequest("def f (x : Int) : Int := x"), timeout_seconds=120)
    return worker, time.monotonic() - begun


def judged(
    worker: ServerWorker, requests: list[CheckRequest]
) -> tuple[list[Verdict], list[float]]:
    """The verdicts, one request after the other, and the seconds each took from outside."""
    verdicts, latencies = [], []
    for request in requests:
        asked = time.monotonic()
        verdicts.append(worker.check(request, timeout_seconds=120).verdict)
        latencies.append(time.monotonic() - asked)
    return verdicts, latencies


def print_gates(verdicts: list[Verdict]) -> None:
    """Print the seconds of each gate, and all gates as a ratio to the plain loop."""
    spent: dict[str, float] = {}
    for verdict in verdicts:
        for gate, seconds in zip(verdict.gates[1:], verdict.gate_seconds, strict=True):
            spent[gate] = spent.get(gate, 0.0) + seconds
    plain = spent["syntax"] + spent["elaboration"]
    print(f"plain loop (parse + elaborate)   {1000 * plain / len(verdicts):8.2f} ms  x 1.00")
    total = 0.0
    for gate, seconds in spent.items():
        total += seconds
        mean = 1000 * seconds / len(verdicts)
        print(f"  {gate:<12} {mean:8.2f} ms  running total x {total / plain:.2f}")


def resident_megabytes(pid: int) -> float:
    """The process's resident memory."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as stream:  # noqa: PTH123 — a kernel file
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=1000)
    parser.add_argument("--warming", type=int, default=150, help="programs before those measured")
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--files", type=int, default=3)
    arguments = parser.parse_args()
    installed = toolchain.find()
    cpus, load = os.cpu_count(), os.getloadavg()[0]
    print(f"{cpus} CPUs, load average {load:.1f} before the run")
    starts = []
    worker, seconds = measured_start(installed)
    starts.append(seconds)
    for _ in range(arguments.starts - 1):
        worker.close()
        worker, seconds = measured_start(installed)
        starts.append(seconds)
    print(
        f"start to first verdict           {statistics.median(starts):8.2f} s   "
        f"(of {len(starts)}: {', '.join(f'{s:.1f}' for s in starts)})"
    )
    requests = small_definitions(arguments.warming + arguments.programs)
    _, latencies = judged(worker, requests[: arguments.warming])
    first = len(latencies) / sum(latencies)
    verdicts, latencies = judged(worker, requests[arguments.warming :])
    rate = len(latencies) / sum(latencies)
    print(
        f"programs a second and worker     {rate:8.1f}     "
        f"({len(verdicts)} definitions with a target and 3 tests; the worker's first "
        f"{arguments.warming}: {first:.1f})"
    )
    for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        print(f"latency {name}                      {1000 * quantile(latencies, q):8.1f} ms")
    print_gates([v for v in verdicts if v.gates[-1] == "tests"])
    print(f"resident memory                  {resident_megabytes(worker.pid):8.0f} MB")
    worker.close()
    alone = statistics.median(process_per_file(installed, arguments.files))
    print(
        f"one `lean` process a file        {alone:8.2f} s   "
        f"(of {arguments.files}, without gates or tests; a worker is x {alone * rate:.0f} as fast)"
    )


if __name__ == "__main__":
    main()
