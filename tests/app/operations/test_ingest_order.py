"""The same results in any order, in any batches, any number of times, from any source: the same database."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine

from app.operations.prepare_records import Preparer
from app.operations.reparse_records import reparse_records
from app.store.engine import writing
from measurements.results.outcome import DataClass
from tests.canonical_dump import Dump, assert_equal, canonical_dump
from tests.delivering import deliver, emptied
from tests.histories import SOURCES, Delivery, histories
from tests.ingesting import StillClock

ONE_DATABASE_FOR_ALL = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
"""`emptied` makes it fresh for every example."""


def _deliver(engine: Engine, batches: Sequence[Sequence[Delivery]]) -> Dump:
    """Each batch at an instant of its own."""
    for at, batch in enumerate(batches):
        for source, data_class in product(SOURCES, DataClass):
            bodies = [each.body for each in batch if (each.source, each.data_class) == (source, data_class)]
            deliver(engine, *bodies, source=source, at=at, data_class=data_class)
    return canonical_dump(engine)


def bins_from_scratch(dump: Dump) -> list[dict[str, Any]]:
    """The bins that the samples of a dump call for, worked out without any code of the service."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for sample in map(json.loads, dump.tables["samples"]):
        hour = sample["measured_at"] // 3600 * 3600
        groups[json.dumps([sample["series_id"], hour, sample["probe_id"]])].append(sample)
    return [_bin(json.loads(key), group) for key, group in groups.items()]


def _bin(key: list[Any], samples: list[dict[str, Any]]) -> dict[str, Any]:
    series, hour, probe_id = key
    rtts = sorted(rtt for sample in samples for rtt in sample["rtts"] or ())
    low, high = (len(rtts) - 1) // 2, len(rtts) // 2
    return {
        "series_id": series,
        "bin_at": hour,
        "probe_id": probe_id,
        "n_results": len({json.dumps(sample["result_id"]) for sample in samples}),
        **{name: sum(sample[name] for sample in samples) for name in ("n_sent", "n_received", "n_success")},
        "rtt_min_ms": rtts[0] if rtts else None,
        "rtt_median_ms": (rtts[low] + rtts[high]) / 2 if rtts else None,
        "hop_counts": _counted(sample["hop_count"] for sample in samples),
        "instances": _counted(sample["instance"] for sample in samples),
        "rtts": rtts or None,
    }


def _counted(values: Any) -> str | None:
    present = [value for value in values if value is not None]
    counts = {str(value): present.count(value) for value in sorted(set(present))}
    return json.dumps(counts, separators=(",", ":"), ensure_ascii=False, sort_keys=True) if counts else None


def _without_gaps(dump: Dump) -> list[dict[str, Any]]:
    return sorted(map(json.loads, dump.tables["bins"]), key=json.dumps)


def _check(engine: Engine, history: tuple[list[Delivery], list[list[Delivery]]]) -> None:
    delivered, shuffled = history
    in_order = _deliver(emptied(engine), [delivered])

    out_of_order = _deliver(emptied(engine), shuffled)

    assert_equal(in_order, out_of_order)
    assert _without_gaps(out_of_order) == sorted(bins_from_scratch(out_of_order), key=json.dumps)
    with writing(engine) as connection:
        report = reparse_records(connection, clock=StillClock(), preparer=Preparer(1))
    assert_equal(in_order, canonical_dump(engine))
    assert report.changes is not None
    assert not any(report.changes), report.changes


@pytest.mark.filterwarnings(
    "ignore:Generating overly large repr"
)  # a history is long to print, and printed when it fails
@pytest.mark.acceptance("spine.5")
def test_any_order_leaves_the_same_sqlite_database(
    make_sqlite_database: Callable[[], str], open_engine: Callable[[str], Engine]
) -> None:
    """Shuffled, repeated, late and conflicting deliveries end where deliveries in order do, bins included."""
    engine = open_engine(make_sqlite_database())

    @settings(max_examples=40, deadline=None, suppress_health_check=ONE_DATABASE_FOR_ALL)
    @given(history=histories())
    def check(history: tuple[list[Delivery], list[list[Delivery]]]) -> None:
        _check(engine, history)

    check()


@pytest.mark.filterwarnings(
    "ignore:Generating overly large repr"
)  # a history is long to print, and printed when it fails
@pytest.mark.acceptance("spine.5")
def test_any_order_leaves_the_same_postgresql_database(
    make_postgresql_database: Callable[[], str], open_engine: Callable[[str], Engine]
) -> None:
    """As on SQLite."""
    engine = open_engine(make_postgresql_database())

    @settings(max_examples=12, deadline=None, suppress_health_check=ONE_DATABASE_FOR_ALL)
    @given(history=histories())
    def check(history: tuple[list[Delivery], list[list[Delivery]]]) -> None:
        _check(engine, history)

    check()
