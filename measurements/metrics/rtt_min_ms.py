"""What is the shortest way there? Smallest round-trip time in the bin.

Round-trip delay as in RFC 2681, one packet a singleton; the minimum comes closest to propagation
alone. Of a probe: the smallest RTT of its replies. Across probes: the median of the probes' minima.
Undefined without a reply: never 0, never -1.
"""

from measurements.metrics.cell import Cells
from measurements.metrics.metric import MedianMetric, Weight
from measurements.units import Unit


def of_probes(cells: Cells) -> tuple[float | None, ...]:
    """Smallest RTT per cell, milliseconds."""
    return cells.rtt_min_ms


def sample_counts(cells: Cells) -> tuple[int, ...]:
    """RTTs per cell."""
    return cells.n_rtts


METRIC = MedianMetric(
    name="rtt_min_ms",
    question="What is the smallest round-trip time?",
    unit=Unit.MS,
    types=("ping",),
    statistic="min",
    statistic_across="median",
    reads=frozenset({"rtt_min_ms"}),
    merges=frozenset({"rtt_min_ms"}),
    weight=Weight.PROBE,
    of_probes=of_probes,
    sample_counts=sample_counts,
)
