"""The service's own counters, for Prometheus: requests, what is held, and how fresh it is."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.operation_metrics import OperationsCollector
from app.operations.count_holdings import Holdings, count_holdings
from app.store.migrate import reading_current
from measurements.clock import Clock

BUCKETS_S = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
OTHER = "other"
"""Label of requests for what does not exist; their own words would make a new counter each."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Telemetry:
    """Counts requests by the operation they ask for, never by their address."""

    def __init__(self, engine: Engine, clock: Clock, here: Clock) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.registry.register(HoldingsCollector(engine))
        self.registry.register(OperationsCollector(engine, clock, here))
        self.requests = Counter(
            "rasad_http_requests", "Requests answered.", ("method", "operation", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "rasad_http_request_seconds",
            "How long answering took.",
            ("method", "operation"),
            buckets=BUCKETS_S,
            registry=self.registry,
        )


class CountRequests:
    """Middleware that tells Telemetry of every request."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry, clock: Clock) -> None:
        self._app = app
        self._telemetry = telemetry
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        statuses = [500]

        async def heard(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await send(message)

        started = self._clock.monotonic()
        try:
            await self._app(scope, receive, heard)
        finally:
            operation = getattr(scope.get("route"), "name", OTHER)
            method = scope["method"] if operation is not OTHER and scope["method"] in METHODS else OTHER
            self._telemetry.requests.labels(method, operation, statuses[-1]).inc()
            self._telemetry.seconds.labels(method, operation).observe(self._clock.monotonic() - started)


class HoldingsCollector(Collector):
    """Reads what is held whenever Prometheus asks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def describe(self) -> list[Metric]:
        """Nothing beforehand: what there is depends on what is held."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Gauges of one snapshot."""
        with reading_current(self._engine) as connection:
            holdings = count_holdings(connection)
        for family in _FAMILIES:
            yield family(holdings)


def _records(holdings: Holdings) -> Metric:
    return GaugeMetricFamily("rasad_records", "Raw records kept.", value=holdings.n_records)


def _aside(holdings: Holdings) -> Metric:
    family = GaugeMetricFamily(
        "rasad_records_aside", "Raw records no result was read from.", labels=("label", "status", "reason")
    )
    for count in holdings.aside:
        family.add_metric((count.label, count.status, count.reason), count.n_records)
    return family


def _series(holdings: Holdings) -> Metric:
    family = GaugeMetricFamily("rasad_series", "Series held.", labels=("label", "type"))
    for count in holdings.series:
        family.add_metric((count.label, count.type), count.n_series)
    return family


def _last_retrieved(holdings: Holdings) -> Metric:
    family = GaugeMetricFamily("rasad_last_retrieved_timestamp_seconds", "When the newest record came.", labels=())
    if holdings.last_retrieved_at is not None:
        family.add_metric((), holdings.last_retrieved_at)
    return family


def _last_measured(holdings: Holdings) -> Metric:
    family = GaugeMetricFamily(
        "rasad_last_measured_timestamp_seconds", "When the newest result was measured.", labels=("label",)
    )
    for label, at in holdings.last_measured_at.items():
        family.add_metric((label,), at)
    return family


_FAMILIES: tuple[Callable[[Holdings], Metric], ...] = (_records, _aside, _series, _last_retrieved, _last_measured)
