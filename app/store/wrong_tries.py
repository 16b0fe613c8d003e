"""Counts wrong keys, per key and per address, so that whoever guesses is locked out of every process at once."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, and_, func, or_, select

from app.store import tables
from app.store.bulk import replace_rows

COLUMNS = ("kind", "subject", "since_at", "n_tries", "locked_until_at")


class Kind(StrEnum):
    """What tries are counted by."""

    KEY = "key"
    ADDRESS = "address"


class Subject(NamedTuple):
    """What is locked out after too many tries."""

    kind: Kind
    name: str


class Limit(NamedTuple):
    """How many wrong tries there may be in how long a time, and for how long it is closed then."""

    n_tries: int
    within_s: int
    locked_s: int


def locked_until(connection: Connection, subjects: Iterable[Subject], now_at: int) -> int | None:
    """Until when the longest lock on any of these lasts; None where there is none."""
    column = tables.wrong_tries.c
    named = or_(*(and_(column.kind == one.kind.value, column.subject == one.name) for one in subjects))
    query = select(func.max(column.locked_until_at)).where(named, column.locked_until_at > now_at)
    return connection.execute(query).scalar()


def count_wrong_try(connection: Connection, subject: Subject, limit: Limit, now_at: int) -> bool:
    """Count one more; True where this one closes the door. What was counted long ago is forgotten."""
    _forget_old(connection, limit, now_at)
    column = tables.wrong_tries.c
    query = select(column.since_at, column.n_tries, column.locked_until_at)
    held = connection.execute(query.where(column.kind == subject.kind.value, column.subject == subject.name)).first()
    since_at, n_tries, locked_until_at = held or (now_at, 0, None)
    is_closed_now = locked_until_at is None and n_tries + 1 >= limit.n_tries
    if is_closed_now:
        locked_until_at = now_at + limit.locked_s
    row = (subject.kind.value, subject.name, since_at, n_tries + 1, locked_until_at)
    replace_rows(connection, tables.wrong_tries, COLUMNS, [row])
    return is_closed_now


def _forget_old(connection: Connection, limit: Limit, now_at: int) -> None:
    """Also locks that are over, and what a wrong clock counted in the future."""
    column = tables.wrong_tries.c
    is_over = or_(
        column.locked_until_at.is_not(None), column.since_at <= now_at - limit.within_s, column.since_at > now_at
    )
    is_open = or_(column.locked_until_at.is_(None), column.locked_until_at <= now_at)
    connection.execute(tables.wrong_tries.delete().where(is_over, is_open))
