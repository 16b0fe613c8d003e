"""Gives series their numbers."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, select

from app.store import tables
from app.store.bulk import insert_rows, next_id, stage_rows
from app.store.records import ResultRow, SampleRow

COLUMNS = ("id", "label", "data_class", "atlas_id", "type", "target", "address_family", "protocol")
SeriesKey = tuple[str, str, int, str, str, int, str]
"""Label, data class, atlas_id, type, target, address family, protocol."""


def series_key(result: ResultRow, data_class: str, sample: SampleRow) -> SeriesKey:
    """Which series a sample belongs to, of a result that is held under a data class."""
    key = result.key
    return (key.label, data_class, key.atlas_id, result.type, sample.target, sample.address_family, sample.protocol)


class SeriesNumbers:
    """The numbers of series, kept at hand between batches.

    Each use first asks whether the ones at hand are still what they were: another writer may have removed a series
    and given its number to a new one, and a unit of work may have been rolled back.
    """

    def __init__(self) -> None:
        self._known: dict[SeriesKey, int] = {}

    def of(self, connection: Connection, keys: Iterable[SeriesKey]) -> dict[SeriesKey, int]:
        """The numbers of these series; new ones are inserted."""
        wanted = dict.fromkeys(keys)
        if not wanted:
            return {}
        numbers = {key: self._known[key] for key in wanted if key in self._known}
        if self._are_outdated(connection, numbers):
            self._known, numbers = {}, {}
        numbers |= _find(connection, [key for key in wanted if key not in numbers])
        numbers |= _insert(connection, [key for key in wanted if key not in numbers])
        self._known |= numbers
        return numbers

    @staticmethod
    def _are_outdated(connection: Connection, numbers: Mapping[SeriesKey, int]) -> bool:
        return bool(numbers) and _read(connection, numbers.values()) != {n: key for key, n in numbers.items()}


def other_class(connection: Connection, numbers: Collection[int], data_class: str) -> dict[int, SeriesKey]:
    """What series would be named under another data class, by their numbers."""
    return {number: (key[0], data_class, *key[2:]) for number, key in _read(connection, numbers).items()}


def remove_empty_series(connection: Connection, among: Collection[int] | None = None) -> int:
    """Remove series without a sample, all or some, so that which of them exist follows from what is held; how many."""
    some = "" if among is None else f"id IN ({', '.join(map(str, among)) or 'NULL'}) AND "
    without = "NOT EXISTS (SELECT 1 FROM samples WHERE samples.series_id = series.id)"
    return connection.exec_driver_sql(f"DELETE FROM series WHERE {some}{without}").rowcount


def name_agreements(connection: Connection) -> None:
    """Say of series whose measurement was dispatched under an agreement which one it is."""
    series, dispatches = tables.series, tables.dispatches
    of_series = (
        select(dispatches.c.agreement_id)
        .where(dispatches.c.label == series.c.label, dispatches.c.atlas_id == series.c.atlas_id)
        .scalar_subquery()
    )
    statement = series.update().where(series.c.agreement_id.is_(None), of_series.is_not(None))
    connection.execute(statement.values(agreement_id=of_series))


def _insert(connection: Connection, keys: Sequence[SeriesKey]) -> dict[SeriesKey, int]:
    if not keys:
        return {}
    first = next_id(connection, tables.series)
    rows = [(first + i, *key) for i, key in enumerate(keys)]
    insert_rows(connection, tables.series, COLUMNS, rows)
    name_agreements(connection)
    return {key: first + i for i, key in enumerate(keys)}


def _find(connection: Connection, keys: Sequence[SeriesKey]) -> dict[SeriesKey, int]:
    if not keys:
        return {}
    staged = stage_rows(connection, "staged_series", "series", COLUMNS[1:], keys)
    same = " AND ".join(f"held.{name} = staged.{name}" for name in COLUMNS[1:])
    found = connection.exec_driver_sql(
        f"SELECT {', '.join(f'held.{name}' for name in COLUMNS)} "
        # CROSS: read the short side first
        f"FROM {staged} AS staged CROSS JOIN series AS held WHERE {same}"
    )
    return {tuple(row[1:]): row[0] for row in found}


def _read(connection: Connection, numbers: Iterable[int]) -> dict[int, SeriesKey]:
    ids = ", ".join(map(str, numbers))
    found = connection.exec_driver_sql(f"SELECT {', '.join(COLUMNS)} FROM series WHERE id IN ({ids})")
    return {row[0]: tuple(row[1:]) for row in found}
