"""Keys of people: what is held of one is its digest, never the key."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, Row, Select, or_, select

from app.store import tables
from app.store.bulk import insert_rows, next_id
from measurements.agreements.people import Scope

COLUMNS = ("id", "person_id", "name", "prefix", "digest", "scopes", "issued_at", "expires_at")


class HeldKey(NamedTuple):
    """What is known of a key. Instants are seconds since the epoch, UTC."""

    key_id: int
    person_id: int
    name: str
    prefix: str
    """How it begins, by which people tell keys apart."""
    digest: bytes
    scopes: frozenset[Scope]
    issued_at: int
    expires_at: int
    last_used_at: int | None
    """To the minute."""
    revoked_at: int | None


def next_key_id(connection: Connection) -> int:
    """The number that the next key will have."""
    return next_id(connection, tables.keys)


def add_key(connection: Connection, key: HeldKey) -> None:
    """Keep what is known of a new key."""
    row = (
        key.key_id, key.person_id, key.name, key.prefix, key.digest, " ".join(sorted(key.scopes)), key.issued_at,
        key.expires_at,
    )  # fmt: skip
    insert_rows(connection, tables.keys, COLUMNS, [row])


def find_key(connection: Connection, key_id: int) -> HeldKey | None:
    """A key by number, whether or not it can still be used."""
    row = connection.execute(_query().where(tables.keys.c.id == key_id)).first()
    return None if row is None else _key(row)


def keys_of(connection: Connection, person_ids: Iterable[int]) -> list[HeldKey]:
    """The keys of people, by number."""
    query = _query().where(tables.keys.c.person_id.in_(list(person_ids))).order_by(tables.keys.c.id)
    return [_key(row) for row in connection.execute(query)]


def revoke_key(connection: Connection, key_id: int, now_at: int) -> None:
    """From now on nobody can use it. One that was revoked stays revoked since then."""
    column = tables.keys.c
    revoked = tables.keys.update().where(column.id == key_id, column.revoked_at.is_(None))
    connection.execute(revoked.values(revoked_at=now_at))


def note_use(connection: Connection, key_id: int, now_at: int, every_s: int) -> None:
    """Note that a key is used, unless that was noted a moment ago."""
    column = tables.keys.c
    is_due = or_(column.last_used_at.is_(None), column.last_used_at <= now_at - every_s)
    connection.execute(tables.keys.update().where(column.id == key_id, is_due).values(last_used_at=now_at))


def _query() -> Select[tuple[object, ...]]:
    return select(tables.keys)


def _key(row: Row[tuple[object, ...]]) -> HeldKey:
    held = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    values = {name: held[name] for name in HeldKey._fields if name not in ("key_id", "scopes")}
    return HeldKey(key_id=held["id"], scopes=frozenset(map(Scope, held["scopes"].split())), **values)
