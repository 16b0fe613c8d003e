"""How many queries does the service answer? Availability, counted as in RSSAC047v2.

Of a probe: queries answered with NOERROR over queries sent; a time-out, any other RCODE and a malformed
message are failures, nothing is asked again. An answer whose RCODE is unknown (the measurement leaves the
message out) is missing: neither. Across probes: the mean of the probes' ratios. Undefined where nothing is
left. RSSAC waits 4 s for an answer, RIPE Atlas 5 s unless told otherwise.
"""

from measurements.metrics.cell import Cells
from measurements.metrics.metric import RatioMetric, Weight
from measurements.units import Unit


def of_probes(cells: Cells) -> list[tuple[int, int]]:
    """(queries answered with NOERROR, queries sent) per cell."""
    return list(zip(cells.n_success, cells.n_sent, strict=True))


METRIC = RatioMetric(
    name="availability",
    question="Which share of the DNS queries was answered with NOERROR?",
    unit=Unit.RATIO,
    types=("dns",),
    statistic="ratio",
    statistic_across="mean",
    reads=frozenset(),
    merges=frozenset(),
    weight=Weight.PROBE,
    of_probes=of_probes,
)
