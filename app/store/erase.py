"""Erases what was collected by a measurement: its raw records, or all that tells of single probes."""

from array import array
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from app.store.bulk import stage_rows
from app.store.samples import remove_samples
from app.store.tables.raw import FIRST_OWN_ID
from measurements.agreements.retention import Level, day_of
from measurements.results.outcome import Label

Days = Mapping[tuple[int, int], "array[int]"]
"""A day in Dushanbe, its beginning and end -> the numbers of raw records of that day."""
_STORED_HERE = (
    "CASE WHEN raw.stored_at IS NULL OR raw.stored_at > raw.retrieved_at THEN raw.retrieved_at ELSE raw.stored_at END"
)
_DATED = "CASE WHEN held.is_datable THEN raw.measured_at END"
_COUNTS_FROM = f"coalesce({_DATED}, {_STORED_HERE})"
"""As `measurements.agreements.retention.counts_from` says."""
_SAME = " AND ".join(f"held.{name} = raw.{name}" for name in ("atlas_id", "probe_id", "measured_at", "label"))


def find_due(connection: Connection, label: Label, atlas_id: int, level: Level, before: int) -> Days:
    """What of a measurement counts from before an instant and is not erased yet, by the day, the earliest first."""
    # told in words, or SQLite does not see that its index on these alone will do
    own = f"AND raw.atlas_id >= {FIRST_OWN_ID}" if atlas_id >= FIRST_OWN_ID else ""
    with_body = "AND length(raw.body) > 0" if level is Level.RAW else ""
    statement = text(
        f"SELECT raw.id, {_COUNTS_FROM} FROM raw_records AS raw "
        f"LEFT JOIN results AS held ON {_SAME} AND held.digest = raw.digest "
        f"WHERE raw.atlas_id = :atlas_id {own} AND raw.label = :label {with_body} "
        # what was cut off names no measurement, but the answer that it came in does
        f"UNION SELECT raw.id, {_STORED_HERE} FROM raw_records AS raw "
        "JOIN deliveries ON deliveries.raw_id = raw.id JOIN sources ON sources.id = deliveries.source_id "
        "WHERE raw.status <> 'kept' AND raw.atlas_id IS NULL AND raw.label = :label AND sources.name LIKE :name"
    )
    names = {"atlas_id": atlas_id, "label": label.value, "name": f"%/measurements/{atlas_id}/results"}
    found = connection.execute(statement, names)
    days: dict[tuple[int, int], array[int]] = {}
    for raw_id, at in found:
        if at < before:
            days.setdefault(day_of(at), array("q")).append(raw_id)
    return dict(sorted(days.items()))


def erase(connection: Connection, level: Level, raw_ids: Sequence[int]) -> list[bytes]:
    """Erase records that are there still, inside the caller's unit of work; gives their digests.

    Of raw records from which something was read the place stays, without what was in it: results point to it.
    """
    staged = stage_rows(connection, "staged_erased", "raw_records", ("id",), [(number,) for number in raw_ids])
    with_body = "AND length(raw.body) > 0" if level is Level.RAW else ""
    found = connection.exec_driver_sql(
        "SELECT coalesce(raw.digest, raw.body_digest) "
        f"FROM {staged} AS staged CROSS JOIN raw_records AS raw WHERE raw.id = staged.id {with_body}"
    )
    digests = [bytes(digest) for digest in found.scalars()]
    if level is Level.RAW:
        nothing = "''::bytea" if connection.dialect.name == "postgresql" else "x''"
        connection.exec_driver_sql(
            f"UPDATE raw_records SET body = {nothing} WHERE id IN (SELECT id FROM {staged}) AND status = 'kept'"
        )
        connection.exec_driver_sql(
            f"DELETE FROM {staged} WHERE id IN "
            f"(SELECT raw.id FROM {staged} AS s CROSS JOIN raw_records AS raw WHERE raw.id = s.id AND status = 'kept')"
        )
    else:
        results = connection.exec_driver_sql(
            f"SELECT held.id FROM {staged} AS staged CROSS JOIN results AS held WHERE held.raw_id = staged.id"
        )
        result_ids = list(results.scalars())
        remove_samples(connection, result_ids)
        connection.exec_driver_sql(f"DELETE FROM results WHERE raw_id IN (SELECT id FROM {staged})")
    connection.exec_driver_sql(f"DELETE FROM deliveries WHERE raw_id IN (SELECT id FROM {staged})")
    connection.exec_driver_sql(f"DELETE FROM raw_records WHERE id IN (SELECT id FROM {staged})")
    return digests
