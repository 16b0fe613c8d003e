"""Keeps what was delivered, verbatim, and every delivery of it, before anything is made of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, select

from app.store import tables
from app.store.bulk import Row, insert_missing, insert_rows, next_id, stage_rows
from app.store.records import Record
from measurements.results.outcome import DataClass, RecordStatus

_READ = slice(Record._fields.index("status"), Record._fields.index("result"))
FIELDS = Record._fields[_READ]
"""What was read of a record: functions of its bytes and of the version that read them."""
COLUMNS = ("id", "label", "data_class", "agreement_id", "retrieved_at", "body_digest", "body", *FIELDS)
AT_ONCE = 500
DELIVERY_COLUMNS = ("raw_id", "source_id", "retrieved_at")
Identity = tuple[bytes, str]
"""A body: its digest, and the label under which it is held."""


class Delivery(NamedTuple):
    """From where and when a batch came, and as what it may be held."""

    source_id: int
    retrieved_at: int
    data_class: DataClass = DataClass.PUBLIC
    agreement_id: int | None = None
    """Under which it was measured; None where it was under none."""
    is_repeating: bool = False
    """Whether the source is asked for the same again and again, as the platform is: only the first time is noted."""


class Kept(NamedTuple):
    """A record whose body is in the database."""

    raw_id: int
    record: Record
    retrieved_at: int
    data_class: str
    agreement_id: int | None


class Arrival(NamedTuple):
    """What a batch brought."""

    unused: list[Kept]
    """Bodies that nothing was made of so far: new ones, and ones that an older version could not read."""
    by_status: Counter[str]
    """All records of the batch, by the status of their bodies."""
    by_reason: Counter[str]
    """The quarantined ones among them, by reason."""
    tightened: Mapping[str, list[int]]
    """Results, by number, that are held under a stricter data class or an agreement from now on; by their class."""


class _Held(NamedTuple):
    id: int
    data_class: str
    agreement_id: int | None
    retrieved_at: int
    fields: tuple[Any, ...]

    @property
    def is_in_use(self) -> bool:
        return bool(self.fields[0] == RecordStatus.KEPT)

    def held_as(self, delivery: Delivery) -> tuple[str, int | None]:
        """Under which data class and agreement it is held after a delivery."""
        stricter = max(DataClass(self.data_class), delivery.data_class, key=lambda each: each.strictness).value
        return stricter, self.agreement_id if delivery.agreement_id is None else delivery.agreement_id


def source_number(connection: Connection, kind: str, name: str) -> int:
    """The number of a source, given to it now if it is new."""
    query = tables.sources.select().where(tables.sources.c.kind == kind, tables.sources.c.name == name)
    if found := connection.execute(query).first():
        return int(found.id)
    number = next_id(connection, tables.sources)
    connection.execute(tables.sources.insert().values(id=number, kind=kind, name=name))
    return number


def write_raw(connection: Connection, records: Sequence[Record], delivery: Delivery) -> Arrival:
    """Keep every body that is not kept yet, and note the delivery of all of them.

    A body in use stays as it is until `rasad reparse`. One that is not is judged by what this version reads in it.
    A body that was delivered under several data classes is held under the strictest of them.
    """
    held = _held(connection, records)
    distinct = {(record.body_digest, record.label): record for record in records}
    new = _insert_new(connection, [record for identity, record in distinct.items() if identity not in held], delivery)
    known = _delivered_before(connection, held.values(), delivery) if delivery.is_repeating else frozenset()
    again = [(row.id, delivery.source_id, delivery.retrieved_at) for row in held.values() if row.id not in known]
    insert_missing(connection, tables.deliveries, DELIVERY_COLUMNS, again)
    tightened = _tighten(connection, held.items(), delivery)
    put_aside = [(row, distinct[identity]) for identity, row in held.items() if not row.is_in_use]
    update_fields(connection, ((row.id, row.fields, record) for row, record in put_aside))
    readable = [
        Kept(row.id, record, row.retrieved_at, *row.held_as(delivery))
        for row, record in put_aside
        if record.status == RecordStatus.KEPT
    ]
    return _arrival([*new, *readable], records, held, tightened)


def _delivered_before(connection: Connection, held: Iterable[_Held], delivery: Delivery) -> frozenset[int]:
    """Which of these bodies the same source has delivered before."""
    column = tables.deliveries.c
    numbers = sorted(row.id for row in held)
    found: set[int] = set()
    for start in range(0, len(numbers), AT_ONCE):
        query = select(column.raw_id).where(column.source_id == delivery.source_id)
        query = query.where(column.raw_id.in_(numbers[start : start + AT_ONCE]))
        found.update(connection.execute(query).scalars())
    return frozenset(found)


def fields_of(record: Record) -> tuple[Any, ...]:
    """The values of FIELDS."""
    values: Row = record
    return values[_READ]


def update_fields(connection: Connection, readings: Iterable[tuple[int, tuple[Any, ...], Record]]) -> Counter[str]:
    """Note what is read in bodies now, given (number, fields as held, record); only where it differs.

    Counts the ones that differ by `status before>status now`.
    """
    changed: Counter[str] = Counter()
    rows = []
    for raw_id, before, record in readings:
        now = fields_of(record)
        if now != before:
            changed[f"{before[0]}>{record.status}"] += 1
            rows.append({"number": raw_id, **dict(zip(FIELDS, now, strict=True))})
    if rows:
        raw = tables.raw_records
        connection.execute(raw.update().where(raw.c.id == bindparam("number")), rows)
    return changed


def _insert_new(connection: Connection, records: Sequence[Record], delivery: Delivery) -> list[Kept]:
    first = next_id(connection, tables.raw_records)
    held_as = delivery.retrieved_at, delivery.data_class.value, delivery.agreement_id
    new = [Kept(first + i, record, *held_as) for i, record in enumerate(records)]
    insert_rows(connection, tables.raw_records, COLUMNS, [_row(*item) for item in new])
    delivered = [(item.raw_id, delivery.source_id, delivery.retrieved_at) for item in new]
    insert_rows(connection, tables.deliveries, DELIVERY_COLUMNS, delivered)
    return new


def _row(raw_id: int, record: Record, retrieved_at: int, data_class: str, agreement_id: int | None) -> Row:
    read = fields_of(record)
    return (raw_id, record.label, data_class, agreement_id, retrieved_at, record.body_digest, record.body, *read)


def _held(connection: Connection, records: Sequence[Record]) -> dict[Identity, _Held]:
    rows = [(record.body_digest, record.label) for record in records]
    staged = stage_rows(connection, "staged_bodies", "raw_records", ("body_digest", "label"), rows)
    found = connection.exec_driver_sql(
        "SELECT raw.body_digest, raw.label, raw.id, raw.data_class, raw.agreement_id, raw.retrieved_at, "
        + ", ".join(f"raw.{name}" for name in FIELDS)
        # CROSS: read the short side first
        + f" FROM {staged} AS staged CROSS JOIN raw_records AS raw "
        "WHERE raw.body_digest = staged.body_digest AND raw.label = staged.label"
    )
    return {(row[0], row[1]): _Held(row[2], row[3], row[4], row[5], tuple(row[6:])) for row in found}


def _arrival(
    unused: list[Kept], records: Sequence[Record], held: Mapping[Identity, _Held], tightened: Mapping[str, list[int]]
) -> Arrival:
    by_status: Counter[str] = Counter()
    by_reason: Counter[str] = Counter()
    for record in records:
        row = held.get((record.body_digest, record.label)) if held else None
        if row is not None and row.is_in_use:
            by_status[RecordStatus.KEPT] += 1
            continue
        by_status[record.status] += 1
        if record.reason is not None:
            by_reason[record.reason] += 1
    return Arrival(unused, by_status, by_reason, tightened)


def _tighten(
    connection: Connection, held: Iterable[tuple[Identity, _Held]], delivery: Delivery
) -> dict[str, list[int]]:
    """Hold bodies, and the results read from them, under a stricter data class or an agreement.

    Gives those results by the class under which they are held now: it may be stricter than that of the delivery.
    """
    keys = ("atlas_id", "probe_id", "measured_at")
    found = [(row, label, row.held_as(delivery)) for (_, label), row in held]
    changed = [(row, label, now) for row, label, now in found if now != (row.data_class, row.agreement_id)]
    if not changed:
        return {}
    raw, results = tables.raw_records, tables.results
    _hold_as(connection, raw, [(row.id, now) for row, _, now in changed])
    # by its key: there is no index that leads from a body to its result
    rows = [(row.id, *(row.fields[FIELDS.index(name)] for name in keys), label) for row, label, _ in changed]
    staged = stage_rows(connection, "staged_tightened", "results", ("raw_id", *keys, "label"), rows)
    same = " AND ".join(f"held.{name} = staged.{name}" for name in ("raw_id", *keys, "label"))
    numbers = connection.exec_driver_sql(
        f"SELECT held.id, held.raw_id FROM {staged} AS staged CROSS JOIN results AS held WHERE {same}"
    ).all()
    held_as = {row.id: now for row, _, now in changed}
    _hold_as(connection, results, [(number, held_as[raw_id]) for number, raw_id in numbers])
    by_class: dict[str, list[int]] = {}
    for number, raw_id in numbers:
        by_class.setdefault(held_as[raw_id][0], []).append(number)
    return by_class


def _hold_as(connection: Connection, table: Table, rows: Sequence[tuple[int, tuple[str, int | None]]]) -> None:
    changes = [{"number": number, "class": each[0], "agreement": each[1]} for number, each in rows]
    if changes:
        values: dict[str, Any] = {"data_class": bindparam("class"), "agreement_id": bindparam("agreement")}
        connection.execute(table.update().where(table.c.id == bindparam("number")).values(values), changes)
