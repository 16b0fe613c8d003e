"""Builds everything anew from the raw records, in one unit of work, and tells what came out different.

What was derived before is set aside in temporary tables; results and series keep their numbers.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.store import tables
from app.store.bins import BinKey, rebuild
from app.store.bulk import next_id
from app.store.raw import FIELDS as RAW_FIELDS
from app.store.raw import Kept, update_fields
from app.store.records import Key, Record
from app.store.results import Identity, Numbering, find_by_key, write_results
from app.store.samples import bins_of_samples
from app.store.series import SeriesNumbers, remove_empty_series

DERIVED = ("bins", "samples", "results")
"""Children first."""
_ERASED = "SELECT id FROM raw_records WHERE length(body) = 0"
_STAYING = f"SELECT id FROM results WHERE raw_id IN ({_ERASED})"
RESULT_FIELDS = (
    "raw_id", "data_class", "agreement_id", "retrieved_at", "stored_at", "type", "target", "destination",
    "address_family", "protocol", "outcome", "is_clock_trusted", "is_datable", "is_conflict", "is_in_series",
)  # fmt: skip
SAMPLE_KEY = ("series_id", "probe_id", "measured_at", "result_id", "ordinal")
SAMPLE_FIELDS = ("n_sent", "n_received", "n_success", "rtts", "hop_count", "instance")


class RawRow(NamedTuple):
    """A raw record as it is held."""

    id: int
    label: str
    data_class: str
    agreement_id: int | None
    retrieved_at: int
    body: bytes
    fields: tuple[Any, ...]
    """The values of RAW_FIELDS."""


class Aside(NamedTuple):
    """What was set aside: the highest numbers in it."""

    last_result: int
    last_series: int


class Changes(NamedTuple):
    """What a rebuild changed. Counts of rows; `by_field` counts results by the column that differs."""

    n_results_added: int
    n_results_removed: int
    n_series_added: int
    n_series_removed: int
    n_samples_changed: int
    n_bins_changed: int
    by_field: dict[str, int]


def read_raw(connection: Connection, limit: int, *, is_kept_too: bool = True) -> Iterator[list[RawRow]]:
    """All raw records in order of their number, `limit` at a time; or only those that are not in use.

    Those that were erased as their agreement says have nothing left to be read.
    """
    last = 0
    only = " AND length(body) > 0" if is_kept_too else " AND status = 'quarantined'"
    while True:
        found = connection.exec_driver_sql(
            f"SELECT id, label, data_class, agreement_id, retrieved_at, body, {', '.join(RAW_FIELDS)} FROM raw_records "
            f"WHERE id > {last}{only} ORDER BY id LIMIT {limit}"
        ).all()
        if not found:
            return
        last = found[-1][0]
        yield [raw_row(*row) for row in found]


def raw_row(
    number: int, label: str, data_class: str, agreement_id: int | None, retrieved_at: int, body: Any, *fields: Any
) -> RawRow:
    """A raw record of its columns, in whatever way the database gives bytes."""
    return RawRow(number, label, data_class, agreement_id, retrieved_at, bytes(body), _plain(fields))


def set_aside(connection: Connection) -> Aside:
    """Keep what was derived for comparison, and empty the tables it was in but for what cannot be derived again.

    What was read of raw records that were erased since stays as it is.
    """
    for name in DERIVED:
        connection.exec_driver_sql(f"CREATE TEMPORARY TABLE before_{name} AS SELECT * FROM {name}")
    connection.exec_driver_sql(
        "CREATE INDEX ix_before_results ON before_results (atlas_id, probe_id, measured_at, label, digest)"
    )
    aside = Aside(_last(connection, "results"), _last(connection, "series"))
    connection.exec_driver_sql("DELETE FROM bins")
    connection.exec_driver_sql(f"DELETE FROM samples WHERE result_id NOT IN ({_STAYING})")
    connection.exec_driver_sql(f"DELETE FROM results WHERE raw_id NOT IN ({_ERASED})")
    rebuild(connection, bins_of_samples(connection))
    return aside


def replay(
    connection: Connection, rows: Sequence[RawRow], records: Sequence[Record], series: SeriesNumbers, aside: Aside
) -> Counter[str]:
    """Derive everything from some raw records again; gives what of the records themselves is read differently."""
    changed = update_raw(connection, rows, records)
    take_in(connection, rows, records, series, Numbering(_ids_before(connection, records), aside.last_result))
    return changed


def update_raw(connection: Connection, rows: Sequence[RawRow], records: Sequence[Record]) -> Counter[str]:
    """Note what is read differently in the raw records; counts them by `status before>status now`."""
    return update_fields(connection, ((row.id, row.fields, record) for row, record in zip(rows, records, strict=True)))


def take_in(
    connection: Connection,
    rows: Sequence[RawRow],
    records: Sequence[Record],
    series: SeriesNumbers,
    before: Numbering | None = None,
) -> None:
    """Derive everything from some raw records that nothing is derived from yet."""
    kept = [
        Kept(row.id, record, row.retrieved_at, row.data_class, row.agreement_id)
        for row, record in zip(rows, records, strict=True)
    ]
    write_results(connection, kept, series, before)


def finish(connection: Connection, aside: Aside) -> Changes:
    """Remove the series that no sample belongs to any more, say what changed, and drop what was set aside."""
    n_removed = remove_empty_series(connection)
    changes = _compare(connection, _count(connection, f"series WHERE id > {aside.last_series}"), n_removed)
    for name in DERIVED:
        connection.exec_driver_sql(f"DROP TABLE before_{name}")
    return changes


def _compare(connection: Connection, n_series_added: int, n_series_removed: int) -> Changes:
    identity = _equal(*Key._fields, "digest")
    both = f"results AS a JOIN before_results AS b ON {identity}"
    by_field = {name: _count(connection, f"{both} WHERE {_differs(name)}") for name in RESULT_FIELDS}
    bin_fields = [column.name for column in tables.bins.columns if not column.primary_key]
    return Changes(
        n_results_added=_count(connection, f"results AS a WHERE {_is_missing('before_results AS b', identity)}"),
        n_results_removed=_count(connection, f"before_results AS b WHERE {_is_missing('results AS a', identity)}"),
        n_series_added=n_series_added,
        n_series_removed=n_series_removed,
        n_samples_changed=_n_changed(connection, "samples", _equal(*SAMPLE_KEY), SAMPLE_FIELDS),
        n_bins_changed=_n_changed(connection, "bins", _equal(*BinKey._fields), bin_fields),
        by_field={name: n for name, n in by_field.items() if n},
    )


def _n_changed(connection: Connection, table: str, key: str, fields: Sequence[str]) -> int:
    differs = " OR ".join(map(_differs, fields))
    return (
        _count(connection, f"{table} AS a JOIN before_{table} AS b ON {key} WHERE {differs}")
        + _count(connection, f"{table} AS a WHERE {_is_missing(f'before_{table} AS b', key)}")
        + _count(connection, f"before_{table} AS b WHERE {_is_missing(f'{table} AS a', key)}")
    )


def _equal(*names: str) -> str:
    return " AND ".join(f"a.{name} = b.{name}" for name in names)


def _differs(name: str) -> str:
    return f"a.{name} IS DISTINCT FROM b.{name}"


def _is_missing(table: str, condition: str) -> str:
    return f"NOT EXISTS (SELECT 1 FROM {table} WHERE {condition})"


def _count(connection: Connection, rest: str) -> int:
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {rest}").scalar_one())


def _last(connection: Connection, table: str) -> int:
    return next_id(connection, tables.metadata.tables[table]) - 1


def _ids_before(connection: Connection, records: Sequence[Record]) -> dict[Identity, int]:
    keys = [record.result.key for record in records if record.result is not None]
    return {(key, digest): number for key, digest, number in find_by_key(connection, "before_results", keys)}


def _plain(values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(bytes(value) if isinstance(value, memoryview) else value for value in values)
