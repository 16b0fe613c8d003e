"""Every row says as what it is held and when it came, itself or by the row that it belongs to."""

from sqlalchemy import Table

from app.store.tables import (
    access_log,
    audit_entries,
    fetched_windows,
    followed,
    metadata,
    owed,
    rechecks,
    sources,
    ticks,
    watermarks,
)
from tests.delivering import PARTIES

OURS = {audit_entries, access_log, sources, followed, watermarks, owed, rechecks, fetched_windows, ticks}
"""Where records came from, and what we intend to do and have done: no data, but our own notes about it."""
SAYS = {"label", "data_class", "agreement_id", "retrieved_at"}


def told_by(table: Table) -> set[str]:
    """What the rows of a table say, they themselves or the rows they refer to."""
    said = {column.name for column in table.columns} & SAYS
    return said.union(*(told_by(key.column.table) for key in table.foreign_keys if key.column.table is not table))


def test_rows_of_every_table_say_as_what_they_are_held_and_when_they_came() -> None:
    """Only our own notes are held as nothing: the records that they are about are."""
    silent = {table.name for table in metadata.sorted_tables if table not in OURS | PARTIES and told_by(table) != SAYS}

    assert silent == {"series", "bins"}  # they have come at many instants, each told by their samples
