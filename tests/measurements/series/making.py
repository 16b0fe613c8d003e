"""Cells, series and vantage points for tests: defaults, and what a test names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from measurements.metrics.cell import Cell, columns_of
from measurements.probes import Snapshot, VantageTable
from measurements.series.across import evaluate
from measurements.series.bins import bin_of, pack_rtts
from measurements.series.query import SeriesQuery, series_query
from measurements.series.rows import SeriesRow
from measurements.series.sample import Sample
from measurements.series.series import Series

HOUR = 1_699_999_200
"""2023-11-14T22:00:00Z, a whole hour."""
TARGET = "192.0.2.1"
NETWORKS = (64496, 64496, 64497, 64497, 64498, 64498)
"""Of probes 1 to 6: three networks of two probes each."""
UNEVEN = (64496, 64496, 64496, 64496, 64497, 64498)
"""Four probes in one network, one each in two others."""


def make_sample(
    rtts_ms: Iterable[float] = (), n_sent: int = 3, n_success: int | None = None, instance: str | None = None,
    hop_count: int | None = None, ordinal: int = 0, n_received: int | None = None,
) -> Sample:  # fmt: skip
    """A sample of three packets, of which as many were answered as there are RTTs."""
    rtts = tuple(sorted(rtts_ms))
    received = len(rtts) if n_received is None else n_received
    success = received if n_success is None else n_success
    return Sample(ordinal, TARGET, 4, "ICMP", n_sent, received, success, rtts, hop_count, instance)


def make_cell(probe_id: int, samples: Sequence[Sample], bin_at: int = HOUR, series_id: int = 1) -> Cell:
    """A cell as the store makes it, with every column filled, of results with one sample each."""
    content = bin_of(enumerate(samples))
    return Cell(
        bin_at,
        probe_id,
        series_id,
        *content[:4],
        len(content.rtts_ms),
        content.rtt_min_ms,
        content.rtt_median_ms,
        pack_rtts(content.rtts_ms),
        content.hop_counts,
        content.instances,
    )


def make_series(series_id: int = 1, **changes: object) -> Series:
    """Measurement 1001, ping over IPv4."""
    series = Series(series_id, "measured", "public", None, 1001, "ping", TARGET, 4, "ICMP")
    return series._replace(**changes)  # type: ignore[arg-type]  # the test names fields with their types


def make_vantage(networks: Iterable[int | None] = NETWORKS, country_code: str | None = "TJ") -> VantageTable:
    """Probes 1, 2, 3 ... in these networks, all in one country."""
    return VantageTable(Snapshot(i, 0, asn, asn, country_code) for i, asn in enumerate(networks, 1))


def make_query(metric: str = "rtt_median_ms", **filters: object) -> SeriesQuery:
    """A question about `TARGET`."""
    return series_query(metric=metric, target=TARGET, **filters)  # type: ignore[arg-type]  # as `make_series`


def ask(
    query: SeriesQuery,
    cells: Iterable[Cell],
    series: Mapping[int, Series] | None = None,
    vantage: VantageTable | None = None,
) -> list[SeriesRow]:
    """The rows, of plain tuples as a database gives them, with only the columns that were asked for."""
    known = series or {1: make_series()}
    needed = query.needed_columns(known.values())
    optional = {"rtt_min_ms", "rtt_median_ms", "rtts", "hop_counts", "instances"} - needed
    nothing: Any = dict.fromkeys(optional)
    uncounted: Any = {} if query.needs_counters(known.values()) else {"n_sent": 0, "n_received": 0, "n_success": 0}
    stripped = [tuple(cell._replace(**nothing, **(uncounted if cell.n_rtts else {}))) for cell in cells]
    return list(evaluate(query, columns_of(stripped), known, vantage or make_vantage()))  # type: ignore[arg-type]  # still in a cell's order
