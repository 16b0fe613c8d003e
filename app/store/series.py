"""Gives series their numbers."""

from collections.abc import Iterable

from sqlalchemy import Connection

from app.store import tables
from app.store.bulk import insert_rows, next_id
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

    Each use first reads those that are new since the last one, whoever added them. Numbers of a unit of work that
    is rolled back would stay: an error ends the operation, and this object with it.
    """

    def __init__(self) -> None:
        self._known: dict[SeriesKey, int] = {}
        self._last = 0

    def of(
        self, connection: Connection, results: Iterable[ResultRow], data_class: DataClass = DataClass.PUBLIC
    ) -> dict[SeriesKey, int]:
        """The numbers of the series that the results' samples belong to; new series are inserted."""
        wanted = {series_key(result, sample): None for result in results for sample in result.samples}
        if wanted:
            self._refresh(connection)
        missing = [key for key in wanted if key not in self._known]
        if not missing:
            return self._known
        first = next_id(connection, tables.series)
        fresh = {key: first + i for i, key in enumerate(missing)}
        rows = [(number, key[0], data_class.value, *key[1:]) for key, number in fresh.items()]
        insert_rows(connection, tables.series, COLUMNS, rows)
        return self._known | fresh

    def _refresh(self, connection: Connection) -> None:
        found = connection.exec_driver_sql(
            "SELECT id, label, atlas_id, type, target, address_family, protocol FROM series "
            f"WHERE id > {self._last} ORDER BY id"
        )
        for number, label, atlas_id, type_, target, address_family, protocol in found:
            self._known[label, atlas_id, type_, target, address_family, protocol] = number
            self._last = number
