"""Tombstones: what was erased, so that it is told from what never was, and is not kept again."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Row, func, select, text

from app.store import tables
from app.store.bulk import next_id
from measurements.agreements.retention import Level, Tombstone

_COLUMNS = tuple(tables.tombstones.c[name] for name in Tombstone._fields)


def add_tombstone(connection: Connection, tombstone: Tombstone, digests: Sequence[bytes] = ()) -> int:
    """Put one up, with the digests of the records; gives its number."""
    number = next_id(connection, tables.tombstones)
    row = {"id": number, **tombstone._asdict(), "digests": b"".join(sorted(digests))}
    connection.execute(tables.tombstones.insert().values(row))
    return number


def list_tombstones(connection: Connection, agreement_id: int | None = None) -> list[Tombstone]:
    """All of them, or those of an agreement, in the order in which they were put up."""
    query = select(*_COLUMNS).order_by(tables.tombstones.c.id)
    if agreement_id is not None:
        query = query.where(tables.tombstones.c.agreement_id == agreement_id)
    return [_tombstone(row) for row in connection.execute(query)]


def newest_tombstones(
    connection: Connection, *, before: int | None = None, limit: int = 100
) -> list[tuple[int, Tombstone]]:
    """At most `limit` of them with their numbers, the last one first; those before a number."""
    column = tables.tombstones.c
    query = select(column.id, *_COLUMNS).order_by(column.id.desc()).limit(limit)
    if before is not None:
        query = query.where(column.id < before)
    return [(row[0], _tombstone(row[1:])) for row in connection.execute(query)]


def find_erased_until(
    connection: Connection, atlas_ids: Iterable[int], level: Level = Level.PROBE_LEVEL
) -> dict[tuple[str, int], int]:
    """Label and Atlas's number -> before which instant everything was erased; of measurements with a tombstone."""
    column = tables.tombstones.c
    query = (
        select(column.label, column.atlas_id, func.max(column.until_at))
        .where(column.atlas_id.in_(list(atlas_ids)), column.level == level)
        .group_by(column.label, column.atlas_id)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def find_tombstones_of(connection: Connection, digest: bytes) -> list[Tombstone]:
    """Under which agreement a record was erased, by the sixteen bytes of its digest; none where it was not."""
    is_in = "position(:digest in digests)" if connection.dialect.name == "postgresql" else "instr(digests, :digest)"
    query = select(*_COLUMNS, tables.tombstones.c.digests).where(text(f"{is_in} > 0").bindparams(digest=digest))
    found = connection.execute(query.order_by(tables.tombstones.c.id)).all()
    return [_tombstone(row[:-1]) for row in found if _holds(bytes(row[-1]), digest)]


def _holds(digests: bytes, digest: bytes) -> bool:
    """Whether it is one of them, and not made of the end of one and the beginning of the next."""
    return any(digests[at : at + len(digest)] == digest for at in range(0, len(digests), len(digest)))


def _tombstone(row: "Row[tuple[object, ...]] | Sequence[object]") -> Tombstone:
    return Tombstone._make(row)
