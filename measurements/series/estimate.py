"""Estimates: a value of one bin, its interval, what it rests on, and when it is better not given."""

from collections import Counter
from functools import lru_cache
from math import lcm
from typing import NamedTuple

from measurements.estimators import Interval, TooFew
from measurements.metrics.metric import Weight
from measurements.series.query import Scope
from measurements.series.rows import Flag

CI_METHODS = {
    "order_statistic": "95 % order-statistic interval of the median over the round-trip times of the probe",
    "order_statistic_probes": "95 % order-statistic interval of the median over probes",
    "order_statistic_pooled": "95 % order-statistic interval of the percentile over all round-trip times; those of "
    "one probe are alike, so the true interval is wider",
    "wilson": "95 % Wilson score interval over the packets, queries or answers of the probe",
    "wilson_clustered": "95 % Wilson score interval on the effective number of packets, queries, answers or probes, "
    "by how much probes, and networks, differ from each other; where all or none succeeded, on all of them",
}
"""What each `ci_method` on the wire means."""


class Estimate(NamedTuple):
    """A value and what it rests on; without a value a flag is the reason."""

    value: float | None
    interval: Interval | TooFew | None
    ci_method: str | None
    n_samples: int
    n_probes: int
    n_asns: int
    flags: tuple[Flag, ...] = ()
    instance: str | None = None


class Networks(NamedTuple):
    """How probes spread over networks. Those of unknown networks are taken for one together."""

    n_asns: int
    """Known networks."""
    weights: tuple[int, ...]
    """Of each probe, so that every network weighs the same."""
    total: int
    """Of these weights."""
    shares: tuple[float, ...]
    """The same weights as parts of 1."""
    is_even: bool
    """Whether the weights are all equal."""
    members: tuple[tuple[int, ...], ...]
    """Positions of the probes of each network."""


@lru_cache(maxsize=4096)
def networks_of(asns: tuple[int | None, ...]) -> Networks:
    """The spread of probes over networks, of one entry per probe."""
    sizes = Counter(asns)
    members: dict[int | None, list[int]] = {}
    for position, asn in enumerate(asns):
        members.setdefault(asn, []).append(position)
    common = lcm(*sizes.values())
    return Networks(
        n_asns=len(sizes) - (None in sizes),
        weights=tuple(common // sizes[asn] for asn in asns),
        total=common * len(sizes),
        shares=tuple(1 / (len(sizes) * sizes[asn]) for asn in asns),
        is_even=len(set(sizes.values())) <= 1,
        members=tuple(map(tuple, members.values())),
    )


class Minimum(NamedTuple):
    """How many probes and networks a figure must rest on to be given."""

    n_probes: int
    n_asns: int


MINIMUMS = {Scope.PROBE: Minimum(1, 0), Scope.ASN: Minimum(3, 1), Scope.NATIONAL: Minimum(5, 3)}
"""Below, one probe or one network would speak for all (domain sheet, 3.7)."""


def guarded(estimate: Estimate, minimum: Minimum) -> Estimate:
    """The estimate, or the answer "too few": no value, but what it would have rested on.

    Nor is anything said then of how it would have come out otherwise.
    """
    if estimate.value is None:
        return estimate
    too_few = []
    if estimate.n_probes < minimum.n_probes:
        too_few.append(Flag.TOO_FEW_PROBES)
    if estimate.n_asns < minimum.n_asns:
        too_few.append(Flag.TOO_FEW_NETWORKS)
    if not too_few:
        return estimate
    other = (flag for flag in estimate.flags if flag is not Flag.WEIGHTING_MATTERS)
    return estimate._replace(value=None, interval=None, ci_method=None, flags=(*too_few, *other))


def weight_scheme(weight: Weight | None, scope: Scope) -> str | None:
    """Name of the weighting on the wire."""
    if scope is Scope.PROBE:
        return None
    return weight.value if weight else "pooled"
