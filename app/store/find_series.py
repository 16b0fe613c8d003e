"""Finds series and their cells: what each probe says in each bin, column by column.

Tens of thousands of cells are read for one answer, so they come straight from the driver, with the columns
that the answer takes and no others.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import chain, groupby, repeat
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import Connection, select

from app.store import tables
from measurements.errors import InvalidFilter
from measurements.metrics.cell import Cell, Cells, columns_of, rows_of
from measurements.series.binning import Binning
from measurements.series.bins import bin_of, pack_rtts, unpack_rtts
from measurements.series.query import SeriesQuery
from measurements.series.sample import Sample
from measurements.series.series import Series

MAX_CELLS = 500_000
"""More would take an answer minutes and gigabytes: a year of hours of fifty probes is below."""
_OPTIONAL = ("rtt_min_ms", "rtt_median_ms", "rtts", "hop_counts", "instances")
_COUNTS = {"hop_counts", "instances"}
_COUNTERS = ("n_sent", "n_received", "n_success")
_N_RTTS = "coalesce(length(rtts), 0) / 8"
_AT = itemgetter(0)
Row = tuple[Any, ...]


def find_matching_series(connection: Connection, query: SeriesQuery) -> dict[int, Series]:
    """The series that a query covers, by their number."""
    column = tables.series.c
    statement = select(column.id, *(column[name] for name in Series._fields[1:])).where(
        column.target == query.target, column.type == query.type, column.label == query.label
    )
    found = map(Series._make, connection.execute(statement.order_by(column.id)))
    return {series.series_id: series for series in found if query.covers(series)}


def find_subjects(connection: Connection, label: str, atlas_id: int) -> list[tuple[str, str]]:
    """Of what a measurement has series: targets, and the type of its results."""
    column = tables.series.c
    statement = select(column.target, column.type).where(column.label == label, column.atlas_id == atlas_id).distinct()
    return [(row[0], row[1]) for row in connection.execute(statement.order_by(column.target, column.type))]


def find_cells(
    connection: Connection, query: SeriesQuery, series: dict[int, Series], probe_ids: Collection[int] | None
) -> Cells:
    """The cells of these series in the query's window, in order of time; of all probes, or of those named.

    Raises InvalidFilter where there are more than `MAX_CELLS`.
    """
    needed = [name for name in _OPTIONAL if name in query.needed_columns(series.values())]
    if query.needs_counters(series.values()):
        needed += _COUNTERS
    probes = None if probe_ids is None else sorted(probe_ids)
    parts: list[Cells] = []
    limit = MAX_CELLS
    for series_id in series:
        if query.binning.is_finer_than_stored:
            parts.append(_cut_samples(_samples(connection, query, series_id, probes, limit), query.binning, series_id))
        else:
            parts.append(_bins(connection, query, series_id, probes, needed, limit))
        limit -= len(parts[-1].bin_at)
    if len(parts) == 1:
        return parts[0]
    return columns_of(sorted(chain.from_iterable(map(rows_of, parts)), key=_AT))


def _bins(
    connection: Connection,
    query: SeriesQuery,
    series_id: int,
    probes: Sequence[int] | None,
    needed: Sequence[str],
    limit: int,
) -> Cells:
    """Cells with these columns; without the counters among them, only cells without an RTT have those."""
    where, values = _window(query, "bin_at", series_id, probes)
    names = ("bin_at", "probe_id", "n_results", _N_RTTS, *needed)
    found = _fetch(
        connection, f"SELECT {', '.join(names)} FROM bins WHERE {where} ORDER BY bin_at, probe_id", values, limit
    )
    read = dict(zip(names, tuple(zip(*found, strict=True)) or ((),) * len(names), strict=True))
    if "n_sent" not in read:
        silent = [i for i, n_rtts in enumerate(read[_N_RTTS]) if not n_rtts] if 0 in read[_N_RTTS] else []
        counters = f"SELECT {', '.join(_COUNTERS)} FROM bins WHERE {where} AND rtts IS NULL ORDER BY bin_at, probe_id"
        of_silent = _fetch(connection, counters, values, limit) if silent else ()
        read |= zip(_COUNTERS, _spread(silent, of_silent, len(found)), strict=True)
    for name in read.keys() & _COUNTS:
        read[name] = tuple(map(_counts, read[name]))
    nothing = (None,) * len(found)
    read |= {"series_id": (series_id,) * len(found), "n_rtts": read[_N_RTTS]}
    return Cells._make(read.get(name, nothing) for name in Cells._fields)


def _spread(places: Sequence[int], rows: Sequence[Row], n: int) -> Iterator[tuple[int, ...]]:
    """The columns of rows that stand at some of `n` places; 0 at the others."""
    if not places:
        return repeat((0,) * n, len(_COUNTERS))
    columns = [[0] * n for _ in _COUNTERS]
    for place, row in zip(places, rows, strict=True):
        for column, value in zip(columns, row, strict=True):
            column[place] = value
    return map(tuple, columns)


def _samples(
    connection: Connection, query: SeriesQuery, series_id: int, probes: Sequence[int] | None, limit: int
) -> list[Row]:
    """Samples by probe and time. Probes are named, since samples are kept in their order."""
    if probes is None:
        where, values = _window(query, "bin_at", series_id, None)
        held = _fetch(connection, f"SELECT DISTINCT probe_id FROM bins WHERE {where}", values, limit)
        probes = sorted(probe_id for (probe_id,) in held)
    where, values = _window(query, "measured_at", series_id, probes)
    return _fetch(
        connection,
        "SELECT probe_id, measured_at, result_id, n_sent, n_received, n_success, rtts, hop_count, instance "
        f"FROM samples WHERE {where} ORDER BY probe_id, measured_at",
        values,
        limit,
    )


def _cut_samples(rows: Sequence[Row], binning: Binning, series_id: int) -> Cells:
    """Cells of samples that are in order of probe and time."""
    cells: list[Cell] = []
    for (probe_id, bin_at), group in groupby(rows, key=lambda row: (row[0], binning.start_of(row[1]))):
        content = bin_of((row[2], _sample(row)) for row in group)
        cells.append(
            Cell(
                bin_at=bin_at,
                probe_id=probe_id,
                series_id=series_id,
                n_results=content.n_results,
                n_sent=content.n_sent,
                n_received=content.n_received,
                n_success=content.n_success,
                n_rtts=len(content.rtts_ms),
                rtt_min_ms=content.rtt_min_ms,
                rtt_median_ms=content.rtt_median_ms,
                rtts=pack_rtts(content.rtts_ms),
                hop_counts=content.hop_counts,
                instances=content.instances,
            )
        )
    return columns_of(sorted(cells, key=_AT))


def _sample(row: Row) -> Sample:
    _, _, _, n_sent, n_received, n_success, rtts, hop_count, instance = row
    values: Any = unpack_rtts(rtts) if rtts else ()
    return Sample(0, "", 0, "", n_sent, n_received, n_success, values, hop_count, instance)


def _window(query: SeriesQuery, column: str, series_id: int, probes: Sequence[int] | None) -> tuple[str, list[int]]:
    conditions, values = ["series_id = ?"], [series_id]
    for comparison, at in ((">=", query.from_at), ("<", query.to_at)):
        if at is not None:
            conditions.append(f"{column} {comparison} ?")
            values.append(at)
    if probes is not None:
        conditions.append(f"probe_id IN ({', '.join('?' * len(probes)) or 'NULL'})")
        values += probes
    return " AND ".join(conditions), values


def _fetch(connection: Connection, statement: str, values: Sequence[int], limit: int) -> list[Row]:
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    limited = f"{statement} LIMIT {limit + 1}".replace("?", mark)
    with connection.exec_driver_sql(limited, tuple(values)) as result:
        found: list[Row] = list(result.cursor.fetchall())
    if len(found) > limit:
        raise InvalidFilter("from", "the answer would be too large; ask for a shorter period or for fewer probes")
    return found


@lru_cache(maxsize=4096)
def _counts(text: str | None) -> dict[str, int] | None:
    return orjson.loads(text) if text else None
