"""Writes batches of records: raw first, then results, samples and bins, all in one unit of work.

The same records in any order, in any batches, from any number of processes leave the same rows behind.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from app.store import tables
from app.store.bulk import Row, insert_missing, insert_rows, next_id, stage_rows
from app.store.conflicts import Body, settle
from app.store.records import Key, Record, ResultRow
from app.store.samples import write_samples
from app.store.series import SeriesNumbers
from measurements.results.outcome import DataClass
from measurements.results.reading import RecordStatus

RAW_COLUMNS = (
    "id", "label", "data_class", "retrieved_at", "body_digest", "body", "status", "reason", "detail",
    "type", "atlas_id", "probe_id", "measured_at", "stored_at", "digest",
)  # fmt: skip
RESULT_COLUMNS = (
    "id", "raw_id", "label", "data_class", "retrieved_at", "atlas_id", "probe_id", "measured_at", "stored_at",
    "digest", "type", "target", "destination", "address_family", "protocol", "outcome", "is_clock_trusted",
    "is_conflict", "is_in_series",
)  # fmt: skip
Identity = tuple[Key, bytes]
"""A result: what names it, and the digest of what it says."""
DELIVERY_COLUMNS = ("raw_id", "source_id", "retrieved_at")


class Delivery(NamedTuple):
    """From where and when a batch came, and as what it may be held."""

    source_id: int
    retrieved_at: int
    data_class: DataClass = DataClass.PUBLIC


class Tally(NamedTuple):
    """What became of a batch: `read = kept + duplicate + quarantined + unsupported`."""

    kept: int
    duplicate: int
    quarantined: int
    unsupported: int


class Kept(NamedTuple):
    """A record whose body is in the database."""

    raw_id: int
    record: Record
    retrieved_at: int
    data_class: str


def source_number(connection: Connection, kind: str, name: str) -> int:
    """The number of a source, given to it now if it is new."""
    query = tables.sources.select().where(tables.sources.c.kind == kind, tables.sources.c.name == name)
    if found := connection.execute(query).first():
        return int(found.id)
    number = next_id(connection, tables.sources)
    connection.execute(tables.sources.insert().values(id=number, kind=kind, name=name))
    return number


def write_batch(connection: Connection, records: Sequence[Record], delivery: Delivery, series: SeriesNumbers) -> Tally:
    """Write one batch inside the caller's unit of work and say what became of it."""
    kept = write_results(connection, _write_raw(connection, records, delivery), series)
    by_status = Counter(record.status for record in records)
    return Tally(
        kept=kept,
        duplicate=by_status[RecordStatus.KEPT] - kept,
        quarantined=by_status[RecordStatus.QUARANTINED],
        unsupported=by_status[RecordStatus.UNSUPPORTED],
    )


def _write_raw(connection: Connection, records: Sequence[Record], delivery: Delivery) -> list[Kept]:
    """Keep every body that is not kept yet, and note the delivery of all of them."""
    numbers = _known_bodies(connection, records)
    is_all_new = not numbers
    number = next_id(connection, tables.raw_records)
    data_class = delivery.data_class.value
    new: list[Kept] = []
    for record in records:
        identity = (record.body_digest, record.label)
        if identity not in numbers:
            numbers[identity] = number
            new.append(Kept(number, record, delivery.retrieved_at, data_class))
            number += 1
    insert_rows(connection, tables.raw_records, RAW_COLUMNS, [_raw_row(item) for item in new])
    delivered = [(raw_id, delivery.source_id, delivery.retrieved_at) for raw_id in numbers.values()]
    insert = insert_rows if is_all_new else insert_missing
    insert(connection, tables.deliveries, DELIVERY_COLUMNS, delivered)
    return new


