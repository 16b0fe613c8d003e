"""What is held of a dispatch and was measured outside of consent: found, and taken out of results, samples and bins.

Which dispatches were judged by everything that was said is kept as well, so that nothing is looked at twice.
"""

from collections.abc import Collection, Iterable, Sequence

import orjson
from sqlalchemy import Connection

from app.store import tables
from app.store.bulk import next_id, replace_rows, stage_rows
from app.store.dispatches import Dispatch, find_dispatch
from app.store.raw import FIELDS
from app.store.rebuild import RawRow, raw_row, update_raw
from app.store.records import Key, Record
from app.store.results import Numbering, find_by_key
from app.store.samples import remove_samples
from app.store.tables.raw import FIRST_OWN_ID
from measurements.agreements.consent_periods import Period

FACTS = (
    "votes", "suspensions", "suspensions WHERE until_at IS NOT NULL", "withdrawals", "narrowings", "signatures",
    "notices", "rulings", "confirmations", "amendments", "amendment_votes", "catalogue_states", "acceptances",
)  # fmt: skip
"""What consent is worked out from. Rows are added and never changed, but for the end of a suspension."""
_COLUMNS = ", ".join(
    f"raw.{name}" for name in ("id", "label", "data_class", "agreement_id", "retrieved_at", "body", *FIELDS)
)
_SAME = " AND ".join(f"staged.{name} = {{0}}.{name}" for name in Key._fields)


def count_facts(connection: Connection) -> str:
    """How many facts of each kind there are: as long as it says the same, nobody has said anything."""
    counts = ", ".join(f"(SELECT count(*) FROM {what})" for what in FACTS)
    return ".".join(map(str, connection.exec_driver_sql(f"SELECT {counts}").one()))


def find_unchecked(connection: Connection, facts: str) -> list[tuple[Dispatch, str | None]]:
    """The dispatches that bring results and were not judged by these facts yet; when each was covered by the last."""
    rows = connection.exec_driver_sql(
        "SELECT d.id, c.periods FROM dispatches d LEFT JOIN consent_checks c ON c.dispatch_id = d.id "
        f"WHERE d.atlas_id IS NOT NULL AND c.facts IS DISTINCT FROM '{facts}' ORDER BY d.id"
    ).all()
    found = ((find_dispatch(connection, row[0]), row[1]) for row in rows)
    return [(dispatch, periods) for dispatch, periods in found if dispatch is not None]


def note_checked(connection: Connection, facts: str, checked: Iterable[tuple[Dispatch, Collection[Period]]]) -> None:
    """Note by which facts dispatches were judged, and when they were covered as those say."""
    rows = [(dispatch.dispatch_id, facts, written(periods)) for dispatch, periods in checked]
    replace_rows(connection, tables.consent_checks, ("dispatch_id", "facts", "periods"), rows)


def written(periods: Collection[Period]) -> str:
    """Periods as they are noted."""
    return orjson.dumps([list(one) for one in periods]).decode()


def find_suspects(
    connection: Connection, dispatch: Dispatch, periods: Collection[Period], after: int, limit: int
) -> list[RawRow]:
    """Records in use that may have been measured outside of consent, by either clock, in order of their numbers."""
    return _raw(
        connection,
        f"FROM raw_records AS raw WHERE {_of(dispatch)} AND raw.status = 'kept' AND length(raw.body) > 0 "
        f"AND raw.id > {after} AND NOT ({_inside('raw.measured_at', periods)} "
        f"AND coalesce({_inside('raw.stored_at', periods)}, 1 = 0)) ORDER BY raw.id LIMIT {limit}",
    )


def find_outside_erased(connection: Connection, dispatch: Dispatch, periods: Collection[Period]) -> list[int]:
    """The numbers of raw records that were erased as agreed, and what is held of them was measured outside."""
    untrusted = f"NOT held.is_clock_trusted AND NOT coalesce({_inside('held.stored_at', periods)}, 1 = 0)"
    found = connection.exec_driver_sql(
        "SELECT raw.id FROM raw_records AS raw JOIN results AS held ON held.raw_id = raw.id "
        f"WHERE {_of(dispatch)} AND length(raw.body) = 0 "
        f"AND (NOT {_inside('raw.measured_at', periods)} OR ({untrusted}))"
    )
    return list(found.scalars())


def take_apart(connection: Connection, rows: Sequence[RawRow], records: Sequence[Record]) -> list[RawRow]:
    """Note what is read in records now, and take apart what is held under the keys of those that are in use no longer.

    Gives the records that are left under these keys, to be taken in again. What was erased since stays as it is.
    """
    update_raw(connection, rows, records)
    gone = [row for row, record in zip(rows, records, strict=True) if record.result is None]
    staged = stage_rows(connection, "staged_keys", "results", Key._fields, sorted({_key(row) for row in gone}))
    results = connection.exec_driver_sql(
        f"SELECT held.id FROM {staged} AS staged CROSS JOIN results AS held JOIN raw_records AS raw "
        f"ON raw.id = held.raw_id WHERE {_SAME.format('held')} AND length(raw.body) > 0"
    )
    result_ids = list(results.scalars())
    is_own = all(_key(row).atlas_id >= FIRST_OWN_ID for row in gone)
    left = _raw(
        connection,
        f"FROM {staged} AS staged CROSS JOIN raw_records AS raw WHERE raw.atlas_id >= {FIRST_OWN_ID if is_own else 0} "
        f"AND {_SAME.format('raw')} AND raw.status = 'kept' AND length(raw.body) > 0 ORDER BY raw.id",
    )
    remove_samples(connection, result_ids)
    ids = stage_rows(connection, "staged_result_ids", "samples", ("result_id",), [(one,) for one in result_ids])
    connection.exec_driver_sql(f"DELETE FROM results WHERE id IN (SELECT result_id FROM {ids})")
    return left


def numbering_of(connection: Connection, rows: Sequence[RawRow]) -> Numbering:
    """The numbers that the results under the keys of records have, so that what is made anew keeps them."""
    found = find_by_key(connection, "results", sorted({_key(row) for row in rows}))
    return Numbering({(key, digest): number for key, digest, number in found}, next_id(connection, tables.results) - 1)


def _key(row: RawRow) -> Key:
    atlas_id, probe_id, measured_at = (row.fields[FIELDS.index(name)] for name in Key._fields[:3])
    return Key(atlas_id, probe_id, measured_at, row.label)


def _of(dispatch: Dispatch) -> str:
    # told in words, or SQLite does not see that its index on these alone will do
    own = f" AND raw.atlas_id >= {FIRST_OWN_ID}" if (dispatch.atlas_id or 0) >= FIRST_OWN_ID else ""
    return f"raw.atlas_id = {dispatch.atlas_id}{own} AND raw.label = '{dispatch.label.value}'"


def _inside(column: str, periods: Collection[Period]) -> str:
    within = " OR ".join(f"({column} >= {one.from_at} AND {column} < {one.until_at})" for one in periods)
    return f"({within or '1 = 0'})"


def _raw(connection: Connection, rest: str) -> list[RawRow]:
    return [raw_row(*row) for row in connection.exec_driver_sql(f"SELECT {_COLUMNS} {rest}")]
