"""Writes the samples of results that feed the series, and keeps the bins in step."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, delete, select

from app.store import tables
from app.store.bins import BinKey, merge_samples, rebuild
from app.store.bulk import Row, insert_rows
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


def remove_samples(connection: Connection, result_id: int) -> None:
    """Take a result out of the series and make the bins it was in anew."""
    samples = tables.samples
    found = connection.execute(
        select(samples.c.series_id, samples.c.measured_at, samples.c.probe_id).where(samples.c.result_id == result_id)
    )
    touched = {BinKey(row.series_id, bin_start(row.measured_at), row.probe_id) for row in found}
    connection.execute(delete(samples).where(samples.c.result_id == result_id))
    rebuild(connection, touched)


def _rows(number: int, result: ResultRow, numbers: Mapping[SeriesKey, int]) -> Iterator[Row]:
    for sample in result.samples:
        yield (
            numbers[series_key(result, sample)], result.key.probe_id, result.key.measured_at, number, sample.ordinal,
            sample.n_sent, sample.n_received, sample.n_success, sample.rtts, sample.hop_count, sample.instance,
        )  # fmt: skip
