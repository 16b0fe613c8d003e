"""Read a series: the rows that answer a question, and notes on what they rest on."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.operations.label_notes import about_label, about_other_labels
from app.operations.sight import Sight, Withheld, held_of, in_order, provenance_of
from app.store.find_series import find_cells, find_matching_series
from app.store.find_vantage import find_measurements, find_probes_ever_in, find_snapshots
from app.store.kept_figures import find_kept
from app.store.tombstones import find_erased_until
from measurements.agreements.attribution import attribution
from measurements.agreements.release import Detail, Held, Ruling
from measurements.campaigns.rounds import ExpectedRounds
from measurements.probes import VantageTable
from measurements.results.outcome import Label
from measurements.series.across import evaluate
from measurements.series.kept import answers, with_kept
from measurements.series.query import Scope, SeriesQuery
from measurements.series.rows import Flag, SeriesRow, hold_to_minimums
from measurements.series.series import Series
from measurements.units import iso

MANY_PROBES = 1000
"""More are not named in a statement; all are read, and those not asked for are left out afterwards."""


class SeriesAnswer(NamedTuple):
    """Rows in order of time, and sentences for people."""

    rows: list[SeriesRow]
    notes: tuple[str, ...]
    withheld: tuple[Withheld, ...]
    """What was left out: of single probes, all of it; of figures, those that have not been released."""
    n_held: int
    """How many rows speak of single probes and are not public."""


def read_series(connection: Connection, query: SeriesQuery, sight: Sight, *, now: int) -> SeriesAnswer:
    """Answer a question to the series, as far as somebody may see it.

    `now` ends what is expected, seconds since the epoch, UTC.

    Nothing held is an answer without rows, with a note. Raises InvalidFilter for too large a question.
    """
    matching = _as_held(find_matching_series(connection, query), sight)
    detail = detail_of(query)
    series, hidden = matching, set[Withheld]()
    if detail is Detail.PROBE:
        series, hidden = _seen(matching, sight)
    kept = [] if detail is Detail.PROBE else [row for row in find_kept(connection, query) if answers(row, query)]
    if not series and not kept:
        notes = () if hidden else (about_other_labels(connection, query.label, query.target),)
        return SeriesAnswer([], notes, in_order(hidden), 0)
    rows = _with_kept(connection, query, _read(connection, query, series, now) if series else [], kept)
    n_held = 0
    held = {*map(_held, series.values()), *map(_held, kept)}
    if not all(one.is_public for one in held):
        if detail is Detail.PROBE:
            n_held = sum(not _held(row).is_public for row in rows)
        else:
            rows, hidden = _released(rows, sight)
    return SeriesAnswer(rows, tuple(_notes(rows, query.label, is_cut=bool(hidden))), in_order(hidden), n_held)


def _with_kept(
    connection: Connection, query: SeriesQuery, rows: list[SeriesRow], kept: list[SeriesRow]
) -> list[SeriesRow]:
    """The figures that were kept of erased time among those that are worked out."""
    atlas_ids = {atlas_id for row in rows for atlas_id in row.atlas_ids}
    if not kept and not atlas_ids:
        return rows
    erased = find_erased_until(connection, atlas_ids)
    of_label = {atlas_id: until_at for (label, atlas_id), until_at in erased.items() if label == query.label}
    return with_kept(rows, kept, of_label) if kept or of_label else rows


def _read(connection: Connection, query: SeriesQuery, series: dict[int, Series], now: int) -> list[SeriesRow]:
    """What the values of single probes say."""
    cells = find_cells(connection, query, series, _probes(connection, query))
    measurements = find_measurements(connection, {one.atlas_id for one in series.values()}, query.label)
    probe_ids = set(cells.probe_id).union(*(one.participants or () for one in measurements))
    vantage = VantageTable(find_snapshots(connection, probe_ids))
    expected = ExpectedRounds(measurements, now) if measurements else None
    return list(evaluate(query, cells, series, vantage, expected))


def detail_of(query: SeriesQuery) -> Detail:
    """How closely the answer speaks of probes: figures of probes that are named tell as much as the probes do."""
    return Detail.PROBE if query.scope is Scope.PROBE or query.probe_ids else Detail.AGGREGATE


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


def _as_held(series: dict[int, Series], sight: Sight) -> dict[int, Series]:
    """The series, each under the agreement that it was dispatched under: never in one figure with what is public."""
    if not sight.dispatched:
        return series
    return {
        number: one._replace(**provenance_of(sight.as_held(one.label, one.atlas_id, one.data_class, one.agreement_id)))
        for number, one in series.items()
    }


def _held(row: Series | SeriesRow) -> Held:
    return held_of(row.data_class, row.agreement_id)


def _seen(series: dict[int, Series], sight: Sight) -> tuple[dict[int, Series], set[Withheld]]:
    """The series whose probes somebody sees one by one, and what is left out."""
    rulings = {number: sight.rules(_held(one), Detail.PROBE) for number, one in series.items()}
    hidden = {
        Withheld(series[number].agreement_id, ruling.ground)
        for number, ruling in rulings.items()
        if not ruling.is_given
    }
    return {number: one for number, one in series.items() if rulings[number].is_given}, hidden


def _released(rows: list[SeriesRow], sight: Sight) -> tuple[list[SeriesRow], set[Withheld]]:
    """The rows that somebody sees, none with a value that rests on less than was agreed on; and what is left out."""
    rulings: dict[tuple[Held, int], Ruling] = {}
    seen: list[SeriesRow] = []
    hidden: set[Withheld] = set()
    for row in rows:
        held = _held(row)
        key = held, row.bin_end_at
        if key not in rulings:
            rulings[key] = sight.rules(held, Detail.AGGREGATE, row.bin_end_at)
        if not rulings[key].is_given:
            hidden.add(Withheld(held.agreement_id, rulings[key].ground))
            continue
        terms = None if held.agreement_id is None else sight.terms.get(held.agreement_id)
        seen.append(hold_to_minimums(row, terms.min_probes, terms.min_networks) if terms else row)
    return seen, hidden


def _notes(rows: list[SeriesRow], label: Label, *, is_cut: bool) -> Iterator[str]:
    if not rows:
        if not is_cut:
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
            "The networks and countries of these probes are unknown, so no figure speaks for any. Ask for each probe "
            "alone: scope=probe, on the command line --scope probe. Whoever runs the service can take in what the "
            "platform says of probes: rasad ingest-probes FILE."
        )
    if all(row.n_expected is None and Flag.PROBE_VALUES_ERASED not in row.flags for row in rows):
        yield (
            "No measurement object says what was due: n_expected is unknown, "
            "and reach counts the probes with a result in the bin."
        )


_iso = lru_cache(maxsize=4096)(iso)
"""The end of one bin is the start of the next."""
