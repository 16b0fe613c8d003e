"""All metrics by their name on the wire."""

from measurements.metrics import (
    availability,
    hop_count,
    instance_share,
    loss,
    reach,
    response_time_ms,
    rtt_median_ms,
    rtt_min_ms,
    rtt_p95_ms,
)
from measurements.metrics.metric import Metric

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        rtt_min_ms.METRIC,
        rtt_median_ms.METRIC,
        rtt_p95_ms.METRIC,
        loss.METRIC,
        reach.METRIC,
        availability.METRIC,
        response_time_ms.METRIC,
        hop_count.METRIC,
        instance_share.METRIC,
    )
}
