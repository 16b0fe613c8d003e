"""Bins: the same whatever the order, and however results were put together."""

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.series.bins import Bin, bin_of, bin_start, merge, pack_rtts, unpack_rtts
from measurements.series.sample import Sample
from tests.measurements.series.making import make_sample

RTTS = st.floats(0.001, 5000)
SAMPLES = st.builds(
    make_sample,
    rtts_ms=st.lists(RTTS, max_size=5),
    n_sent=st.integers(5, 16),
    instance=st.sampled_from([None, "ns1.tj-dyu.k.ripe.net", "ns1.nl-ams.k.ripe.net"]),
    hop_count=st.sampled_from([None, 5, 12]),
)
RESULTS = st.lists(st.lists(SAMPLES, min_size=1, max_size=3), min_size=1, max_size=12).map(
    lambda results: [(i, sample) for i, samples in enumerate(results) for sample in samples]
)
EMPTY = bin_of([])


@given(RESULTS, st.randoms(use_true_random=False))
def test_order_does_not_matter(pairs: list[tuple[int, Sample]], chance: random.Random) -> None:
    """Late and shuffled results give the bin that results in order give."""
    shuffled = chance.sample(pairs, len(pairs))

    assert bin_of(shuffled) == bin_of(pairs)


@given(RESULTS, st.integers(2, 5), st.randoms(use_true_random=False))
def test_parts_merged_in_any_order_equal_the_whole(
    pairs: list[tuple[int, Sample]], n_parts: int, chance: random.Random
) -> None:
    """However results are cut into batches, as long as each result stays whole."""
    parts = [bin_of(pair for pair in pairs if pair[0] % n_parts == part) for part in range(n_parts)]
    chance.shuffle(parts)

    merged = EMPTY
    for part in parts:
        merged = merge(merged, part)

    assert merged == bin_of(pairs)


@given(RESULTS, RESULTS, RESULTS)
def test_merging_is_commutative_and_associative(
    first: list[tuple[int, Sample]], second: list[tuple[int, Sample]], third: list[tuple[int, Sample]]
) -> None:
    """So no order of work can show in a bin."""
    a, b, c = bin_of(first), bin_of(second), bin_of(third)

    assert merge(a, b) == merge(b, a)
    assert merge(merge(a, b), c) == merge(a, merge(b, c))
    assert list(merge(a, b).instances) == sorted(merge(a, b).instances)


def test_a_resultset_is_one_result_and_several_sends() -> None:
    """Two answers and a time-out of one result."""
    samples = [make_sample([1.0], n_sent=1), make_sample([2.0], n_sent=1, ordinal=1), make_sample(n_sent=1, ordinal=2)]

    assert bin_of((77, sample) for sample in samples)[:4] == (1, 3, 2, 2)


def test_a_send_error_is_neither_loss_nor_reply() -> None:
    """Nothing sent, nothing received, and yet a result."""
    assert bin_of([(1, make_sample(n_sent=0))]) == Bin(1, 0, 0, 0, EMPTY.rtts_ms, {}, {})


@given(st.lists(RTTS, min_size=1, max_size=50))
def test_the_median_is_that_of_the_standard_library(rtts_ms: list[float]) -> None:
    """The mean of the middle two when even."""
    assert bin_of([(1, make_sample(rtts_ms))]).rtt_median_ms == pytest.approx(statistics.median(rtts_ms), rel=1e-15)


def test_a_silent_bin_has_no_rtt() -> None:
    """Never 0, never -1."""
    silent = bin_of([(1, make_sample())])

    assert (silent.rtt_min_ms, silent.rtt_median_ms) == (None, None)


@given(st.lists(RTTS, max_size=50))
def test_packing_keeps_every_bit(rtts_ms: list[float]) -> None:
    """What is stored is what was reported."""
    assert list(unpack_rtts(pack_rtts(rtts_ms))) == rtts_ms


def test_packed_rtts_are_little_endian_on_every_machine() -> None:
    """A database moves between machines."""
    assert pack_rtts([1.5]) == bytes.fromhex("000000000000f83f")


@pytest.mark.parametrize(("at", "start"), [(0, 0), (3599, 0), (3600, 3600), (1_700_000_000, 1_699_999_200)])
def test_a_bin_holds_its_start_and_not_its_end(at: int, start: int) -> None:
    """Half-open, counted from the epoch."""
    assert bin_start(at) == start
