"""How many hops away is it? Median hop count of the traceroutes that arrived.

The hop count of a traceroute is the TTL of the first hop from which the destination itself answered;
a traceroute that did not arrive has none. Of a probe: the median. Across probes: the median of the
probes' medians.
"""

from collections.abc import Mapping
from itertools import chain, repeat

from measurements.estimators import TooFew, median
from measurements.metrics.cell import Cells
from measurements.metrics.metric import MedianMetric, Weight
from measurements.units import Unit


def of_probes(cells: Cells) -> list[float | None]:
    """Median hop count per cell."""
    return [_median_count(hop_counts or {}) for hop_counts in cells.hop_counts]


def sample_counts(cells: Cells) -> list[int]:
    """Traceroutes that arrived, per cell."""
    return [sum((hop_counts or {}).values()) for hop_counts in cells.hop_counts]


def _median_count(hop_counts: Mapping[str, int] | Mapping[int, int]) -> float | None:
    by_count = sorted((int(hops), n) for hops, n in hop_counts.items())
    middle = median(list(chain.from_iterable(repeat(hops, n) for hops, n in by_count)))
    return None if isinstance(middle, TooFew) else middle


METRIC = MedianMetric(
    name="hop_count",
    question="How many hops away is the destination?",
    unit=Unit.COUNT,
    types=("traceroute",),
    statistic="median",
    statistic_across="median",
    reads=frozenset({"hop_counts"}),
    merges=frozenset({"hop_counts"}),
    weight=Weight.PROBE,
    of_probes=of_probes,
    sample_counts=sample_counts,
)
