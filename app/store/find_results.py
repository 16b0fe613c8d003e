"""Finds results: pages of them, newest first, and single ones with their raw record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, select, tuple_

from app.store import tables
from app.store.visible import Visible, are_visible
from measurements.results.outcome import Label, Outcome


@dataclass(frozen=True, kw_only=True)
class ResultFilters:
    """Which results; empty tuples and None mean any. One label, never mixed."""

    label: Label = Label.MEASURED
    atlas_ids: tuple[int, ...] = ()
    probe_ids: tuple[int, ...] = ()
    types: tuple[str, ...] = ()
    target: str | None = None
    """Canonical, as results have it."""
    address_family: int | None = None
    outcomes: tuple[Outcome, ...] = ()
    from_at: int | None = None
    """Start, inclusive, of when it was measured, seconds since the epoch."""
    to_at: int | None = None
    """End, exclusive."""


class Cursor(NamedTuple):
    """The place of a result in the order of all: what comes after it was measured earlier."""

    measured_at: int
    id: int


class FoundResult(NamedTuple):
    """A result with the raw record it was read from. Instants are seconds since the epoch, UTC."""

    id: int
    raw_id: int
    label: str
    data_class: str
    agreement_id: int | None
    retrieved_at: int
    atlas_id: int
    probe_id: int
    measured_at: int
    stored_at: int | None
    type: str
    target: str
    destination: str | None
    address_family: int
    protocol: str
    outcome: str
    is_clock_trusted: bool
    is_conflict: bool
    is_in_series: bool
    body: bytes
    """Compressed; `app.store.records.unpack_body` gives the bytes as delivered."""


class DeliveryRow(NamedTuple):
    """One way by which a record came."""

    kind: str
    name: str
    retrieved_at: int


def find_results(
    connection: Connection, filters: ResultFilters, visible: Visible, *, after: Cursor | None, limit: int
) -> list[FoundResult]:
    """At most `limit` results that may be seen, newest first, those behind the cursor only."""
    results = tables.results
    query = _rows().where(*_conditions(filters), *are_visible(results, visible))
    if after:
        query = query.where(tuple_(results.c.measured_at, results.c.id) < tuple(after))
    query = query.order_by(results.c.measured_at.desc(), results.c.id.desc()).limit(limit)
    return [FoundResult._make(row) for row in connection.execute(query)]


def find_result(connection: Connection, result_id: int, visible: Visible) -> FoundResult | None:
    """One result by its number, where it may be seen."""
    is_it = tables.results.c.id == result_id
    row = connection.execute(_rows().where(is_it, *are_visible(tables.results, visible))).first()
    return FoundResult._make(row) if row else None


def find_deliveries(connection: Connection, raw_ids: Sequence[int]) -> dict[int, list[DeliveryRow]]:
    """Every delivery of raw records, earliest first."""
    deliveries, sources = tables.deliveries, tables.sources
    query = (
        select(deliveries.c.raw_id, sources.c.kind, sources.c.name, deliveries.c.retrieved_at)
        .join(sources, sources.c.id == deliveries.c.source_id)
        .where(deliveries.c.raw_id.in_(raw_ids))
        .order_by(deliveries.c.raw_id, deliveries.c.retrieved_at, deliveries.c.source_id)
    )
    found: dict[int, list[DeliveryRow]] = {raw_id: [] for raw_id in raw_ids}
    for raw_id, *delivery in connection.execute(query):
        found[raw_id].append(DeliveryRow._make(delivery))
    return found


def _rows() -> Select[Any]:
    results, raw = tables.results, tables.raw_records
    columns = [results.c[name] for name in FoundResult._fields if name != "body"]
    return select(*columns, raw.c.body).join(raw, raw.c.id == results.c.raw_id)


def _conditions(filters: ResultFilters) -> list[ColumnElement[bool]]:
    column = tables.results.c
    conditions = [column.label == filters.label]
    for name, values in (
        ("atlas_id", filters.atlas_ids),
        ("probe_id", filters.probe_ids),
        ("type", filters.types),
        ("outcome", filters.outcomes),
    ):
        if values:
            conditions.append(column[name].in_(values))
    if filters.target is not None:
        conditions.append(column.target == filters.target)
    if filters.address_family is not None:
        conditions.append(column.address_family == filters.address_family)
    if filters.from_at is not None:
        conditions.append(column.measured_at >= filters.from_at)
    if filters.to_at is not None:
        conditions.append(column.measured_at < filters.to_at)
    return conditions
