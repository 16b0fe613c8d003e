"""The canonical dump of a database: all data in it, sorted, without what two equal histories may differ in.

Left out are surrogate ids and retrieval times. A reference to another row stands as what names that row by its own
nature (its unique constraint), compressed and packed columns stand as what is in them. So the dumps of SQLite and of
PostgreSQL, of an ingest in order and of one that was shuffled, killed and repeated, are equal line by line. Rows that
differ in nothing but when they were retrieved, such as the deliveries of one record by one source, stand once.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Column, Connection, Engine, Table, UniqueConstraint, null, select

from app.store.engine import reading
from app.store.records import unpack_body
from app.store.tables import metadata
from measurements.series.bins import unpack_rtts
from tests.delivering import PARTIES

LEFT_OUT = frozenset({"id", "retrieved_at"})
EXCERPT_BYTES = 160

Natural = dict[str, dict[int, orjson.Fragment]]
"""For each table, what names each surrogate id."""


class Dump(NamedTuple):
    """A database in canonical form: for each table its rows as JSON objects, ascending."""

    tables: Mapping[str, Sequence[str]]

    @property
    def digest(self) -> str:
        """One word that is equal for equal databases."""
        digest = blake2b(digest_size=16)
        for name, lines in self.tables.items():
            digest.update("\n".join([name, *lines, ""]).encode())
        return digest.hexdigest()

    @property
    def counts(self) -> dict[str, int]:
        """Rows per table."""
        return {name: len(lines) for name, lines in self.tables.items()}


def canonical_dump(engine: Engine) -> Dump:
    """Read a whole database from one snapshot. Holds a few hundred bytes per row in memory."""
    natural: Natural = {}
    with reading(engine) as connection:
        tables = {}
        for table in metadata.sorted_tables:  # what is referred to comes first
            if table in PARTIES:
                continue
            lines = _lines(connection.execution_options(yield_per=2_000), table, natural)
            tables[table.name] = sorted(set(lines) if "retrieved_at" in table.primary_key.columns else lines)
    return Dump(tables)


def differences(expected: Dump, found: Dump, limit: int = 4) -> str:
    """What two dumps differ in, for people: some lines of each kind per table; empty when they are equal."""
    return "\n".join(
        text
        for name in expected.tables
        for text in _differences(name, Counter(expected.tables[name]), Counter(found.tables[name]), limit)
    )


def assert_equal(expected: Dump, found: Dump) -> None:
    """Fail with the differences."""
    assert expected.digest == found.digest, differences(expected, found)


def _differences(name: str, expected: Counter[str], found: Counter[str], limit: int) -> Iterator[str]:
    for what, lines in (("missing", expected - found), ("unexpected", found - expected)):
        if lines:
            yield f"{name}: {lines.total()} {what} of {expected.total()}"
            yield from (f"    {line}" for line in sorted(lines)[:limit])


def _lines(connection: Connection, table: Table, natural: Natural) -> Iterator[str]:
    columns = [column for column in table.columns if column.name not in LEFT_OUT]
    names = [str(column.name) for column in columns]
    readers = [(i, reader) for i, column in enumerate(columns) if (reader := _reader(column, natural))]
    named_by = [names.index(name) for name in _named_by(table)]
    known = natural.setdefault(table.name, {})
    surrogate = table.c.id if "id" in table.c else null()
    for number, *values in connection.execute(select(surrogate, *columns)):
        for i, read in readers:
            values[i] = None if values[i] is None else read(values[i])
        if number is not None:
            known[number] = orjson.Fragment(_json([values[i] for i in named_by]))
        yield _json(dict(zip(names, values, strict=True))).decode()


def _json(value: object) -> bytes:
    return orjson.dumps(value, default=bytes.hex)


def _named_by(table: Table) -> list[str]:
    unique = [
        [str(column.name) for column in each.columns]
        for each in table.constraints
        if isinstance(each, UniqueConstraint)
    ]
    return next((names for names in unique if LEFT_OUT.isdisjoint(names)), [])


def _reader(column: "Column[Any]", natural: Natural) -> Callable[[Any], Any] | None:
    """How a value of this column is written down; None for as it is."""
    referred = next((key.column for key in column.foreign_keys), None)
    if referred is not None and referred.name == "id":
        return natural[referred.table.name].__getitem__
    readers: dict[str, Callable[[Any], Any]] = {"rtts": lambda packed: list(unpack_rtts(packed)), "body": _body}
    return readers.get(column.name)


def _body(packed: bytes) -> str:
    """A record as its beginning, for people, and its digest, for certainty."""
    body = unpack_body(packed)
    excerpt = body[:EXCERPT_BYTES].decode("utf-8", "backslashreplace").encode("utf-8", "backslashreplace").decode()
    return f"{blake2b(body, digest_size=16).hexdigest()} {len(body)} {excerpt}"
