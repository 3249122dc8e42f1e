"""What the server counts of itself, as Prometheus reads it; each metric says what it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from app.jobs import Gate

CONTENT_TYPE = CONTENT_TYPE_LATEST

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Bounds of the histograms: from a cached cell to the longest that anything may take."""


class Keeps(Protocol):
    """Anything that keeps up to a number of bytes."""

    budget_bytes: int

    @property
    def used_bytes(self) -> int:
        """Bytes that it keeps now."""


class Metrics:
    """The counts of one server, apart from those of any other in the process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self.requests = Counter(
            "convscope_requests",
            "Requests answered, by route (not by address), method and status.",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self.seconds = Histogram(
            "convscope_request_seconds",
            "From a request's head to its last byte, by route.",
            ["route"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self.in_flight = Gauge(
            "convscope_requests_in_flight", "Requests being answered now.", registry=self._registry
        )
        self.sent = Counter(
            "convscope_sent_bytes", "Bytes of answers, without their heads.", registry=self._registry
        )
        self.sockets = Gauge(
            "convscope_sockets",
            "WebSockets open now, by route: listeners of rooms and cameras.",
            ["route"],
            registry=self._registry,
        )

    def watch(self, gates: Sequence[Gate], stores: Mapping[str, Keeps]) -> None:
        """Tell of these too, as they are whenever somebody asks."""
        self._registry.register(_Gates(gates))
        self._registry.register(_Stores(stores))

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)

    def described(self) -> list[tuple[str, str, str]]:
        """Name, kind and meaning of every metric, in alphabetical order."""
        return sorted((m.name, m.type, m.documentation) for m in self._registry.collect())


class _Gates(Collector):
    def __init__(self, gates: Sequence[Gate]) -> None:
        self._gates = gates

    def collect(self) -> Iterable[Metric]:
        accepted = GaugeMetricFamily(
            "convscope_gate_accepted", "Computations that run or wait, by gate.", labels=["gate"]
        )
        places = GaugeMetricFamily(
            "convscope_gate_places", "Computations that may run or wait; beyond, 503.", labels=["gate"]
        )
        refused = CounterMetricFamily(
            "convscope_gate_refused", "Computations refused since every place was taken.", labels=["gate"]
        )
        for gate in self._gates:
            accepted.add_metric([gate.name], gate.accepted)
            places.add_metric([gate.name], gate.places)
            refused.add_metric([gate.name], gate.refused)
        return [accepted, places, refused]


class _Stores(Collector):
    def __init__(self, stores: Mapping[str, Keeps]) -> None:
        self._stores = stores

    def collect(self) -> Iterable[Metric]:
        used = GaugeMetricFamily("convscope_store_bytes", "Bytes kept, by store.", labels=["store"])
        budget = GaugeMetricFamily(
            "convscope_store_budget_bytes", "Bytes that may be kept, by store.", labels=["store"]
        )
        for name, store in self._stores.items():
            used.add_metric([name], store.used_bytes)
            budget.add_metric([name], store.budget_bytes)
        return [used, budget]
