"""Writes the samples of results that feed the series, and keeps the bins in step."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from app.store import tables
from app.store.bins import BinKey, merge_samples, rebuild
from app.store.bulk import Row, insert_rows, stage_rows
from app.store.records import ResultRow
from app.store.series import SeriesKey, SeriesNumbers, other_class, remove_empty_series, series_key
from measurements.series.bins import BIN_S, bin_start

COLUMNS = (
    "series_id", "probe_id", "measured_at", "result_id", "ordinal", "n_sent", "n_received", "n_success", "rtts",
    "hop_count", "instance",
)  # fmt: skip


class Feeding(NamedTuple):
    """A result that feeds the series, by its number, and the data class under which it is held."""

    number: int
    data_class: str
    result: ResultRow


def write_samples(connection: Connection, feeding: Sequence[Feeding], series: SeriesNumbers) -> None:
    """Write the samples of results that have none yet, and merge them into the bins."""
    keys = (series_key(each.result, each.data_class, sample) for each in feeding for sample in each.result.samples)
    numbers = series.of(connection, keys)
    rows = [row for each in feeding for row in _rows(each, numbers)]
    insert_rows(connection, tables.samples, COLUMNS, rows)
    merge_samples(connection, rows)


def remove_samples(connection: Connection, result_ids: Sequence[int]) -> None:
    """Take results out of the series, and make the bins they were in anew; series that are left empty go."""
    if not result_ids:
        return
    staged, touched = _touched(connection, result_ids)
    connection.exec_driver_sql(f"DELETE FROM samples WHERE result_id IN (SELECT result_id FROM {staged})")
    rebuild(connection, touched)
    remove_empty_series(connection, {key.series_id for key in touched})


def move_samples(connection: Connection, result_ids: Sequence[int], data_class: str, series: SeriesNumbers) -> None:
    """Move the samples of results that are held under another data class now to the series of that one."""
    if not result_ids:
        return
    staged, touched = _touched(connection, result_ids)
    left = {key.series_id for key in touched}
    if not left:
        return
    keys = other_class(connection, left, data_class)
    numbers = series.of(connection, keys.values())
    moved = {number: numbers[key] for number, key in keys.items()}
    for before, now in moved.items():
        connection.exec_driver_sql(
            f"UPDATE samples SET series_id = {now} "
            f"WHERE series_id = {before} AND result_id IN (SELECT result_id FROM {staged})"
        )
    rebuild(connection, touched | {key._replace(series_id=moved[key.series_id]) for key in touched})
    remove_empty_series(connection, left)


def bins_of_samples(connection: Connection) -> set[BinKey]:
    """The bins that the samples held are in."""
    found = connection.exec_driver_sql(
        # whole numbers: what is left over of an hour falls away
        f"SELECT DISTINCT series_id, measured_at / {BIN_S} * {BIN_S}, probe_id FROM samples"
    )
    return {BinKey(*row) for row in found}


def _touched(connection: Connection, result_ids: Sequence[int]) -> tuple[str, set[BinKey]]:
    """The temporary table that the numbers of results are put into, and the bins that these results are in."""
    rows = [(number,) for number in result_ids]
    staged = stage_rows(connection, "staged_result_ids", "samples", ("result_id",), rows)
    found = connection.exec_driver_sql(
        "SELECT samples.series_id, samples.measured_at, samples.probe_id "
        # CROSS: read the short side first
        f"FROM {staged} AS staged CROSS JOIN samples WHERE samples.result_id = staged.result_id"
    )
    return staged, {BinKey(series_id, bin_start(measured_at), probe_id) for series_id, measured_at, probe_id in found}


def _rows(feeding: Feeding, numbers: Mapping[SeriesKey, int]) -> Iterator[Row]:
    number, data_class, result = feeding
    _, probe_id, measured_at, _ = result.key
    for sample in result.samples:
        _, _, _, ordinal, *seen = sample
        yield (numbers[series_key(result, data_class, sample)], probe_id, measured_at, number, ordinal, *seen)
