"""What protects a target's owner less, as somebody proposed it: it waits until somebody else confirms it."""

from types import SimpleNamespace
from typing import Any

import orjson
from sqlalchemy import Connection, func, insert, select

from app.store import tables
from app.store.bulk import next_id
from app.store.catalogue import entry_of, row_of
from measurements.agreements.catalogue import CatalogueEntry
from measurements.agreements.parties import Party
from measurements.agreements.protection import Loosening


def propose(
    connection: Connection, before: CatalogueEntry, after: CatalogueEntry, *, basis: str, at: int, by: int | None,
    party: Party | None,
) -> int:  # fmt: skip
    """Note what is to be said of a target; gives its number. What was proposed of it before waits no longer."""
    number, was = next_id(connection, tables.loosenings), row_of(before)
    said = {name: value for name, value in row_of(after).items() if value != was[name]}
    values = {
        "id": number, "target": before.name, "said": _written(said),
        "before": _written(was), "basis": basis, "proposed_at": at, "proposed_by": by, "party": party,
    }  # fmt: skip
    connection.execute(insert(tables.loosenings).values(values))
    return number


def find_waiting(connection: Connection) -> dict[str, Loosening]:
    """What waits, by target: the last that was proposed of each, where nobody has confirmed it."""
    column = tables.loosenings.c
    last = select(func.max(column.id)).group_by(column.target)
    rows = connection.execute(select(tables.loosenings).where(column.id.in_(last), column.confirmed_at.is_(None)))
    return {row.target: _loosening(row) for row in rows}


def confirm(connection: Connection, number: int, at: int, designation_id: int) -> None:
    """Note that somebody confirmed it. The database aborts it where that is of the party that proposed it."""
    table = tables.loosenings
    connection.execute(
        table.update().where(table.c.id == number).values(confirmed_at=at, designation_id=designation_id)
    )


def _loosening(row: Any) -> Loosening:
    before = orjson.loads(row.before)
    after = before | orjson.loads(row.said)
    return Loosening(
        row.id, _entry(before), _entry(after), row.basis, row.proposed_at, row.proposed_by,
        None if row.party is None else Party(row.party),
    )  # fmt: skip


def _entry(row: dict[str, Any]) -> CatalogueEntry:
    return entry_of(SimpleNamespace(**row), row["looked_at"])


def _written(row: dict[str, Any]) -> str:
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode()
