"""How the answers of probes become one value: a way for each shape of metric.

* median: the median of the probes' numbers, with the order-statistic interval over probes;
* ratio: the weighted mean of the probes' ratios, with a Wilson interval on the effective number of trials
  (`sureness`), of a single probe on all its trials;
* pooled percentile: the order statistic of all round-trip times together;
* shares: the weighted mean of the probes' shares, an estimate for each class; 0 for a class that this group
  shows in another bin of the answer only, so that 0 and a gap are told apart.

Sums are exact before they are rounded (`fsum`), so the order of probes cannot show in a value.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import compress
from math import fsum, inf
from operator import mul
from typing import NamedTuple, TypeVar, cast

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
from measurements.series.arrange import Segment
from measurements.series.bins import unpack_rtts
from measurements.series.estimate import Estimate, Networks, networks_of
from measurements.series.panel import Group, GroupKey
from measurements.series.rows import Flag
from measurements.series.sureness import effective_trials

T = TypeVar("T")
MATTERS = 0.1
"""Relative difference above which weighting matters."""

Asns = tuple[int | None, ...]
Identify = Callable[[str], tuple[str, bool]]
"""Identity as a server gave it -> its class, and whether the operator uses such names."""
Combine = Callable[[slice, Group], Sequence[Estimate]]
"""Which cells, one per probe, and of whom they are -> one estimate, or one for each class."""
Class = tuple[str, bool]
"""What `Identify` gives."""


def combination(
    metric: Metric, weight: Weight | None, identify: Identify, cells: Cells, segments: Sequence[Segment]
) -> Combine:
    """How to answer a metric from the segments of `cells`; `weight` None means one probe, or that RTTs are pooled.

    The metric is asked of all cells at once, and its answers are then combined segment by segment.
    """
    if isinstance(metric, MedianMetric):
        return _medians(metric, weight, cells)
    if isinstance(metric, RatioMetric):
        return _ratios(metric, weight, cells)
    if isinstance(metric, PooledMetric):
        return _pooled(metric, cells)
    return _shares(cast("ShareMetric", metric), weight, identify, cells, segments)


def _medians(metric: MedianMetric, weight: Weight | None, cells: Cells) -> Combine:
    all_values = metric.of_probes(cells)
    all_counts = metric.sample_counts(cells)
    method = "order_statistic_probes" if weight else "order_statistic"

    def combine(part: slice, group: Group) -> tuple[Estimate]:
        values, asns = _defined(all_values[part], group.asns)
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

    def combine(part: slice, group: Group) -> tuple[Estimate]:
        counts, asns = _defined(all_counts[part], group.asns)
        if not counts:
            return (_undefined(cells, part),)
        ratios = [k / n for k, n in counts]
        trials = [n for _, n in counts]
        networks = networks_of(asns)
        return (_with_interval(_mean(ratios, trials, weight, networks), trials, weight, networks),)

    return combine


class _Mean(NamedTuple):
    """A weighted mean of ratios between 0 and 1."""

    value: float
    other: float
    """The same by the other weighting."""
    told: float
    """How many independent trials tell as much."""


def _mean(ratios: Sequence[float], trials: Sequence[int], weight: Weight | None, networks: Networks) -> _Mean:
    """The mean over probes; `weight` None means a single one."""
    n_probes = len(ratios)
    shares: Sequence[float] = (1 / n_probes,) * n_probes
    value = other = fsum(ratios) / n_probes
    if not networks.is_even:
        other = min(1.0, fsum(map(mul, ratios, networks.shares)))
    if weight is Weight.ASN:
        value, other, shares = other, value, networks.shares
    return _Mean(value, other, effective_trials(value, ratios, trials, shares, networks))


def _with_interval(mean: _Mean, trials: Sequence[int], weight: Weight | None, networks: Networks) -> Estimate:
    value, other, told = mean
    method = "wilson_clustered" if weight else "wilson"
    n_asns = networks.n_asns
    return Estimate(value, wilson(value, told), method, sum(trials), len(trials), n_asns, _matters(value, other))


def _pooled(metric: PooledMetric, cells: Cells) -> Combine:
    def combine(part: slice, group: Group) -> tuple[Estimate]:
        packed, asns = _defined([rtts or None for rtts in cells.rtts[part]], group.asns)
        rtts = sorted(unpack_rtts(b"".join(packed)))
        value = percentile(rtts, metric.percent)
        if isinstance(value, TooFew):
            return (_undefined(cells, part),)
        rests_on = len(rtts), len(packed), networks_of(asns).n_asns
        if len(rtts) < metric.n_samples_needed:
            return (Estimate(None, None, None, *rests_on, (Flag.TOO_FEW_SAMPLES,)),)
        return (Estimate(value, p95_interval(rtts), "order_statistic_pooled", *rests_on),)

    return combine


def _shares(
    metric: ShareMetric, weight: Weight | None, identify: Identify, cells: Cells, segments: Sequence[Segment]
) -> Combine:
    all_counts = [_by_class(seen, identify) if seen else None for seen in metric.of_probes(cells)]
    classes: dict[GroupKey, set[Class]] = {}
    for segment in segments:
        classes.setdefault(segment.group.key, set()).update(*filter(None, all_counts[segment.part]))

    def combine(part: slice, group: Group) -> list[Estimate]:
        counts, asns = _defined(all_counts[part], group.asns)
        if not counts:
            return [_undefined(cells, part)]
        networks = networks_of(asns)
        trials = [sum(seen.values()) for seen in counts]
        means = {}
        for found in sorted(classes[group.key]):
            ratios = [seen.get(found, 0) / n for seen, n in zip(counts, trials, strict=True)]
            means[found] = _mean(ratios, trials, weight, networks)
        return [_of_class(found, _with_interval(mean, trials, weight, networks)) for found, mean in _alike(means)]

    return combine


def _alike(means: Mapping[Class, _Mean]) -> Iterator[tuple[Class, _Mean]]:
    """The means; one of 0 or 1 does not show how probes differ, but the other classes of the bin do."""
    least = min((mean.told for mean in means.values() if 0 < mean.value < 1), default=inf)
    for found, mean in means.items():
        yield found, mean if 0 < mean.value < 1 else mean._replace(told=min(mean.told, least))


def _by_class(seen: Mapping[str, int], identify: Identify) -> dict[Class, int]:
    by_class: Counter[Class] = Counter()
    for identity, n in seen.items():
        by_class[identify(identity)] += n
    return by_class


def _of_class(found: Class, estimate: Estimate) -> Estimate:
    name, is_known = found
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
