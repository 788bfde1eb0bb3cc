"""Prometheus metrics of one instance, in a registry of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from hp_tui.model.balancing import BreakerState, ClientSnapshot

_STATE_NUMBER = {BreakerState.CLOSED: 0, BreakerState.HALF_OPEN: 1, BreakerState.OPEN: 2}
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counts of the calls served and made. ``method`` is ``/pkg.Service/Method``, ``code`` a gRPC status name."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._handled = Counter(
            "heartpulse_grpc_server_handled", "Calls ended, by status", ("method", "code"), registry=self.registry
        )
        self._seconds = Histogram(
            "heartpulse_grpc_server_handling_seconds",
            "Seconds from a call's arrival to its end",
            ("method",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._in_flight = Gauge(
            "heartpulse_grpc_server_in_flight", "Calls being worked on", ("method",), registry=self.registry
        )
        self._about = Gauge(
            "heartpulse_service_info", "Always 1", ("service", "instance_id", "version"), registry=self.registry
        )
        self._clients = _ClientCollector()
        self.registry.register(self._clients)
        ProcessCollector(registry=self.registry)

    def identify(self, service: str, instance: str, version: str) -> None:
        """Label the metrics with the instance."""
        self._about.labels(service, instance, version).set(1)

    def started(self, method: str) -> None:
        """A call has arrived."""
        self._in_flight.labels(method).inc()

    def handled(self, method: str, code: str, seconds: float) -> None:
        """A call has ended after ``seconds``."""
        self._in_flight.labels(method).dec()
        self._handled.labels(method, code).inc()
        self._seconds.labels(method).observe(seconds)

    def watch_client(self, snapshot: Callable[[], ClientSnapshot]) -> None:
        """Add the picks and breakers of a balanced client, read at each scrape."""
        self._clients.add(snapshot)

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)


class _ClientCollector(Collector):
    """The frozen snapshots of balanced clients as metrics; nothing is counted twice."""

    def __init__(self) -> None:
        self._snapshots: list[Callable[[], ClientSnapshot]] = []

    def add(self, snapshot: Callable[[], ClientSnapshot]) -> None:
        self._snapshots.append(snapshot)

    def collect(self) -> Iterable[CounterMetricFamily | GaugeMetricFamily]:
        each = ("upstream", "instance_id")
        picks = CounterMetricFamily("heartpulse_client_picks", "Attempts sent", labels=each)
        failures = CounterMetricFamily("heartpulse_client_failures", "Attempts that failed", labels=each)
        breaker = GaugeMetricFamily("heartpulse_client_breaker_state", "0 closed, 1 half-open, 2 open", labels=each)
        calls = CounterMetricFamily("heartpulse_client_calls", "Calls made", labels=("upstream",))
        failed = CounterMetricFamily("heartpulse_client_calls_failed", "Calls that failed", labels=("upstream",))
        for snapshot in self._snapshots:
            seen = snapshot()
            for one in seen.endpoints:
                labels = (seen.service, one.endpoint.instance_id)
                picks.add_metric(labels, one.picks)
                failures.add_metric(labels, one.failures)
                breaker.add_metric(labels, _STATE_NUMBER[one.breaker.state])
            calls.add_metric((seen.service,), seen.calls)
            failed.add_metric((seen.service,), seen.failed)
        return (picks, failures, breaker, calls, failed)
