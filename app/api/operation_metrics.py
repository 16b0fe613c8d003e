"""How the service works, for Prometheus: read from the database whenever it asks, since several processes share it.

Labels are in the manner of atlas_exporter: `measurement` is Atlas's number, `dst_name` the target, `ip_version` 4 or 6.
"""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from app.operations.count_operations import Counted, FollowedCount, Operations, count_operations, value_of
from app.operations.gather_facts import Times
from app.store.migrate import reading_current
from app.store.vital_signs import Sign
from measurements.clock import Clock
from measurements.units import seconds

OTHER = "other"
OF_FOLLOWED = ("label", "measurement", "type", "dst_name", "ip_version")


class OperationsCollector(Collector):
    """Reads how the service works. `clock` goes with what is measured, `here` is the computer's."""

    def __init__(self, engine: Engine, clock: Clock, here: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._here = here

    def describe(self) -> list[Metric]:
        """Nothing beforehand: what there is depends on what is followed."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Families of one snapshot."""
        times = Times(seconds(self._clock.now()), seconds(self._here.now()))
        with reading_current(self._engine) as connection:
            counted = count_operations(connection, times)
        yield from _of_followed(counted.labels)
        yield from _of_credits(counted.labels)
        yield from _of_workers(counted.labels)
        yield from _of_gate(counted)
        yield from _of_tasks(counted)
        yield from _of_alerts(counted)


def _of_followed(labels: Iterable[Counted]) -> Iterator[Metric]:
    hour = "of the hour that ended a quarter of an hour ago"
    families = {
        "n_expected": GaugeMetricFamily("rasad_results_expected", f"Results due {hour}.", labels=OF_FOLLOWED),
        "n_received": GaugeMetricFamily("rasad_results_received", f"Results held {hour}.", labels=OF_FOLLOWED),
        "n_missing": GaugeMetricFamily("rasad_results_missing", f"Due and not held, {hour}.", labels=OF_FOLLOWED),
        "lag_s": GaugeMetricFamily("rasad_lag_seconds", "How old the newest result is.", labels=OF_FOLLOWED),
    }
    for one in labels:
        for followed in one.followed:
            for name, family in families.items():
                family.add_metric((one.label.value, *_named(followed)), getattr(followed, name))
    yield from families.values()


def _named(followed: FollowedCount) -> tuple[str, str, str, str]:
    number = OTHER if followed.atlas_id is None else str(followed.atlas_id)
    family = str(followed.address_family) if followed.address_family else ""
    return number, followed.type, followed.target, family


def _of_credits(labels: Iterable[Counted]) -> Iterator[Metric]:
    balance = GaugeMetricFamily("rasad_credits_balance", "Credits on the account.", labels=("label",))
    spent = GaugeMetricFamily("rasad_credits_spent_past_day", "Credits spent in the past day.", labels=("label",))
    reserved = GaugeMetricFamily(
        "rasad_credits_reserved", "Credits that dispatches which are not over cost at most.", labels=("label",)
    )
    for one in labels:
        reserved.add_metric((one.label.value,), one.reserved)
        for family, sign in ((balance, Sign.BALANCE), (spent, Sign.SPENT_PAST_DAY)):
            if (value := value_of(one.signs, sign)) is not None:
                family.add_metric((one.label.value,), value)
    yield from (balance, spent, reserved)


def _of_workers(labels: Iterable[Counted]) -> Iterator[Metric]:
    alive = GaugeMetricFamily("rasad_worker_alive", "Whether a worker has said so lately.", labels=("label",))
    connected = GaugeMetricFamily("rasad_stream_connected", "Whether the stream is open.", labels=("label",))
    reconnects = CounterMetricFamily("rasad_stream_reconnects", "How often the stream was lost.", labels=("label",))
    dropped = CounterMetricFamily(
        "rasad_stream_dropped",
        "Results of the stream that nobody took in time; the poll brings them.",
        labels=("label",),
    )
    for one in labels:
        label = (one.label.value,)
        alive.add_metric(label, one.is_alive)
        connected.add_metric(label, one.is_connected)
        reconnects.add_metric(label, value_of(one.signs, Sign.STREAM_RECONNECTS) or 0)
        dropped.add_metric(label, value_of(one.signs, Sign.STREAM_DROPPED) or 0)
    yield from (alive, connected, reconnects, dropped)


def _of_gate(counted: Operations) -> Iterator[Metric]:
    refusals = CounterMetricFamily("rasad_gate_refusals", "How often the gate said no.", labels=("label", "reason"))
    dispatches = GaugeMetricFamily("rasad_dispatches", "Dispatches by how they stand.", labels=("label", "state"))
    yield _filled(refusals, counted.refusals)
    yield _filled(dispatches, counted.dispatches)


def _of_tasks(counted: Operations) -> Iterator[Metric]:
    succeeded = GaugeMetricFamily(
        "rasad_task_last_success_timestamp_seconds", "When a task last succeeded.", labels=("label", "task")
    )
    failed = GaugeMetricFamily("rasad_task_failures", "Failures of the past week.", labels=("label", "task"))
    times = {key: one.last_success_at for key, one in counted.tasks.items() if one.last_success_at is not None}
    yield _filled(succeeded, times)
    yield _filled(failed, {key: one.n_failed for key, one in counted.tasks.items()})


def _of_alerts(counted: Operations) -> Iterator[Metric]:
    alerts = GaugeMetricFamily("rasad_alerts", "Alerts that have not ended.", labels=("label", "severity"))
    yield _filled(alerts, counted.alerts)
    yield GaugeMetricFamily("rasad_messages_undelivered", "Messages that were not delivered.", value=counted.n_unsent)


def _filled(
    family: GaugeMetricFamily | CounterMetricFamily, counts: Mapping[tuple[str, str], int]
) -> GaugeMetricFamily | CounterMetricFamily:
    for labels, count in sorted(counts.items()):
        family.add_metric(labels, count)
    return family
