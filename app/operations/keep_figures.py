"""Keep the figures of a day of a measurement, before the values of its single probes are erased."""

from collections.abc import Iterator

from sqlalchemy import Connection

from app.operations.read_series import read_series
from app.operations.sight import MACHINE, sight_of
from app.store.find_series import find_subjects
from app.store.kept_figures import keep_rows, kept_bins
from measurements.agreements.retention import Keeping
from measurements.metrics.registry import METRICS
from measurements.results.outcome import Label
from measurements.series.kept import may_stay
from measurements.series.query import Scope, SeriesQuery, series_query
from measurements.series.rows import Flag
from measurements.units import DAY_S, DUSHANBE

IN_DUSHANBE = ("1h", f"1d@{DUSHANBE}")
IN_UTC = "1d"
Day = tuple[int, int]


def keep_figures(
    connection: Connection, agreement_id: int, label: Label, atlas_id: int, day: Day, keeping: Keeping, now_at: int
) -> int:
    """Keep what names no probe of a day in Dushanbe: every metric by the hour and the day; gives how many rows.

    A day in UTC is kept with the day in Dushanbe that it begins in: all of it is there still. With the day in which it
    ends it is kept only where nothing came on the other. What was kept of a bin before is not touched: it was made of
    everything.
    """
    done = kept_bins(connection, label, atlas_id, day[0] - DAY_S, day[1])
    n_kept = 0
    sight = sight_of(connection, MACHINE, now_at)
    for query in _questions(connection, label, atlas_id, day, now_at):
        rows = read_series(connection, query, sight, now=now_at).rows
        whole = (row for row in rows if Flag.PROBE_VALUES_ERASED not in row.flags)
        new = (row for row in whole if (query.binning.name, row.bin_at) not in done)
        stays = filter(None, (may_stay(row, keeping.min_probes, keeping.min_networks) for row in new))
        n_kept += keep_rows(connection, agreement_id, atlas_id, query, list(stays))
    return n_kept


def _questions(connection: Connection, label: Label, atlas_id: int, day: Day, now_at: int) -> Iterator[SeriesQuery]:
    for target, kind in find_subjects(connection, label, atlas_id):
        for metric in (one for one in METRICS.values() if kind in one.types):
            for binning, (from_at, to_at) in _bins(day):
                if to_at > now_at:
                    continue  # not over yet
                for scope in (Scope.NATIONAL, Scope.ASN):
                    yield series_query(
                        metric=metric.name, target=target, type=kind, atlas_ids=[atlas_id], from_at=from_at,
                        to_at=to_at, bin=binning, scope=scope, label=label,
                    )  # fmt: skip


def _bins(day: Day) -> Iterator[tuple[str, Day]]:
    yield from ((binning, day) for binning in IN_DUSHANBE)
    begins_at = day[1] - day[1] % DAY_S
    yield IN_UTC, (begins_at - DAY_S, begins_at)
    yield IN_UTC, (begins_at, begins_at + DAY_S)
