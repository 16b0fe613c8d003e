"""Which windows of the past were fetched to their end, so that a backfill can be taken up again."""

from sqlalchemy import Connection, select

from app.store import tables
from app.store.bulk import replace_rows
from measurements.results.outcome import Label

COLUMNS = ("atlas_id", "label", "from_at", "to_at", "probes", "fetched_at")
Key = tuple[int, int, int | None, str]
"""Measurement, beginning, end, digest of the probes."""


def find_fetched(connection: Connection, label: Label) -> set[Key]:
    """The windows that were fetched under a label."""
    column = tables.fetched_windows.c
    query = select(column.atlas_id, column.from_at, column.to_at, column.probes).where(column.label == label.value)
    return {(row[0], row[1], row[2], row[3]) for row in connection.execute(query)}


def save_fetched(connection: Connection, label: Label, key: Key, now_at: int) -> None:
    """Note that a window was fetched."""
    atlas_id, from_at, to_at, probes = key
    replace_rows(connection, tables.fetched_windows, COLUMNS, [(atlas_id, label.value, from_at, to_at, probes, now_at)])
