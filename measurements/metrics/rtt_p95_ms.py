"""How long do the slow replies take? 95th percentile of the round-trip time in the bin.

Round-trip delay as in RFC 2681; the percentile is that of RFC 2330: the smallest RTT
that at least 95 % of the RTTs do not exceed. All RTTs are pooled, of several probes too, and fewer
than 72 give no value: from there on an order-statistic interval exists.
"""

from measurements.estimators import P95_CI_NEEDS
from measurements.metrics.metric import PooledMetric
from measurements.units import Unit

METRIC = PooledMetric(
    name="rtt_p95_ms",
    question="Which round-trip time do 95 % of the replies not exceed?",
    unit=Unit.MS,
    types=("ping",),
    statistic="p95",
    statistic_across="p95",
    reads=frozenset({"rtts"}),
    merges=frozenset({"rtts"}),
    weight=None,
    n_samples_needed=P95_CI_NEEDS,
    percent=95,
)
