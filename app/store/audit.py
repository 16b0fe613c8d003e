"""The audit trail: appended in the caller's unit of work, so that an act and its entry are one; and read."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, LargeBinary, Row, Select, cast, select
from sqlalchemy.sql.elements import ColumnElement

from app.store import tables
from app.store.types import String
from measurements.agreements.audit import GENESIS, Act, Deed, Entry, Subject, enter

WALK = 1_000
"""Entries read at once where all are wanted, so that memory stays flat however many there are."""


class Wanted(NamedTuple):
    """Which entries; None and no number for all."""

    subject: Subject | None = None
    act: Act | None = None
    from_at: int | None = None
    to_at: int | None = None
    """Exclusive."""


ALL = Wanted()


class Tip(NamedTuple):
    """Where the chain ends."""

    n_entries: int
    head: str
    """The hash of the last entry."""


def append(connection: Connection, deed: Deed) -> Entry:
    """Write what was done behind the last entry, inside the caller's unit of work, which must be one that writes.

    Writers queue, so a chain has no forks and no gaps; the database aborts whatever would make one.
    """
    tip = find_tip(connection)
    entry = enter(deed, tip.n_entries + 1, tip.head)
    connection.execute(tables.audit_entries.insert().values(entry._asdict()))
    return entry


def find_tip(connection: Connection) -> Tip:
    """The end of the chain; of an empty one no entries and what the first one will name."""
    column = tables.audit_entries.c
    last = connection.execute(select(column.number, column.hash).order_by(column.number.desc()).limit(1)).first()
    return Tip(0, GENESIS) if last is None else Tip(last.number, last.hash)


def entries(
    connection: Connection,
    wanted: Wanted = ALL,
    *,
    beyond: int | None = None,
    limit: int = WALK,
    is_newest_first: bool = False,
) -> list[Entry]:
    """At most `limit` entries in the order of their numbers, or the newest first; those `beyond` a number."""
    number = tables.audit_entries.c.number
    query = _query(connection, wanted).order_by(number.desc() if is_newest_first else number).limit(limit)
    if beyond is not None:
        query = query.where(number < beyond if is_newest_first else number > beyond)
    return [_entry(row) for row in connection.execute(query)]


def walk_entries(
    connection: Connection, wanted: Wanted = ALL, *, beyond: int | None = None, is_newest_first: bool = False
) -> Iterator[Entry]:
    """All of them."""
    page = entries(connection, wanted, beyond=beyond, is_newest_first=is_newest_first)
    while page:
        yield from page
        page = entries(connection, wanted, beyond=page[-1].number, is_newest_first=is_newest_first)


def find_entry(connection: Connection, number: int) -> Entry | None:
    """One entry."""
    row = connection.execute(_query(connection, ALL).where(tables.audit_entries.c.number == number)).first()
    return None if row is None else _entry(row)


def _query(connection: Connection, wanted: Wanted) -> Select[Any]:
    column = tables.audit_entries.c
    query = select(*(_as_held(connection, column[name]) for name in Entry._fields))
    if wanted.subject is not None:
        query = query.where(
            column.subject_kind == wanted.subject.kind.value, column.subject_id == str(wanted.subject.id)
        )
    if wanted.act is not None:
        query = query.where(column.act == wanted.act.value)
    if wanted.from_at is not None:
        query = query.where(column.at >= wanted.from_at)
    return query if wanted.to_at is None else query.where(column.at < wanted.to_at)


def _as_held(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """SQLite may hold text that is none, and its driver would give up on it instead of showing it."""
    is_text = connection.dialect.name == "sqlite" and column.type is String
    return cast(column, LargeBinary) if is_text else column


def _entry(row: Row[Any]) -> Entry:
    return Entry._make(_text(value) if isinstance(value, bytes) else value for value in row)


def _text(value: bytes) -> str:
    """Bytes that are no UTF-8 become lone surrogates, so that no two texts are read alike."""
    return value.decode("utf-8", "surrogateescape")
