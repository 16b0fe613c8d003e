"""How long does a DNS answer take? Median response time in the bin, as RSSAC047v2 has it.

Of a probe: the median of the response times of the messages that came back, whatever their RCODE;
time-outs have none and are left to `availability`. Across probes: the median of the probes' medians.
"""

from measurements.metrics.cell import Cells
from measurements.metrics.metric import MedianMetric, Weight
from measurements.units import Unit


def of_probes(cells: Cells) -> tuple[float | None, ...]:
    """Median response time per cell, milliseconds."""
    return cells.rtt_median_ms


def sample_counts(cells: Cells) -> tuple[int, ...]:
    """Response times per cell."""
    return cells.n_rtts


METRIC = MedianMetric(
    name="response_time_ms",
    question="What is the median time until a DNS answer came?",
    unit=Unit.MS,
    types=("dns",),
    statistic="median",
    statistic_across="median",
    reads=frozenset({"rtt_median_ms"}),
    merges=frozenset({"rtts"}),
    weight=Weight.PROBE,
    of_probes=of_probes,
    sample_counts=sample_counts,
    is_median_of_rtts=True,
)
