"""How long does a reply usually take? Median round-trip time in the bin.

Round-trip delay as in RFC 2681; the statistic is the median of RFC 2681, section 4. Of a probe: the
median of the RTTs of its replies, the mean of the middle two when even, duplicates left out. Across
probes: the median of the probes' medians. Undefined without a reply.
"""

from measurements.metrics.cell import Cells
from measurements.metrics.metric import MedianMetric, Weight
from measurements.units import Unit


def of_probes(cells: Cells) -> tuple[float | None, ...]:
    """Median RTT per cell, milliseconds."""
    return cells.rtt_median_ms


def sample_counts(cells: Cells) -> tuple[int, ...]:
    """RTTs per cell."""
    return cells.n_rtts


METRIC = MedianMetric(
    name="rtt_median_ms",
    question="What is the median round-trip time?",
    unit=Unit.MS,
    types=("ping",),
    statistic="median",
    statistic_across="median",
    reads=frozenset({"rtt_median_ms"}),
    merges=frozenset({"rtts"}),
    weight=Weight.PROBE,
    of_probes=of_probes,
    sample_counts=sample_counts,
    is_median_of_rtts=True,
)
