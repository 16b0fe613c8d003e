"""How the answers of probes become one value: a way for each shape of metric.

* median: the median of the probes' numbers, with the order-statistic interval over probes;
* ratio: the weighted mean of the probes' ratios, with a Wilson interval on the effective number of
  trials, 1 / sum(share^2 / trials) (Kish 1965): for probes alike in weight and trials simply all trials;
* pooled percentile: the order statistic of all round-trip times together;
* shares: the weighted mean of the probes' shares, an estimate for each class.

Sums are exact before they are rounded (`fsum`), so the order of probes cannot show in a value.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import compress
from math import fsum
from operator import mul
from typing import TypeVar, cast

from measurements.estimators import (
    Interval,
    TooFew,
    median,
    median_interval,
    p95_interval,
    percentile,
    weighted_median,
    wilson,
)
from measurements.metrics.cell import Cells
from measurements.metrics.metric import MedianMetric, Metric, PooledMetric, RatioMetric, ShareMetric, Weight
from measurements.series.bins import unpack_rtts
from measurements.series.estimate import Estimate, Networks, networks_of
from measurements.series.rows import Flag

T = TypeVar("T")
MATTERS = 0.1
"""Relative difference above which weighting matters."""

Asns = tuple[int | None, ...]
Identify = Callable[[str], tuple[str, bool]]
"""Identity as a server gave it -> its class, and whether the operator uses such names."""
Combine = Callable[[Cells, Asns], Sequence[Estimate]]
"""Cells, one per probe, and the network of each -> one estimate, or one for each class."""


def combination(metric: Metric, weight: Weight | None, identify: Identify) -> Combine:
    """How to answer a metric; `weight` None means a single probe, or that RTTs are pooled."""
    if isinstance(metric, MedianMetric):
        return lambda cells, asns: (_median(metric, weight, cells, asns),)
    if isinstance(metric, RatioMetric):
        return lambda cells, asns: (_ratio(metric, weight, cells, asns),)
    if isinstance(metric, PooledMetric):
        return lambda cells, asns: (_pooled(metric, cells, asns),)
    shares = cast("ShareMetric", metric)
    return lambda cells, asns: _shares(shares, weight, identify, cells, asns)


def _median(metric: MedianMetric, weight: Weight | None, cells: Cells, asns: Asns) -> Estimate:
    values, asns = _defined(metric.of_probes(cells), asns)
    networks = networks_of(asns)
    ordered = sorted(values)
    by_probe = median(ordered)
    if isinstance(by_probe, TooFew):
        return _undefined(cells)
    by_network = by_probe if networks.is_even else _median_by_network(values, networks)
    value, other = (by_network, by_probe) if weight is Weight.ASN else (by_probe, by_network)
    interval, method = _interval_of_median(metric, weight, cells, ordered, is_even=networks.is_even)
    n_samples = sum(metric.sample_counts(cells))
    return Estimate(value, interval, method, n_samples, len(values), networks.n_asns, _matters(value, other))


def _interval_of_median(
    metric: MedianMetric, weight: Weight | None, cells: Cells, ordered: Sequence[float], *, is_even: bool
) -> tuple[Interval, str] | tuple[None, None]:
    """Over the RTTs of a single probe, else over probes; none where networks weigh probes unevenly."""
    if weight is None and metric.is_median_of_rtts:
        interval, method = median_interval(unpack_rtts(cells.rtts[0] or b"")), "order_statistic"
    elif weight is Weight.PROBE or (weight is Weight.ASN and is_even):
        interval, method = median_interval(ordered), "order_statistic_probes"
    else:
        return None, None
    return (interval, method) if isinstance(interval, Interval) else (None, None)


def _median_by_network(values: Sequence[float], networks: Networks) -> float:
    pairs = sorted(zip(values, networks.weights, strict=True))
    ordered, weights = zip(*pairs, strict=True)
    return cast("float", weighted_median(ordered, weights))


def _ratio(metric: RatioMetric, weight: Weight | None, cells: Cells, asns: Asns) -> Estimate:
    counts, asns = _defined([count if count[1] else None for count in metric.of_probes(cells)], asns)
    if not counts:
        return _undefined(cells)
    ratios = [k / n for k, n in counts]
    trials = [n for _, n in counts]
    return _mean(ratios, trials, weight, networks_of(asns))


def _mean(ratios: Sequence[float], trials: Sequence[int], weight: Weight | None, networks: Networks) -> Estimate:
    """The weighted mean of ratios between 0 and 1, with its interval."""
    n_probes = len(ratios)
    by_probe = fsum(ratios) / n_probes
    by_network = by_probe if networks.is_even else min(1.0, fsum(map(mul, ratios, networks.shares)))
    value, other, shares = by_probe, by_network, (1 / n_probes,) * n_probes
    if weight is Weight.ASN:
        value, other, shares = by_network, by_probe, networks.shares
    effective = 1 / fsum(share * share / n for share, n in zip(shares, trials, strict=True))
    return Estimate(
        value=value,
        interval=cast("Interval", wilson(value, effective)),
        ci_method="wilson" if weight is None else "wilson_effective",
        n_samples=sum(trials),
        n_probes=n_probes,
        n_asns=networks.n_asns,
        flags=_matters(value, other),
    )


def _pooled(metric: PooledMetric, cells: Cells, asns: Asns) -> Estimate:
    packed, asns = _defined([rtts or None for rtts in cells.rtts], asns)
    rtts = sorted(unpack_rtts(b"".join(packed)))
    value = percentile(rtts, metric.percent)
    if isinstance(value, TooFew):
        return _undefined(cells)
    rests_on = len(rtts), len(packed), networks_of(asns).n_asns
    if len(rtts) < metric.n_samples_needed:
        return Estimate(None, None, None, *rests_on, (Flag.TOO_FEW_SAMPLES,))
    return Estimate(value, cast("Interval", p95_interval(rtts)), "order_statistic_pooled", *rests_on)


def _shares(
    metric: ShareMetric, weight: Weight | None, identify: Identify, cells: Cells, asns: Asns
) -> list[Estimate]:
    counts, asns = _defined([seen or None for seen in metric.of_probes(cells)], asns)
    if not counts:
        return [_undefined(cells)]
    networks = networks_of(asns)
    trials = [sum(seen.values()) for seen in counts]
    by_class: dict[tuple[str, bool], list[float]] = defaultdict(lambda: [0.0] * len(counts))
    for i, seen in enumerate(counts):
        for identity, n in seen.items():
            by_class[identify(identity)][i] += n / trials[i]
    estimates = []
    for (name, is_known), ratios in sorted(by_class.items()):
        estimate = _mean(ratios, trials, weight, networks)
        flags = estimate.flags if is_known else (*estimate.flags, Flag.POSSIBLE_INTERCEPTION)
        estimates.append(estimate._replace(flags=flags, instance=name))
    return estimates


def _defined(values: Sequence[T | None], asns: Asns) -> tuple[Sequence[T], Asns]:
    """The values that there are, and the networks of their probes."""
    if None not in values:
        return cast("Sequence[T]", values), asns
    is_there = [value is not None for value in values]
    return cast("list[T]", list(compress(values, is_there))), tuple(compress(asns, is_there))


def _undefined(cells: Cells) -> Estimate:
    reason = Flag.NO_REPLY if any(cells.n_sent) else Flag.NOTHING_SENT
    return Estimate(None, None, None, 0, 0, 0, (reason,))


def _matters(value: float, other: float) -> tuple[Flag, ...]:
    differs = abs(value - other) > MATTERS * max(abs(value), abs(other))
    return (Flag.WEIGHTING_MATTERS,) if differs else ()
