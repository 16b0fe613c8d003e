"""Rounds that were due."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.campaigns.measurement import Measurement, read_measurement
from measurements.campaigns.rounds import ExpectedRounds, expected_rounds


def make_measurement(**members: object) -> Measurement:
    """A ping every 240 seconds from instant 1000 on."""
    return read_measurement({"id": 1, "type": "ping", "interval": 240, "start_time": 1000, **members})


@pytest.mark.parametrize(
    ("from_at", "to_at", "n"),
    [(0, 1000, 0), (0, 1001, 1), (1000, 1240, 1), (1001, 1240, 0), (1001, 1241, 1), (1000, 4600, 15), (4600, 8200, 15)],
)
def test_a_round_is_due_at_its_instant(from_at: int, to_at: int, n: int) -> None:
    """Half-open intervals."""
    assert expected_rounds(make_measurement(), from_at, to_at) == n


def test_no_round_is_due_when_it_stops() -> None:
    """The stop is exclusive."""
    assert expected_rounds(make_measurement(stop_time=1480), 0, 10_000) == 2


@given(
    st.integers(0, 5000), st.integers(60, 5000), st.lists(st.integers(0, 20_000), min_size=2, max_size=6).map(sorted)
)
def test_rounds_add_up_over_any_partition(start: int, interval: int, cuts: list[int]) -> None:
    """No round is lost or counted twice between bins."""
    measurement = make_measurement(start_time=start, interval=interval)
    parts = [expected_rounds(measurement, a, b) or 0 for a, b in pairwise(cuts)]

    whole = [at for at in range(start, cuts[-1], interval) if at >= cuts[0]]

    assert sum(parts) == expected_rounds(measurement, cuts[0], cuts[-1]) == len(whole)


def test_a_one_off_has_one_round_at_its_start() -> None:
    """Its stop time, filled in afterwards, takes nothing away."""
    one_off = make_measurement(is_oneoff=True, interval=None, stop_time=1000)

    assert [expected_rounds(one_off, *span) for span in ((0, 1000), (1000, 2000), (2000, 3000))] == [0, 1, 0]


@pytest.mark.parametrize("unsaid", ["interval", "start_time"])
def test_what_the_object_does_not_say_is_unknown(unsaid: str) -> None:
    """Not zero."""
    assert expected_rounds(make_measurement(**{unsaid: None}), 0, 10_000) is None


def test_expectations_end_now() -> None:
    """And of measurements without an object nothing is known."""
    expected = ExpectedRounds([make_measurement(probes=[{"id": 7}])], until_at=1300)

    assert (expected.rounds(1, 0, 10_000), expected.rounds(2, 0, 10_000)) == (2, None)
    assert (expected.participants(1), expected.participants(2)) == (frozenset({7}), None)
    assert (expected.from_at, expected.until_at) == (1000, 1300)
