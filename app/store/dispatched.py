"""Which measurements were dispatched under which version of which agreement."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from app.store import tables
from measurements.results.outcome import Label


class Dispatched(NamedTuple):
    """A measurement on RIPE Atlas that exists because of an agreement."""

    agreement_id: int
    number: int
    """Of the version."""
    label: Label
    atlas_id: int


def list_dispatched(connection: Connection) -> list[Dispatched]:
    """All of them, in order."""
    column = tables.dispatches.c
    query = select(column.agreement_id, column.number, column.label, column.atlas_id)
    found = connection.execute(query.where(column.atlas_id.is_not(None)).order_by(column.agreement_id, column.id))
    return [Dispatched(row[0], row[1], Label(row[2]), row[3]) for row in found]
