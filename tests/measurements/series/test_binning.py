"""Ways to cut time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.series.binning import BINNINGS
from measurements.units import iso

AT = 1_795_478_399  # 2026-11-23T23:59:59Z, a Monday; the 24th in Dushanbe


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("5m", "2026-11-23T23:55:00Z", "2026-11-24T00:00:00Z"),
        ("1h", "2026-11-23T23:00:00Z", "2026-11-24T00:00:00Z"),
        ("6h", "2026-11-23T18:00:00Z", "2026-11-24T00:00:00Z"),
        ("1d", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"),
        ("7d", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"),
        ("1mo", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
        ("1d@Asia/Dushanbe", "2026-11-23T19:00:00Z", "2026-11-24T19:00:00Z"),
        ("7d@Asia/Dushanbe", "2026-11-22T19:00:00Z", "2026-11-29T19:00:00Z"),
        ("1mo@Asia/Dushanbe", "2026-10-31T19:00:00Z", "2026-11-30T19:00:00Z"),
    ],
)
def test_where_a_bin_begins_and_ends(name: str, start: str, end: str) -> None:
    """Weeks begin on Monday; a day of Dushanbe begins at 19:00 UTC."""
    binning = BINNINGS[name]
    found = binning.start_of(AT)

    assert (iso(found), iso(binning.end_of(found))) == (start, end)


@given(st.sampled_from(sorted(BINNINGS)), st.integers(800_000_000, 4_000_000_000))
def test_bins_follow_each_other_without_gap_or_overlap(name: str, at: int) -> None:
    """Every instant is in exactly one bin, whose end is the start of the next."""
    binning = BINNINGS[name]
    start = binning.start_of(at)
    end = binning.end_of(start)

    assert start <= at < end
    assert binning.start_of(start) == binning.start_of(end - 1) == start
    assert binning.start_of(end) == end


@given(st.sampled_from(sorted(BINNINGS)), st.integers(800_000_000, 4_000_000_000))
def test_wide_bins_are_made_of_whole_hours(name: str, at: int) -> None:
    """Otherwise stored bins could not be put together to them."""
    binning = BINNINGS[name]

    assert binning.is_finer_than_stored or binning.start_of(at) % 3600 == 0
