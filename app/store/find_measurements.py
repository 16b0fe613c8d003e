"""Finds what the platform says of measurements, in order of their number."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from app.store import tables
from measurements.results.outcome import Label


class MeasurementRow(NamedTuple):
    """A measurement without its body. Instants are seconds since the epoch, UTC."""

    atlas_id: int
    label: str
    data_class: str
    agreement_id: int | None
    retrieved_at: int
    source: str
    type: str
    target: str
    """Canonical; empty where the object does not say."""
    address_family: int
    """4, 6, or 0 where the object does not say."""
    interval_s: int | None
    spread_s: int | None
    start_at: int | None
    stop_at: int | None
    is_oneoff: bool
    participant_count: int | None


def find_measurement_rows(
    connection: Connection, *, label: Label, target: str | None, after: int | None, limit: int
) -> list[MeasurementRow]:
    """At most `limit` measurements, those behind `after` only."""
    column = tables.measurements.c
    query = select(*(column[name] for name in MeasurementRow._fields)).where(column.label == label)
    if target is not None:
        query = query.where(column.target == target)
    if after is not None:
        query = query.where(column.atlas_id > after)
    return [MeasurementRow._make(row) for row in connection.execute(query.order_by(column.atlas_id).limit(limit))]
