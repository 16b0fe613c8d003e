"""Read a series: the rows that answer a question, and notes on what they rest on."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.operations.label_notes import about_label, about_other_labels
from app.store.find_series import find_cells, find_matching_series
from app.store.find_vantage import find_measurements, find_probes_ever_in, find_snapshots
from app.store.kept_figures import find_kept
from app.store.tombstones import find_erased_until
from measurements.agreements.attribution import attribution
from measurements.campaigns.rounds import ExpectedRounds
from measurements.probes import VantageTable
from measurements.results.outcome import Label
from measurements.series.across import evaluate
from measurements.series.kept import answers, with_kept
from measurements.series.query import Scope, SeriesQuery
from measurements.series.rows import Flag, SeriesRow
from measurements.series.series import Series
from measurements.units import iso

MANY_PROBES = 1000
"""More are not named in a statement; all are read, and those not asked for are left out afterwards."""


class SeriesAnswer(NamedTuple):
    """Rows in order of time, and sentences for people."""

    rows: list[SeriesRow]
    notes: tuple[str, ...]


def read_series(connection: Connection, query: SeriesQuery, *, now: int) -> SeriesAnswer:
    """Answer a question to the series. `now` ends what is expected, seconds since the epoch, UTC.

    Nothing held is an answer without rows, with a note. Raises InvalidFilter for too large a question.
    """
    series = find_matching_series(connection, query)
    kept = [] if query.scope is Scope.PROBE else [row for row in find_kept(connection, query) if answers(row, query)]
    if not series and not kept:
        return SeriesAnswer([], (about_other_labels(connection, query.label, query.target),))
    rows = _read(connection, query, series, now) if series else []
    atlas_ids = {atlas_id for row in rows for atlas_id in row.atlas_ids}
    if kept or atlas_ids:
        erased = find_erased_until(connection, atlas_ids)
        of_label = {atlas_id: until_at for (label, atlas_id), until_at in erased.items() if label == query.label}
        rows = with_kept(rows, kept, of_label) if kept or of_label else rows
    return SeriesAnswer(rows, tuple(_notes(rows, query.label)))


def _read(connection: Connection, query: SeriesQuery, series: dict[int, Series], now: int) -> list[SeriesRow]:
    """What the values of single probes say."""
    cells = find_cells(connection, query, series, _probes(connection, query))
    measurements = find_measurements(connection, {one.atlas_id for one in series.values()}, query.label)
    probe_ids = set(cells.probe_id).union(*(one.participants or () for one in measurements))
    vantage = VantageTable(find_snapshots(connection, probe_ids))
    expected = ExpectedRounds(measurements, now) if measurements else None
    return list(evaluate(query, cells, series, vantage, expected))


def row_on_the_wire(row: SeriesRow) -> dict[str, Any]:
    """The row in plain values under the names of the wire."""
    plain = row._asdict()
    plain["bin_at"] = _iso(row.bin_at)
    plain["bin_end_at"] = _iso(row.bin_end_at)
    return plain


def query_on_the_wire(query: SeriesQuery) -> dict[str, Any]:
    """The question as it was understood, under the names of the wire."""
    return {
        "metric": query.metric.name,
        "type": query.type,
        "target": query.target,
        "address_family": query.address_family,
        "protocol": query.protocol,
        "atlas_id": query.atlas_ids,
        "probe": query.probe_ids,
        "asn": query.asns,
        "country": query.country_code,
        "from": None if query.from_at is None else iso(query.from_at),
        "to": None if query.to_at is None else iso(query.to_at),
        "bin": query.binning.name,
        "scope": query.scope,
        "weight": query.weight,
        "label": query.label,
    }


def _probes(connection: Connection, query: SeriesQuery) -> list[int] | None:
    """The probes worth reading; None means all."""
    if query.country_code is None:
        probes = list(query.probe_ids)
    else:
        inside = find_probes_ever_in(connection, query.country_code, query.label)
        probes = [probe for probe in inside if not query.probe_ids or probe in query.probe_ids]
    is_any = query.country_code is None and not query.probe_ids
    return None if is_any or len(probes) > MANY_PROBES else probes


def _notes(rows: list[SeriesRow], label: Label) -> Iterator[str]:
    if not rows:
        yield "Nothing is held in this period, or of these probes."
        return
    if label is Label.MEASURED:
        yield attribution({atlas_id for row in rows for atlas_id in row.atlas_ids})
    else:
        yield about_label(label)
    if any(Flag.PROBE_VALUES_ERASED in row.flags for row in rows):
        yield (
            "The values of single probes of some of this time were erased, as their agreement says. "
            "Figures of that time are those that were kept of each measurement before."
        )
    if all(Flag.VANTAGE_UNKNOWN in row.flags for row in rows):
        yield (
            "The networks and countries of these probes are unknown, so no figure speaks for any: "
            "`rasad ingest-probes FILE` takes in what the platform says of probes; --scope probe asks each alone."
        )
    if all(row.n_expected is None and Flag.PROBE_VALUES_ERASED not in row.flags for row in rows):
        yield (
            "No measurement object says what was due: n_expected is unknown, "
            "and reach counts the probes with a result in the bin."
        )


_iso = lru_cache(maxsize=4096)(iso)
"""The end of one bin is the start of the next."""
