"""What a server counts, in the form Prometheus reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from lean_sandbox.status import PoolStatus
from lean_sandbox.verdict import Verdict

_PREFIX = "outerloop_lean_"
_CHECK_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60)
_REQUEST_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


class ServerMetrics:
    """One server's counters; several servers in a process have their own."""

    def __init__(
        self,
        *,
        waiting: Callable[[], int],
        status: Callable[[], PoolStatus],
        paths: Iterable[str],
    ) -> None:
        self._paths = frozenset(paths)
        self._registry = CollectorRegistry()
        self._requests = Counter(
            f"{_PREFIX}requests",
            "HTTP requests, by the status they were answered with; 499: the client hung up.",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self._request_seconds = Histogram(
            f"{_PREFIX}request_seconds",
            "Seconds from a request's head to the end of its answer.",
            ["route"],
            buckets=_REQUEST_SECONDS,
            registry=self._registry,
        )
        self._verdicts = Counter(
            f"{_PREFIX}verdicts",
            "Verdicts sent.",
            ["outcome", "reason"],
            registry=self._registry,
        )
        self._check_seconds = Histogram(
            f"{_PREFIX}check_seconds",
            "Seconds a program was checked in its worker; a cached verdict counts again.",
            buckets=_CHECK_SECONDS,
            registry=self._registry,
        )
        depth = Gauge(
            f"{_PREFIX}programs_taken_in",
            "Programs taken in and not answered yet.",
            registry=self._registry,
        )
        depth.set_function(waiting)
        self._registry.register(_PoolCollector(status))
        ProcessCollector(registry=self._registry)

    def answered(self, path: str, method: str, status: int, seconds: float) -> None:
        """Count a request; unknown paths and methods are one each, however many there are."""
        route = path if path in self._paths else "other"
        self._requests.labels(route, method if method in _METHODS else "other", status).inc()
        self._request_seconds.labels(route).observe(seconds)

    def judged(self, verdicts: Sequence[Verdict]) -> None:
        """Count verdicts."""
        for verdict in verdicts:
            self._verdicts.labels(verdict.outcome.value, verdict.reason).inc()
            self._check_seconds.observe(verdict.seconds)

    def exposed(self) -> bytes:
        """All of them, as text."""
        return generate_latest(self._registry)


class _PoolCollector(Collector):
    """Reads a pool's status when it is asked for."""

    def __init__(self, status: Callable[[], PoolStatus]) -> None:
        self._status = status

    def describe(self) -> Iterable[Metric]:
        return []  # else the registry would ask the pool already now

    def collect(self) -> Iterable[Metric]:
        now = self._status()
        gauges = {
            "programs_waiting": ("Programs no worker has yet.", now.waiting),
            "programs_running": ("Programs a worker has.", now.running),
            "workers_wanted": ("Workers when all are up.", now.workers),
            "workers_alive": ("Workers that are up.", now.alive),
            "workers_starting": ("Workers being started.", now.starting),
        }
        counters = {
            "worker_starts": ("Workers that came up.", now.starts),
            "worker_restarts": ("Workers that took a lost one's place.", now.restarts),
            "worker_failed_starts": ("Workers that did not come up.", now.failed_starts),
            "worker_kills": ("Workers ended by a deadline, a flood or memory.", now.kills),
            "worker_losses": ("Workers that died or were ended from outside.", now.lost),
            "worker_retirements": ("Workers replaced because they had grown.", now.retired),
            "programs_checked": ("Verdicts given by workers.", now.checked),
            "cache_hits": ("Verdicts taken from the cache.", now.cache_hits),
        }
        for name, (help_, level) in gauges.items():
            yield GaugeMetricFamily(_PREFIX + name, help_, value=level)
        for name, (help_, count) in counters.items():
            yield CounterMetricFamily(_PREFIX + name, help_, value=count)
