"""How many packets stay without a reply? Round-trip loss as in RFC 6673.

Of a probe: 1 - received / sent, from the counters that the probe reports, duplicates left out and
packets that never left it not counted as sent. Across probes: the mean of the probes' ratios.
Undefined where nothing was sent.
"""

from measurements.metrics.cell import Cells
from measurements.metrics.metric import RatioMetric, Weight
from measurements.units import Unit


def of_probes(cells: Cells) -> list[tuple[int, int]]:
    """(packets lost, packets sent) per cell."""
    return [(sent - received, sent) for sent, received in zip(cells.n_sent, cells.n_received, strict=True)]


METRIC = RatioMetric(
    name="loss",
    question="Which share of the packets got no reply?",
    unit=Unit.RATIO,
    types=("ping",),
    statistic="ratio",
    statistic_across="mean",
    reads=frozenset(),
    merges=frozenset(),
    weight=Weight.PROBE,
    of_probes=of_probes,
)
