"""Merging: the cells of one probe, of several hours or several measurements, become one cell."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from measurements.estimators import TooFew, median
from measurements.metrics.cell import Cell, CellRow, Cells, columns_of
from measurements.series.bins import merge_counts, pack_rtts, unpack_rtts


def merge_cells(cells: Sequence[CellRow], columns: AbstractSet[str]) -> CellRow:
    """The one cell of several of the same probe; of the columns beyond counters only those named are filled.

    Raises `ValueError` where the median is asked for and the packed RTTs were not fetched.
    """
    if len(cells) == 1:
        return cells[0]
    parts = columns_of(cells)
    packed, rtt_median_ms = _merge_rtts(parts) if "rtts" in columns else (None, None)
    return Cell(
        bin_at=parts.bin_at[0],
        probe_id=parts.probe_id[0],
        series_id=parts.series_id[0],
        n_results=sum(parts.n_results),
        n_sent=sum(parts.n_sent),
        n_received=sum(parts.n_received),
        n_success=sum(parts.n_success),
        n_rtts=sum(parts.n_rtts),
        rtt_min_ms=min((rtt for rtt in parts.rtt_min_ms if rtt is not None), default=None),
        rtt_median_ms=rtt_median_ms,
        rtts=packed,
        hop_counts=_merge_hop_counts(parts) if "hop_counts" in columns else None,
        instances=_merge_instances(parts) if "instances" in columns else None,
    )


def _merge_rtts(parts: Cells) -> tuple[bytes, float | None]:
    rtts = sorted(unpack_rtts(b"".join(packed for packed in parts.rtts if packed)))
    if len(rtts) != sum(parts.n_rtts):
        raise ValueError("the median of several cells needs their packed round-trip times")
    middle = median(rtts)
    return pack_rtts(rtts), None if isinstance(middle, TooFew) else middle


def _merge_hop_counts(parts: Cells) -> dict[int, int]:
    merged: dict[int, int] = {}
    for hop_counts in parts.hop_counts:
        merged = merge_counts(merged, {int(hops): n for hops, n in (hop_counts or {}).items()})
    return merged


def _merge_instances(parts: Cells) -> dict[str, int]:
    merged: dict[str, int] = {}
    for instances in parts.instances:
        merged = merge_counts(merged, instances or {})
    return merged
