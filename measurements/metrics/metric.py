"""What a metric is: a question about probes, its unit, and how the answers of probes become one.

Every metric is asked of each probe first; only then are probes put together, so that a probe that
reports more often does not count for more. Four shapes suffice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from measurements.metrics.cell import Cells
from measurements.units import Unit


class Weight(StrEnum):
    """How much each probe counts in a figure of several."""

    PROBE = "probe"
    """Every probe the same."""
    ASN = "asn"
    """Every network the same, and within a network every probe the same."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What all metrics have. `reads` and `merges` are columns of `Cell` beyond the counters."""

    name: str
    question: str
    unit: Unit
    types: tuple[str, ...]
    """Result types it can be asked of; the first is meant where none is named."""
    statistic: str
    """What the value of one probe is."""
    statistic_across: str
    """What the value of several probes is."""
    reads: frozenset[str]
    """Columns it needs."""
    merges: frozenset[str]
    """Columns it needs besides where cells of a probe must be merged, or one probe's interval given."""
    weight: Weight | None
    """How probes are weighted by default; None where single RTTs are pooled and no weight applies."""
    n_samples_needed: int = 1


@dataclass(frozen=True, kw_only=True)
class MedianMetric(Metric):
    """One number per probe; across probes their median."""

    of_probes: Callable[[Cells], Sequence[float | None]]
    """One number per cell; None where it is undefined."""
    sample_counts: Callable[[Cells], Sequence[int]]
    """How many samples each number rests on."""
    is_median_of_rtts: bool = False
    """Whether a probe's number is the median of its RTTs, so that they give its interval."""


@dataclass(frozen=True, kw_only=True)
class RatioMetric(Metric):
    """So many of so many per probe; across probes the mean of the ratios."""

    of_probes: Callable[[Cells], Sequence[tuple[int, int]]]
    """(how many, of how many) per cell; (0, 0) where the ratio is undefined."""


@dataclass(frozen=True, kw_only=True)
class PooledMetric(Metric):
    """A percentile of all RTTs of all probes together."""

    percent: int


@dataclass(frozen=True, kw_only=True)
class ShareMetric(Metric):
    """Classes and how often each was seen per probe; across probes the mean share of each class."""

    of_probes: Callable[[Cells], Sequence[Mapping[str, int] | None]]
