"""Counts what is held, cheaply enough to be asked every few seconds, whatever the size of the database."""

from typing import NamedTuple

from sqlalchemy import Connection, func, literal, select

from app.store import tables
from measurements.results.outcome import RecordStatus


class SeriesCount(NamedTuple):
    """How many series there are under one label, of one type."""

    label: str
    type: str
    n_series: int


class AsideCount(NamedTuple):
    """How many records are kept that no result was read from."""

    label: str
    status: str
    reason: str
    n_records: int


def count_records(connection: Connection) -> int:
    """Raw records ever kept: they are numbered one by one and never removed."""
    return connection.execute(select(func.max(tables.raw_records.c.id))).scalar() or 0


def last_retrieved_at(connection: Connection) -> int | None:
    """When the newest raw record came, seconds since the epoch, UTC."""
    column = tables.raw_records.c
    return connection.execute(select(column.retrieved_at).order_by(column.id.desc()).limit(1)).scalar()


def count_series(connection: Connection) -> list[SeriesCount]:
    """Series by label and type."""
    column = tables.series.c
    query = select(column.label, column.type, func.count()).group_by(column.label, column.type)
    return [SeriesCount._make(row) for row in connection.execute(query.order_by(column.label, column.type))]


def count_aside(connection: Connection) -> list[AsideCount]:
    """Quarantined and unsupported records, by label, status and reason."""
    column = tables.raw_records.c
    group = (column.label, column.status, func.coalesce(column.reason, column.type, ""))
    query = select(*group, func.count()).where(column.status != literal(RecordStatus.KEPT.value, literal_execute=True))
    return [AsideCount._make(row) for row in connection.execute(query.group_by(*group).order_by(*group))]


def last_measured_at(connection: Connection) -> dict[str, int]:
    """Label -> when its newest result was measured; found in the last hour that has one."""
    series, bins, results = tables.series, tables.bins, tables.results
    last_bin = select(func.max(bins.c.bin_at)).where(bins.c.series_id == series.c.id).scalar_subquery()
    hours = connection.execute(select(series.c.label, func.max(last_bin)).group_by(series.c.label)).all()
    newest = select(func.max(results.c.measured_at))
    found = {
        label: connection.execute(newest.where(results.c.label == label, results.c.measured_at >= hour)).scalar()
        for label, hour in hours
        if hour is not None
    }
    return {label: at for label, at in found.items() if at is not None}
