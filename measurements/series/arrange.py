"""Arranging: cells put so that those of each row stand together, one for each probe."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from measurements.metrics.cell import CellRow, Cells, columns_of, rows_of
from measurements.series.binning import Binning
from measurements.series.merging import merge_cells
from measurements.series.panel import Group, Panels


class Segment(NamedTuple):
    """Where the cells of one row stand."""

    bin_at: int
    bin_end_at: int
    group: Group
    part: slice


def arrange(cells: Cells, binning: Binning, panels: Panels, merges: AbstractSet[str]) -> tuple[Cells, list[Segment]]:
    """The cells by column, and the segments of them in the order of rows.

    Usually each bin is one row and has one cell of each probe, so that the cells stand right already.
    """
    bins = list(_bins(cells.bin_at, binning))
    grouped = [panels.groups(cells, part) for _, _, part in bins]
    if all(len(groups) == 1 and groups[0].is_whole for groups in grouped):
        whole = zip(bins, grouped, strict=True)
        return cells, [Segment(start, end, groups[0], part) for (start, end, part), groups in whole]
    rows = rows_of(cells)
    arranged: list[CellRow] = []
    segments = []
    for (start, end, part), groups in zip(bins, grouped, strict=True):
        held = rows[part]
        for group in groups:
            first = len(arranged)
            arranged += [merge_cells([held[i] for i in positions], merges) for positions in group.positions]
            segments.append(Segment(start, end, group, slice(first, len(arranged))))
    return columns_of(arranged), segments


def _bins(ats: Sequence[int], binning: Binning) -> Iterator[tuple[int, int, slice]]:
    """Start, end and cells of each bin that has any."""
    first = 0
    while first < len(ats):
        start = binning.start_of(ats[first])
        end = binning.end_of(start)
        following = bisect_left(ats, end, first)
        yield start, end, slice(first, following)
        first = following
