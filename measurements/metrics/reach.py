"""From how many vantage points did anything come back? Type-P two-way connectivity, RFC 2678.

Of a probe: 1 where at least one packet of the bin was answered, else 0. Across probes: the share of
probes with 1. A probe without a result, and one that could send nothing, counts neither way: silence
of the probe is not silence of the network. It rises with the width of the bin, so compare equal bins.
Of traceroutes a reply counts only from the destination; of DNS queries any message does, whatever its RCODE and
even where nobody can read it: something is there, which `availability` then counts as a failure.
"""

from measurements.metrics.cell import Cells
from measurements.metrics.metric import RatioMetric, Weight
from measurements.units import Unit


def of_probes(cells: Cells) -> list[tuple[int, int]]:
    """(1 if anything came back, 1 if anything was sent) per cell; what came back was sent, judged or not."""
    pairs = zip(cells.n_sent, cells.n_received, strict=True)
    return [(int(received > 0), int(sent > 0 or received > 0)) for sent, received in pairs]


METRIC = RatioMetric(
    name="reach",
    question="Which share of the probes got at least one reply?",
    unit=Unit.RATIO,
    types=("ping", "traceroute", "dns"),
    statistic="share",
    statistic_across="share",
    reads=frozenset(),
    merges=frozenset(),
    weight=Weight.PROBE,
    of_probes=of_probes,
)
