"""Gives series their numbers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection

from app.store import tables
from app.store.bulk import insert_rows, next_id, stage_rows
from app.store.records import ResultRow, SampleRow
from measurements.results.outcome import DataClass

COLUMNS = ("id", "label", "data_class", "atlas_id", "type", "target", "address_family", "protocol")
SeriesKey = tuple[str, int, str, str, int, str]
"""Label, atlas_id, type, target, address family, protocol."""


def series_key(result: ResultRow, sample: SampleRow) -> SeriesKey:
    """Which series a sample of a result belongs to."""
    key = result.key
    return (key.label, key.atlas_id, result.type, sample.target, sample.address_family, sample.protocol)


class SeriesNumbers:
    """The numbers of all series, kept at hand between batches.

    Each use first reads those that are new since the last one, whoever added them, and then whether the ones it gives
    are still what they were: a reparse beside may have removed some, and a unit of work may have been rolled back.
    """

    def __init__(self) -> None:
        self._known: dict[SeriesKey, int] = {}
        self._last = 0
        self.used: set[int] = set()
        """All numbers given so far."""

    def of(
        self, connection: Connection, results: Iterable[ResultRow], data_class: DataClass = DataClass.PUBLIC
    ) -> dict[SeriesKey, int]:
        """The numbers of the series that the results' samples belong to; new series are inserted."""
        wanted = {series_key(result, sample): None for result in results for sample in result.samples}
        if not wanted:
            return {}
        self._refresh(connection)
        numbers = {key: self._known[key] for key in wanted if key in self._known}
        if self._are_outdated(connection, numbers):
            self._known, self._last = {}, 0
            self._refresh(connection)
            numbers = {key: self._known[key] for key in wanted if key in self._known}
        missing = [key for key in wanted if key not in numbers]
        numbers |= _insert(connection, missing, data_class)
        self.used.update(numbers.values())
        return numbers

    def _refresh(self, connection: Connection) -> None:
        for number, key in _read(connection, f"id > {self._last} ORDER BY id"):
            self._known[key] = number
            self._last = number

    @staticmethod
    def _are_outdated(connection: Connection, numbers: Mapping[SeriesKey, int]) -> bool:
        if not numbers:
            return False
        ids = ", ".join(map(str, numbers.values()))
        return {key: number for number, key in _read(connection, f"id IN ({ids})")} != numbers


def remove_other_series(connection: Connection, used: Iterable[int]) -> int:
    """Remove the series that are not among those in use; gives how many."""
    staged = stage_rows(connection, "staged_series", "series", ("id",), [(number,) for number in used])
    return connection.exec_driver_sql(f"DELETE FROM series WHERE id NOT IN (SELECT id FROM {staged})").rowcount


def _insert(connection: Connection, keys: Sequence[SeriesKey], data_class: DataClass) -> dict[SeriesKey, int]:
    if not keys:
        return {}
    first = next_id(connection, tables.series)
    rows = [(first + i, key[0], data_class.value, *key[1:]) for i, key in enumerate(keys)]
    insert_rows(connection, tables.series, COLUMNS, rows)
    return {key: first + i for i, key in enumerate(keys)}


def _read(connection: Connection, condition: str) -> Iterator[tuple[int, SeriesKey]]:
    found = connection.exec_driver_sql(
        f"SELECT id, label, atlas_id, type, target, address_family, protocol FROM series WHERE {condition}"
    )
    return ((row[0], tuple(row[1:])) for row in found)