def _known_bodies(connection: Connection, records: Sequence[Record]) -> dict[tuple[bytes, str], int]:
    rows = [(record.body_digest, record.label) for record in records]
    staged = stage_rows(connection, "staged_bodies", "raw_records", ("body_digest", "label"), rows)
    found = connection.exec_driver_sql(
        "SELECT raw.body_digest, raw.label, raw.id "
        # CROSS: read the short side first
        f"FROM {staged} AS staged CROSS JOIN raw_records AS raw "
        "WHERE raw.body_digest = staged.body_digest AND raw.label = staged.label"
    )
    return {(bytes(digest), label): number for digest, label, number in found}


def _raw_row(item: Kept) -> Row:
    record = item.record
    return (
        item.raw_id, record.label, item.data_class, item.retrieved_at, record.body_digest, record.body,
        record.status, record.reason, record.detail, record.type, record.atlas_id, record.probe_id,
        record.measured_at, record.stored_at, record.digest,
    )  # fmt: skip


def write_results(
    connection: Connection,
    kept: Sequence[Kept],
    series: SeriesNumbers,
    known_ids: Mapping[Identity, int] | None = None,
) -> int:
    """Write the results among records; gives how many of them nobody had delivered before.

    A result found in `known_ids` gets the number it has there, so that a rebuild changes no number.
    """
    known_ids = known_ids or {}
    readable = [(item, item.record.result) for item in kept if item.record.result is not None]
    held = _held_results(connection, [result for _, result in readable])
    number = max(next_id(connection, tables.results), 1 + max(known_ids.values(), default=0))
    rows: list[Row] = []
    feeding: list[tuple[int, ResultRow]] = []
    contending: list[ResultRow] = []
    unsettled: dict[Key, list[Body]] = {}
    for item, result in readable:
        digests = held.setdefault(result.key, set())
        is_first = not digests
        if not is_first:
            unsettled.setdefault(result.key, []).append(Body(item.raw_id, item.record.body_digest, result))
        if result.digest in digests:
            continue
        digests.add(result.digest)
        result_id = known_ids.get((result.key, result.digest), number)
        number += result_id == number
        rows.append(_result_row(result_id, item, result, is_feeding=is_first))
        if is_first:
            feeding.append((result_id, result))
        else:
            contending.append(result)
    insert_rows(connection, tables.results, RESULT_COLUMNS, rows)
    write_samples(connection, feeding, series)
    series.of(connection, contending)  # whichever of them feeds a series in the end, the same series exist
    for key, bodies in unsettled.items():
        settle(connection, key, bodies, series)
    return len(rows)


def _held_results(connection: Connection, results: Sequence[ResultRow]) -> dict[Key, set[bytes]]:
    held: dict[Key, set[bytes]] = {}
    for key, digest, _ in find_by_key(connection, "results", [result.key for result in results]):
        held.setdefault(key, set()).add(digest)
    return held


def find_by_key(connection: Connection, table: str, keys: Sequence[Key]) -> Iterator[tuple[Key, bytes, int]]:
    """The key, digest and number of all results in a table that have one of the keys."""
    staged = stage_rows(connection, "staged_keys", "results", Key._fields, keys)
    found = connection.exec_driver_sql(
        "SELECT DISTINCT held.atlas_id, held.probe_id, held.measured_at, held.label, held.digest, held.id "
        # CROSS: read the short side first
        f"FROM {staged} AS staged CROSS JOIN {table} AS held "
        "WHERE held.atlas_id = staged.atlas_id AND held.probe_id = staged.probe_id "
        "AND held.measured_at = staged.measured_at AND held.label = staged.label"
    )
    return ((Key(*row[:4]), bytes(row[4]), row[5]) for row in found)


def _result_row(number: int, item: Kept, result: ResultRow, *, is_feeding: bool) -> Row:
    key = result.key
    return (
        number, item.raw_id, key.label, item.data_class, item.retrieved_at, key.atlas_id, key.probe_id,
        key.measured_at, result.stored_at, result.digest, result.type, result.target, result.destination,
        result.address_family, result.protocol, result.outcome, result.is_clock_trusted, not is_feeding, is_feeding,
    )  # fmt: skip
