"""Writes what the platform says of measurements and probes."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, select

from app.compression import compress
from app.store import tables
from app.store.bulk import replace_rows
from app.store.find_vantage import MANY
from app.store.probes import note_last_words
from app.store.records import unpack_body
from measurements.campaigns.measurement import Measurement
from measurements.objects import Object
from measurements.probes import Probe
from measurements.results.outcome import DataClass, Label
from measurements.results.reading import storable

MEASUREMENT_COLUMNS = (
    "atlas_id", "label", "data_class", "agreement_id", "retrieved_at", "source", "type", "target",
    "address_family", "interval_s", "spread_s", "start_at", "stop_at", "is_oneoff", "participant_count", "body",
)  # fmt: skip
PROBE_COLUMNS = (
    "probe_id", "observed_at", "label", "data_class", "retrieved_at", "source", "asn_v4", "asn_v6", "prefix_v4",
    "prefix_v6", "country_code", "is_anchor", "status", "body",
)  # fmt: skip
_WHERE = ("asn_v4", "asn_v6", "prefix_v4", "prefix_v6", "country_code", "is_anchor", "status")


class Delivered(NamedTuple):
    """From where and when objects came, and as what they may be held."""

    source: str
    retrieved_at: int
    data_class: DataClass = DataClass.PUBLIC
    agreement_id: int | None = None


class Written(NamedTuple):
    """What became of objects."""

    n_new: int
    n_changed: int
    n_unchanged: int


def write_measurements(
    connection: Connection, items: Sequence[tuple[Label, Measurement, Object]], delivered: Delivered
) -> Written:
    """Keep measurement objects; the latest says how a measurement is. Equal ones change nothing."""
    table = tables.measurements
    latest = {(measurement.atlas_id, label.value): (measurement, body) for label, measurement, body in items}
    query = select(table.c.atlas_id, table.c.label, table.c.body)
    if len(latest) < MANY:
        query = query.where(table.c.atlas_id.in_([atlas_id for atlas_id, _ in latest]))
    held = {(row.atlas_id, row.label): row.body for row in connection.execute(query)}
    new = [key for key in latest if key not in held]
    changed = [key for key, (_, body) in latest.items() if key in held and orjson.loads(unpack_body(held[key])) != body]
    rows = [_measurement_row(key[1], *latest[key], delivered) for key in (*new, *changed)]
    replace_rows(connection, table, MEASUREMENT_COLUMNS, rows)
    return Written(len(new), len(changed), len(items) - len(rows))


def write_probes(connection: Connection, items: Sequence[tuple[Label, Probe, Object]], delivered: Delivered) -> Written:
    """Keep what is said of probes on a day, unless the last word before it says the same of place and connection.

    When it was last said, and with which tags, is noted in any case.
    """
    note_last_words(connection, [(label, probe) for label, probe, _ in items])
    until_at = max((probe.observed_at for _, probe, _ in items), default=0)
    held = _last_words(connection, until_at, {probe.probe_id for _, probe, _ in items})
    rows: dict[tuple[int, int], tuple[Any, ...]] = {}
    n_new = 0
    for label, probe, body in sorted(items, key=lambda item: item[1].observed_at):
        where = tuple(getattr(probe, name) for name in _WHERE)
        if where == _last_word(held.get(probe.probe_id, {}), probe.observed_at):
            continue
        n_new += probe.probe_id not in held
        held.setdefault(probe.probe_id, {})[probe.observed_at] = where
        rows[probe.probe_id, probe.observed_at] = _probe_row(label.value, probe, body, delivered)
    replace_rows(connection, tables.probe_snapshots, PROBE_COLUMNS, list(rows.values()))
    return Written(n_new, len(rows) - n_new, len(items) - len(rows))


def _last_words(
    connection: Connection, until: int, probe_ids: Collection[int]
) -> dict[int, dict[int, tuple[Any, ...]]]:
    """Where probes were said to be: probe id -> instant -> place."""
    column = tables.probe_snapshots.c
    query = select(column.probe_id, column.observed_at, *(column[name] for name in _WHERE))
    if len(probe_ids) < MANY:
        query = query.where(column.probe_id.in_(probe_ids))
    held: dict[int, dict[int, tuple[Any, ...]]] = {}
    for probe_id, observed_at, *where in connection.execute(query.where(column.observed_at <= until)):
        held.setdefault(probe_id, {})[observed_at] = tuple(where)
    return held


def _last_word(words: Mapping[int, tuple[Any, ...]], at: int) -> tuple[Any, ...] | None:
    last = max((observed_at for observed_at in words if observed_at <= at), default=None)
    return None if last is None else words[last]


def _measurement_row(label: str, measurement: Measurement, body: Object, delivered: Delivered) -> tuple[Any, ...]:
    return (
        measurement.atlas_id, label, delivered.data_class.value, delivered.agreement_id, delivered.retrieved_at,
        delivered.source, storable(measurement.type), storable(measurement.target), measurement.address_family,
        measurement.interval_s, measurement.spread_s, measurement.start_at, measurement.stop_at,
        measurement.is_oneoff, measurement.participant_count, _packed(body),
    )  # fmt: skip


def _probe_row(label: str, probe: Probe, body: Object, delivered: Delivered) -> tuple[Any, ...]:
    return (
        probe.probe_id, probe.observed_at, label, delivered.data_class.value, delivered.retrieved_at,
        delivered.source, probe.asn_v4, probe.asn_v6, _storable(probe.prefix_v4), _storable(probe.prefix_v6),
        _storable(probe.country_code), probe.is_anchor, _storable(probe.status), _packed(body),
    )  # fmt: skip


def _storable(text: str | None) -> str | None:
    return None if text is None else storable(text)


def _packed(body: Object) -> bytes:
    return compress(orjson.dumps(body))
