"""A cell: what one probe says in one bin of one series. Metrics are computed from cells.

Cells stand column by column: tens of thousands are read for one answer, and nothing is built for each. Where
cells of one probe are merged, a cell may be a plain tuple in the order of `Cell`.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

RTT_STATISTICS = frozenset({"rtt_min_ms", "rtt_median_ms"})
"""Columns that are None where `n_rtts` is 0, and nowhere else."""

CellRow: TypeAlias = tuple[
    int,
    int,
    int,
    int,
    int,
    int,
    int,
    int,
    float | None,
    float | None,
    bytes | None,
    Mapping[str, int] | Mapping[int, int] | None,
    Mapping[str, int] | None,
]


class Cell(NamedTuple):
    """One probe, one bin, one series. Columns that a metric does not read may be None."""

    bin_at: int
    """Start of the bin, seconds since the epoch."""
    probe_id: int
    series_id: int
    n_results: int
    n_sent: int
    n_received: int
    n_success: int
    n_rtts: int
    """How many RTTs were kept; odd records have fewer than replies."""
    rtt_min_ms: float | None
    rtt_median_ms: float | None
    rtts: bytes | None
    """Packed by `series.bins.pack_rtts`, ascending."""
    hop_counts: Mapping[str, int] | Mapping[int, int] | None
    """Hop count -> traceroutes; keys may be text, as JSON has them."""
    instances: Mapping[str, int] | None


class Cells(NamedTuple):
    """Cells column by column, one entry per cell; the fields are those of `Cell`."""

    bin_at: tuple[int, ...]
    probe_id: tuple[int, ...]
    series_id: tuple[int, ...]
    n_results: tuple[int, ...]
    n_sent: tuple[int, ...]
    n_received: tuple[int, ...]
    n_success: tuple[int, ...]
    n_rtts: tuple[int, ...]
    rtt_min_ms: tuple[float | None, ...]
    rtt_median_ms: tuple[float | None, ...]
    rtts: tuple[bytes | None, ...]
    hop_counts: tuple[Mapping[str, int] | Mapping[int, int] | None, ...]
    instances: tuple[Mapping[str, int] | None, ...]


def columns_of(cells: Iterable[CellRow]) -> Cells:
    """Cells turned into columns."""
    return Cells._make(tuple(zip(*cells, strict=True)) or NO_COLUMNS)


def rows_of(cells: Cells) -> list[CellRow]:
    """Columns turned back into cells."""
    return list(zip(*cells, strict=True))


NO_COLUMNS: tuple[tuple[()], ...] = ((),) * len(Cell._fields)
