"""Estimators: a number from several values, and how sure it is. "Too few" is an answer.

Interval methods follow textbook definitions: the score interval of Wilson for proportions, and distribution-free
intervals for quantiles, which lie between order statistics.
All intervals are two-sided, 95 %. Sequences are sorted ascending and are not changed.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from math import exp, floor, fsum, lgamma, log, sqrt
from typing import NamedTuple

Z = 1.959963984540054
"""97.5th percentile of the standard normal distribution."""
STUDENT = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)
"""97.5th percentiles of Student's distribution with 1 to 10 degrees of freedom."""
TAIL = 0.025
MEDIAN_CI_NEEDS = 6
P95_CI_NEEDS = 72


class TooFew(NamedTuple):
    """The answer where there are not enough values: how many would do, how many there were."""

    needed: int
    had: int


class Interval(NamedTuple):
    """A confidence interval, both ends included."""

    low: float
    high: float


class Ranks(NamedTuple):
    """Two order statistics, counted from 1, between which a quantile lies."""

    low: int
    high: int


def median(values: Sequence[float]) -> float | TooFew:
    """The middle value, or the mean of the middle two."""
    n = len(values)
    if not n:
        return TooFew(1, 0)
    half = n // 2
    return values[half] if n % 2 else (values[half - 1] + values[half]) / 2


def percentile(values: Sequence[float], percent: int) -> float | TooFew:
    """Nearest rank: the smallest value with at least `percent` % of the values at or below it.

    Always a value that was measured, never one between two, so it is exact after merging.
    """
    n = len(values)
    if not n:
        return TooFew(1, 0)
    return values[max(1, -(-percent * n // 100)) - 1]


def weighted_median(values: Sequence[float], weights: Sequence[int]) -> float | TooFew:
    """The value at which half of the weight is reached, or the mean of it and the next when exactly half.

    `weights` are positive integers in the order of `values`; equal weights give `median`.
    """
    if not values:
        return TooFew(1, 0)
    cumulated = list(accumulate(weights))
    half, is_odd = divmod(cumulated[-1], 2)
    i = bisect_left(cumulated, half + is_odd)
    return values[i] if is_odd or cumulated[i] > half else (values[i] + values[i + 1]) / 2


def wilson(ratio: float, n: float) -> Interval | TooFew:
    """Score interval of a proportion observed in `n` trials; of 0 it begins at 0, of 1 it ends at 1.

    `n` may be the effective number of trials of a weighted mean, so it need not be whole.
    """
    if n <= 0:
        return TooFew(1, 0)
    z2 = Z * Z
    centre = ratio + z2 / (2 * n)
    spread = Z * sqrt(ratio * (1 - ratio) / n + z2 / (4 * n * n))
    scale = 1 + z2 / n
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return Interval(max(0.0, low) if ratio > 0 else 0.0, min(1.0, high) if ratio < 1 else 1.0)


@lru_cache(maxsize=4096)
def student(degrees: int) -> float:
    """97.5th percentile of Student's distribution, to three decimals; beyond 10 degrees by Fisher's expansion."""
    if degrees <= len(STUDENT):
        return STUDENT[degrees - 1]
    return Z + fsum(term / float(degrees) ** power for power, term in enumerate(_FISHER, 1))


_FISHER = (
    (Z**3 + Z) / 4,
    (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96,
    (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384,
)


def median_interval(values: Sequence[float]) -> Interval | TooFew:
    """Order-statistic interval of the median; exists from 6 values on."""
    return _between_ranks(values, 50, MEDIAN_CI_NEEDS)


def p95_interval(values: Sequence[float]) -> Interval | TooFew:
    """Order-statistic interval of the 95th percentile; exists from 72 values on."""
    return _between_ranks(values, 95, P95_CI_NEEDS)


def _between_ranks(values: Sequence[float], percent: int, needed: int) -> Interval | TooFew:
    ranks = quantile_ranks(len(values), percent)
    if ranks is None:
        return TooFew(needed, len(values))
    return Interval(values[ranks.low - 1], values[ranks.high - 1])


@lru_cache(maxsize=65_536)
def quantile_ranks(n: int, percent: int) -> Ranks | None:
    """The ranks between which a quantile lies with at least 95 % confidence, each tail at most 2.5 %.

    How many of `n` values fall below the quantile is binomial, whatever their distribution.
    None where even the smallest and the largest value do not suffice.
    """
    below = _tail_length(n, percent)
    above = _tail_length(n, 100 - percent)
    return Ranks(below, n + 1 - above) if below and above else None


def _tail_length(n: int, percent: int) -> int:
    """How many outcomes 0, 1, 2 ... of a binomial (n, percent) have at most 2.5 % together.

    Summed from nine standard deviations below the mean: what lies further out is below 1e-15.
    """
    share = percent / 100
    first = max(0, floor(n * share - 9 * sqrt(n * share * (1 - share))))
    choose = lgamma(n + 1) - lgamma(first + 1) - lgamma(n - first + 1)
    likelihood = exp(choose + first * log(share) + (n - first) * log(1 - share))
    odds = share / (1 - share)
    cumulated = 0.0
    for k in range(first, n + 1):
        cumulated += likelihood
        if cumulated > TAIL:
            return k
        likelihood *= odds * (n - k) / (k + 1)
    return n
