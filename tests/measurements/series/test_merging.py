"""Merging: the cells of one probe become the cell that all its samples would have made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.metrics.cell import Cell
from measurements.series.bins import pack_rtts, unpack_rtts
from measurements.series.merging import merge_cells
from measurements.series.sample import Sample
from tests.measurements.series.making import HOUR, make_cell, make_sample

ALL = frozenset({"rtts", "hop_counts", "instances"})
SAMPLES = st.builds(
    make_sample,
    rtts_ms=st.lists(st.floats(0.001, 5000), max_size=4),
    n_sent=st.integers(4, 16),
    n_success=st.integers(0, 4),
    instance=st.sampled_from([None, "ns1.tj-dyu.k.ripe.net", "ns1.nl-ams.k.ripe.net"]),
    hop_count=st.sampled_from([None, 5, 12]),
)

FIRST = Cell(HOUR, 7, 1, 2, 6, 5, 4, 4, 1.5, 2.5, pack_rtts([1.5, 2.0, 3.0, 9.0]), {"9": 1, "10": 1}, {"a": 2})
SECOND = Cell(HOUR + 3600, 7, 2, 1, 3, 1, 1, 1, 1.0, 1.0, pack_rtts([1.0]), {9: 4}, {"a": 1, "b": 3})
SILENT = Cell(HOUR + 7200, 7, 1, 1, 3, 0, 0, 0, None, None, None, None, None)


def test_two_cells_are_added_up() -> None:
    """Written out: counters, five RTTs ascending, hop counts by number whether their keys are text or not."""
    merged = Cell._make(merge_cells([FIRST, SECOND], ALL))

    assert merged._replace(rtts=None) == Cell(
        HOUR, 7, 1, 3, 9, 6, 5, 5, 1.0, 2.0, None, {9: 5, 10: 1}, {"a": 3, "b": 3}
    )
    assert list(unpack_rtts(merged.rtts or b"")) == [1.0, 1.5, 2.0, 3.0, 9.0]


def test_a_cell_alone_stays_as_it_is() -> None:
    """Nothing is read of it that was not fetched."""
    assert merge_cells([FIRST], ALL) is FIRST


def test_silence_adds_what_was_sent() -> None:
    """And has no RTT, neither 0 nor any other."""
    merged = Cell._make(merge_cells([SILENT, FIRST, SILENT], ALL))

    assert (merged.n_results, merged.n_sent, merged.n_received, merged.n_rtts) == (4, 12, 5, 4)
    assert (merged.rtt_min_ms, merged.rtt_median_ms) == (1.5, 2.5)


def test_nothing_but_silence_has_no_rtt() -> None:
    """Two silent hours are a silent day."""
    merged = Cell._make(merge_cells([SILENT, SILENT], ALL))

    assert (merged.n_rtts, merged.rtt_min_ms, merged.rtt_median_ms, merged.rtts) == (0, None, None, b"")
    assert (merged.hop_counts, merged.instances) == ({}, {})


def test_fewer_rtts_than_replies_are_no_fault() -> None:
    """Firmware 0 and 1 counted replies and told no RTT of them."""
    old = SILENT._replace(n_received=3, n_success=3)

    merged = Cell._make(merge_cells([old, FIRST], ALL))

    assert (merged.n_received, merged.n_rtts, merged.rtt_median_ms) == (8, 4, 2.5)


def test_only_what_is_asked_for_is_merged() -> None:
    """Minima come with the counters; a median would take the values."""
    merged = Cell._make(merge_cells([FIRST, SECOND], frozenset()))

    assert merged.rtt_min_ms == 1.0
    assert (merged.rtt_median_ms, merged.rtts, merged.hop_counts, merged.instances) == (None, None, None, None)


def test_a_median_without_the_values_is_refused() -> None:
    """Better no answer than a wrong one."""
    with pytest.raises(ValueError, match="packed"):
        merge_cells([FIRST._replace(rtts=None), SECOND], ALL)


@given(st.lists(st.lists(SAMPLES, min_size=1, max_size=5), min_size=1, max_size=6))
def test_cells_merged_equal_the_cell_of_all_samples(hours: list[list[Sample]]) -> None:
    """Column by column, to the bit."""
    parts = [make_cell(7, samples) for samples in hours]

    assert merge_cells(parts, ALL) == make_cell(7, [sample for samples in hours for sample in samples])
