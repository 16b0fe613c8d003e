"""Finds raw records that no result was read from, newest first, and says how many there are of each kind."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select

from app.store import tables
from app.store.visible import Visible, are_visible
from measurements.results.outcome import Label, RecordStatus
from measurements.results.quarantine import QuarantineReason


class QuarantineRow(NamedTuple):
    """A record put aside. Instants are seconds since the epoch, UTC; None where the record does not say."""

    id: int
    label: str
    data_class: str
    agreement_id: int | None
    retrieved_at: int
    status: str
    reason: str | None
    detail: str | None
    type: str | None
    atlas_id: int | None
    probe_id: int | None
    measured_at: int | None
    body: bytes
    """Compressed; `app.store.records.unpack_body` gives the bytes as delivered."""


class QuarantineCount(NamedTuple):
    """How many records were put aside for one reason."""

    label: str
    reason: str
    n_records: int


def find_quarantined(
    connection: Connection,
    visible: Visible,
    *,
    label: Label | None,
    reason: QuarantineReason | None,
    before_id: int | None,
    limit: int,
) -> list[QuarantineRow]:
    """At most `limit` quarantined records that may be seen, the last one kept first."""
    raw = tables.raw_records
    query = _rows().where(*_is_quarantined(), *are_visible(raw, visible))
    if label is not None:
        query = query.where(raw.c.label == label)
    if reason is not None:
        query = query.where(raw.c.reason == reason)
    if before_id is not None:
        query = query.where(raw.c.id < before_id)
    return [QuarantineRow._make(row) for row in connection.execute(query.order_by(raw.c.id.desc()).limit(limit))]


def find_quarantined_record(connection: Connection, record_id: int, visible: Visible) -> QuarantineRow | None:
    """One quarantined record by its number, where it may be seen."""
    raw = tables.raw_records
    is_it = [*_is_quarantined(), raw.c.id == record_id]
    row = connection.execute(_rows().where(*is_it, *are_visible(raw, visible))).first()
    return QuarantineRow._make(row) if row else None


def count_quarantined(connection: Connection) -> list[QuarantineCount]:
    """How many quarantined records there are, by label and reason."""
    raw = tables.raw_records
    query = (
        select(raw.c.label, raw.c.reason, func.count())
        .where(*_is_quarantined())
        .group_by(raw.c.label, raw.c.reason)
        .order_by(raw.c.label, raw.c.reason)
    )
    return [QuarantineCount(label, reason or "unknown", n) for label, reason, n in connection.execute(query)]


def _rows() -> Select[Any]:
    return select(*(tables.raw_records.c[name] for name in QuarantineRow._fields))


def _is_quarantined() -> list[ColumnElement[bool]]:
    """Written out rather than bound, so that both databases see that the partial index serves."""
    status = tables.raw_records.c.status
    return [
        status != literal(RecordStatus.KEPT.value, literal_execute=True),
        status == literal(RecordStatus.QUARANTINED.value, literal_execute=True),
    ]
