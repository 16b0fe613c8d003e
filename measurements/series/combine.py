"""How the answers of probes become one value: a way for each shape of metric.

* median: the median of the probes' numbers, with the order-statistic interval over probes;
* ratio: the weighted mean of the probes' ratios, with a Wilson interval on the effective number of
  trials, 1 / sum(share^2 / trials) (Kish 1965): for probes alike in weight and trials simply all trials;
* pooled percentile: the order statistic of all round-trip times together;
* shares: the weighted mean of the probes' shares, an estimate for each class.

Sums are exact before they are rounded (`fsum`), so the order of probes cannot show in a value.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from math import fsum
from operator import mul, truediv
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
Combine = Callable[[slice, Asns], Sequence[Estimate]]
"""Which cells, one per probe, and the network of each -> one estimate, or one for each class."""


def combination(metric: Metric, weight: Weight | None, identify: Identify, cells: Cells) -> Combine:
    """How to answer a metric from parts of `cells`; `weight` None means one probe, or that RTTs are pooled.

    The metric is asked of all cells at once, and its answers are then combined part by part.
    """
    if isinstance(metric, MedianMetric):
        return _medians(metric, weight, cells)
    if isinstance(metric, RatioMetric):
        return _ratios(metric, weight, cells)
    if isinstance(metric, PooledMetric):
        return _pooled(metric, cells)
    return _shares(cast("ShareMetric", metric), weight, identify, cells)


def _medians(metric: MedianMetric, weight: Weight | None, cells: Cells) -> Combine:
    all_values = metric.of_probes(cells)
    all_counts = metric.sample_counts(cells)
    method = "order_statistic_probes" if weight else "order_statistic"

    def combine(part: slice, asns: Asns) -> tuple[Estimate]:
        values, asns = _defined(all_values[part], asns)
        ordered = sorted(values)
        value = median(ordered)
        if isinstance(value, TooFew):
            return (_undefined(cells, part),)
        networks = networks_of(asns)
        flags = () if networks.is_even else _weighting_of_median(value, values, networks)
        interval: Interval | TooFew | None = None
        if weight is None:
            interval = _interval_of_rtts(metric, cells, part)
        elif weight is Weight.PROBE or networks.is_even:
            interval = median_interval(ordered)
        else:
            value = _median_by_network(values, networks)
        return (Estimate(value, interval, method, sum(all_counts[part]), len(ordered), networks.n_asns, flags),)

    return combine


def _weighting_of_median(by_probe: float, values: Sequence[float], networks: Networks) -> tuple[Flag, ...]:
    """The flag, where the median by network is out of the band around that by probe.

    Less than half of the weight out of the band cannot take the median out: then it is not worked out.
    """
    low, high = by_probe * (1 - MATTERS), by_probe / (1 - MATTERS)
    outside = [weight for value, weight in zip(values, networks.weights, strict=True) if not low <= value <= high]
    if 2 * sum(outside) < networks.total:
        return ()
    return _matters(by_probe, _median_by_network(values, networks))


def _median_by_network(values: Sequence[float], networks: Networks) -> float:
    order = sorted(range(len(values)), key=values.__getitem__)
    weights = networks.weights
    return cast("float", weighted_median([values[i] for i in order], [weights[i] for i in order]))


def _interval_of_rtts(metric: MedianMetric, cells: Cells, part: slice) -> Interval | TooFew | None:
    if not metric.is_median_of_rtts:
        return None
    return median_interval(unpack_rtts(b"".join(packed for packed in cells.rtts[part] if packed)))


def _ratios(metric: RatioMetric, weight: Weight | None, cells: Cells) -> Combine:
    all_counts = [count if count[1] else None for count in metric.of_probes(cells)]

    def combine(part: slice, asns: Asns) -> tuple[Estimate]:
        counts, asns = _defined(all_counts[part], asns)
        if not counts:
            return (_undefined(cells, part),)
        ratios = [k / n for k, n in counts]
        trials = [n for _, n in counts]
        return (_mean(ratios, trials, weight, networks_of(asns)),)

    return combine


def _mean(ratios: Sequence[float], trials: Sequence[int], weight: Weight | None, networks: Networks) -> Estimate:
    """The weighted mean of ratios between 0 and 1, with its interval."""
    n_probes = len(ratios)
    shares: Sequence[float] = (1 / n_probes,) * n_probes
    value = other = fsum(ratios) / n_probes
    if not networks.is_even:
        other = min(1.0, fsum(map(mul, ratios, networks.shares)))
    if weight is Weight.ASN:
        value, other, shares = other, value, networks.shares
    effective = 1 / fsum(map(truediv, map(mul, shares, shares), trials))
    method = "wilson_effective" if weight else "wilson"
    n_asns = networks.n_asns
    return Estimate(value, wilson(value, effective), method, sum(trials), n_probes, n_asns, _matters(value, other))


def _pooled(metric: PooledMetric, cells: Cells) -> Combine:
    def combine(part: slice, asns: Asns) -> tuple[Estimate]:
        packed, asns = _defined([rtts or None for rtts in cells.rtts[part]], asns)
        rtts = sorted(unpack_rtts(b"".join(packed)))
        value = percentile(rtts, metric.percent)
        if isinstance(value, TooFew):
            return (_undefined(cells, part),)
        rests_on = len(rtts), len(packed), networks_of(asns).n_asns
        if len(rtts) < metric.n_samples_needed:
            return (Estimate(None, None, None, *rests_on, (Flag.TOO_FEW_SAMPLES,)),)
        return (Estimate(value, p95_interval(rtts), "order_statistic_pooled", *rests_on),)

    return combine


def _shares(metric: ShareMetric, weight: Weight | None, identify: Identify, cells: Cells) -> Combine:
    all_counts = [seen or None for seen in metric.of_probes(cells)]

    def combine(part: slice, asns: Asns) -> list[Estimate]:
        counts, asns = _defined(all_counts[part], asns)
        if not counts:
            return [_undefined(cells, part)]
        networks = networks_of(asns)
        trials = [sum(seen.values()) for seen in counts]
        return [
            _of_class(name, _mean(ratios, trials, weight, networks), is_known=is_known)
            for (name, is_known), ratios in sorted(_ratios_by_class(counts, trials, identify).items())
        ]

    return combine


def _ratios_by_class(
    counts: Sequence[Mapping[str, int]], trials: Sequence[int], identify: Identify
) -> dict[tuple[str, bool], list[float]]:
    by_class: dict[tuple[str, bool], list[int]] = {}
    for i, seen in enumerate(counts):
        for identity, n in seen.items():
            by_class.setdefault(identify(identity), [0] * len(counts))[i] += n
    return {found: list(map(truediv, numbers, trials)) for found, numbers in by_class.items()}


def _of_class(name: str, estimate: Estimate, *, is_known: bool) -> Estimate:
    flags = estimate.flags if is_known else (*estimate.flags, Flag.POSSIBLE_INTERCEPTION)
    return estimate._replace(instance=name, flags=flags)


def _defined(values: Sequence[T | None], asns: Asns) -> tuple[Sequence[T], Asns]:
    """The values that there are, and the networks of their probes."""
    if None not in values:
        return cast("Sequence[T]", values), asns
    is_there = [value is not None for value in values]
    return cast("list[T]", list(compress(values, is_there))), tuple(compress(asns, is_there))


def _undefined(cells: Cells, part: slice) -> Estimate:
    if any(cells.n_received[part]):
        reason = Flag.NOT_TOLD
    else:
        reason = Flag.NO_REPLY if any(cells.n_sent[part]) else Flag.NOTHING_SENT
    return Estimate(None, None, None, 0, 0, 0, (reason,))


def _matters(value: float, other: float) -> tuple[Flag, ...]:
    differs = abs(value - other) > MATTERS * max(abs(value), abs(other))
    return (Flag.WEIGHTING_MATTERS,) if differs else ()
