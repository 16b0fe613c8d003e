"""Estimators against textbook values, exact arithmetic and their own laws."""

import statistics
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.estimators import (
    Interval,
    Ranks,
    TooFew,
    median,
    median_interval,
    p95_interval,
    percentile,
    quantile_ranks,
    student,
    weighted_median,
    wilson,
)

VALUES = st.lists(st.floats(0, 1e4), min_size=1, max_size=60).map(sorted)


def interval(answer: Interval | TooFew) -> Interval:
    """The interval that a test expects to be there."""
    assert isinstance(answer, Interval)
    return answer


def test_nothing_has_no_median_and_says_how_many_would_do() -> None:
    """Too few is an answer."""
    assert median([]) == TooFew(needed=1, had=0)
    assert percentile([], 95) == TooFew(needed=1, had=0)
    assert weighted_median([], []) == TooFew(needed=1, had=0)
    assert wilson(1.0, 0) == TooFew(needed=1, had=0)
    assert median_interval([1.0] * 5) == TooFew(needed=6, had=5)
    assert p95_interval([1.0] * 71) == TooFew(needed=72, had=71)


@given(VALUES)
def test_the_median_is_that_of_the_standard_library(values: list[float]) -> None:
    """An independent definition agrees."""
    assert median(values) == pytest.approx(statistics.median(values), rel=1e-15)


@given(VALUES, st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_with_enough_at_or_below(values: list[float], percent: int) -> None:
    """Nearest rank, by its definition rather than its formula."""
    enough = [value for value in values if Fraction(sum(v <= value for v in values), len(values)) * 100 >= percent]

    assert percentile(values, percent) == min(enough)


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(1, 5)), min_size=1, max_size=30))
def test_a_weighted_median_is_the_median_with_values_repeated(pairs: list[tuple[float, int]]) -> None:
    """A weight of three means three probes with that value."""
    pairs.sort()
    repeated = [value for value, weight in pairs for _ in range(weight)]

    assert weighted_median([v for v, _ in pairs], [w for _, w in pairs]) == median(repeated)


@pytest.mark.parametrize(
    ("n", "low", "high"), [(6, 1, 6), (10, 2, 9), (20, 6, 15), (30, 10, 21), (144, 60, 85), (650_000, 324_210, 325_791)]
)
def test_ranks_around_the_median(n: int, low: int, high: int) -> None:
    """Those of the domain sheet, and of more values than a sum of fractions could handle."""
    assert quantile_ranks(n, 50) == Ranks(low, high)


@pytest.mark.parametrize("percent", [50, 95])
def test_ranks_agree_with_exact_arithmetic(percent: int) -> None:
    """No rounding error moves a rank, up to 150 values."""
    for n in range(151):
        below, above = exact_tail(n, percent), exact_tail(n, 100 - percent)
        assert quantile_ranks(n, percent) == (Ranks(below, n + 1 - above) if below and above else None)


def exact_tail(n: int, percent: int) -> int:
    """How many outcomes 0, 1, 2 ... of a binomial have at most 2.5 % together, without rounding."""
    cumulated = Fraction(0)
    for k in range(n + 1):
        cumulated += comb(n, k) * Fraction(percent, 100) ** k * Fraction(100 - percent, 100) ** (n - k)
        if cumulated > Fraction(25, 1000):
            return k
    return n


def test_an_interval_of_the_95th_percentile_exists_from_72_values_on() -> None:
    """With 71, even the largest is too often below the percentile."""
    assert quantile_ranks(71, 95) is None
    assert p95_interval(range(1, 73)) == Interval(64, 72)


def test_the_interval_of_the_median_is_made_of_values() -> None:
    """Ten values: the second and the ninth."""
    assert median_interval(range(1, 11)) == Interval(2, 9)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(30, 30, 0.886, 1), (288, 288, 0.987, 1), (287, 288, 0.981, 0.999), (995, 1000, 0.988, 0.998)],
)
def test_wilson_gives_the_examples_of_the_domain_sheet(k: int, n: int, low: float, high: float) -> None:
    """To the digit that is printed there."""
    found = interval(wilson(k / n, n))

    assert (round(found.low, 3), round(found.high, 3)) == (low, high)


@pytest.mark.parametrize(("claim", "n"), [(0.96, 93), (0.99, 381), (0.999, 3838), (0.99999, 384_143)])
def test_how_many_successes_a_claim_needs(claim: float, n: int) -> None:
    """One fewer does not carry it."""
    assert interval(wilson(1.0, n)).low >= claim > interval(wilson(1.0, n - 1)).low


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_ratio_and_stays_between_0_and_1(counts: tuple[int, int]) -> None:
    """An interval without its own value would be nonsense."""
    k, n = counts
    low, high = interval(wilson(k / n, n))

    assert 0 <= low <= k / n + 1e-12
    assert k / n - 1e-12 <= high <= 1


@pytest.mark.parametrize(
    ("degrees", "percentile"),
    [
        (1, 12.706),
        (2, 4.303),
        (5, 2.571),
        (10, 2.228),
        (11, 2.201),
        (15, 2.131),
        (20, 2.086),
        (30, 2.042),
        (120, 1.980),
    ],
)
def test_students_percentiles_are_those_of_the_tables(degrees: int, percentile: float) -> None:
    """As printed in any of them."""
    assert student(degrees) == pytest.approx(percentile, abs=1e-3)
