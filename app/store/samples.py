"""Writes the samples of results that feed the series, and keeps the bins in step."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection

from app.store import tables
from app.store.bins import BinKey, merge_samples, rebuild
from app.store.bulk import Row, insert_rows, stage_rows
from app.store.records import ResultRow
from app.store.series import SeriesKey, SeriesNumbers, series_key
from measurements.series.bins import bin_start

COLUMNS = (
    "series_id", "probe_id", "measured_at", "result_id", "ordinal", "n_sent", "n_received", "n_success", "rtts",
    "hop_count", "instance",
)  # fmt: skip


def write_samples(
    connection: Connection,
    feeding: Sequence[tuple[int, ResultRow]],
    series: SeriesNumbers,
) -> None:
    """Write the samples of (number, result) pairs that have none yet, and merge them into the bins."""
    numbers = series.of(connection, [result for _, result in feeding])
    rows = [row for number, result in feeding for row in _rows(number, result, numbers)]
    insert_rows(connection, tables.samples, COLUMNS, rows)
    merge_samples(connection, rows)


def remove_samples(connection: Connection, result_ids: Sequence[int]) -> None:
    """Take results out of the series and make the bins they were in anew."""
    if not result_ids:
        return
    rows = [(number,) for number in result_ids]
    staged = stage_rows(connection, "staged_result_ids", "samples", ("result_id",), rows)
    found = connection.exec_driver_sql(
        "SELECT samples.series_id, samples.measured_at, samples.probe_id "
        # CROSS: read the short side first
        f"FROM {staged} AS staged CROSS JOIN samples WHERE samples.result_id = staged.result_id"
    )
    touched = {BinKey(series_id, bin_start(measured_at), probe_id) for series_id, measured_at, probe_id in found}
    connection.exec_driver_sql(f"DELETE FROM samples WHERE result_id IN (SELECT result_id FROM {staged})")
    rebuild(connection, touched)


def _rows(number: int, result: ResultRow, numbers: Mapping[SeriesKey, int]) -> Iterator[Row]:
    _, probe_id, measured_at, _ = result.key
    for sample in result.samples:
        _, _, _, ordinal, *seen = sample
        yield (numbers[series_key(result, sample)], probe_id, measured_at, number, ordinal, *seen)
