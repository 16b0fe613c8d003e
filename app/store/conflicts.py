"""Settles what happens when one key is delivered with different bytes.

The same result in other words (an enriched copy, a dump without `stored_timestamp`): one row, read from the
body that the platform stored first. Two different results with one key: both are kept and flagged, and the
one that the platform stored first feeds the series. Both rules look at what is held, never at what came first.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from app.store import tables
from app.store.records import Key, ResultRow, prepare, unpack_body
from app.store.samples import remove_samples, write_samples
from app.store.series import SeriesNumbers
from measurements.results.outcome import Label
from measurements.results.splitting import Piece


class Body(NamedTuple):
    """A body that was delivered, and the result it holds."""

    raw_id: int
    body_digest: bytes
    result: ResultRow


def settle(connection: Connection, key: Key, delivered: Sequence[Body], series: SeriesNumbers) -> None:
    """Apply both rules to one key after new bodies were delivered for it."""
    for body in delivered:
        _prefer_first_stored(connection, body)
    held = _held(connection, key)
    feeder = min(held, key=lambda row: (*_rank(row.stored_at), row.digest))
    results = tables.results
    for row in held:
        if row.is_in_series and row.id != feeder.id:
            remove_samples(connection, row.id)
        connection.execute(
            update(results)
            .where(results.c.id == row.id)
            .values(is_conflict=len(held) > 1, is_in_series=row.id == feeder.id)
        )
    if not feeder.is_in_series:
        result = prepare(Piece(unpack_body(feeder.body), is_whole=True), Label(key.label)).result
        write_samples(connection, [(feeder.id, result)] if result else [], series)


def _prefer_first_stored(connection: Connection, body: Body) -> None:
    """Let a result be read from this body if the platform stored it earlier than the one it is read from."""
    results, result = tables.results, body.result
    current = next(row for row in _held(connection, result.key) if row.digest == result.digest)
    if (*_rank(result.stored_at), body.body_digest) < (*_rank(current.stored_at), current.body_digest):
        connection.execute(
            update(results)
            .where(results.c.id == current.id)
            .values(raw_id=body.raw_id, stored_at=result.stored_at, is_clock_trusted=result.is_clock_trusted)
        )


def _held(connection: Connection, key: Key) -> Sequence[Any]:
    results, raw = tables.results, tables.raw_records
    query = (
        select(
            results.c.id,
            results.c.stored_at,
            results.c.digest,
            results.c.is_in_series,
            raw.c.body_digest,
            raw.c.body,
        )
        .join(raw, raw.c.id == results.c.raw_id)
        .where(*(results.c[name] == value for name, value in key._asdict().items()))
    )
    return connection.execute(query).all()


def _rank(stored_at: int | None) -> tuple[bool, int]:
    """Sorts by the platform's clock, unknown last."""
    return (stored_at is None, stored_at or 0)
