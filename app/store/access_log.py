"""The log of who read probe-level data: plain and append only. It names people, so only auditors read it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Row, func, select

from app.store import tables
from measurements.agreements.audit import SERVICE


class Access(NamedTuple):
    """Somebody read values of single probes."""

    at: int
    """Seconds since the epoch, UTC."""
    person_id: int | None
    """None for the service itself."""
    what: str
    """Results, samples, a series or an export, as it is called on the wire."""
    filters: Mapping[str, Any]
    """What was asked for."""
    n_rows: int


def log_access(connection: Connection, access: Access) -> int:
    """Write it down, in a unit of work that writes; gives its number."""
    column = tables.access_log.c
    number: int = connection.execute(select(func.coalesce(func.max(column.number), 0) + 1)).scalar_one()
    connection.execute(
        tables.access_log.insert().values(
            number=number,
            at=access.at,
            person=SERVICE if access.person_id is None else str(access.person_id),
            what=access.what,
            filters=orjson.dumps(access.filters, option=orjson.OPT_SORT_KEYS).decode(),
            n_rows=access.n_rows,
        )
    )
    return number


def list_accesses(connection: Connection, *, before: int | None = None, limit: int = 100) -> list[tuple[int, Access]]:
    """At most `limit` of them with their numbers, the newest first; those before a number."""
    column = tables.access_log.c
    query = select(tables.access_log).order_by(column.number.desc()).limit(limit)
    if before is not None:
        query = query.where(column.number < before)
    return [(row.number, _access(row)) for row in connection.execute(query)]


def _access(row: Row[Any]) -> Access:
    person_id = None if row.person == SERVICE else int(row.person)
    return Access(row.at, person_id, row.what, orjson.loads(row.filters), row.n_rows)
