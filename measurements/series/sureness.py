"""How sure a mean of probes' ratios is: the number of independent trials that would tell as much.

Packets of one probe share its fate, and probes of one network share theirs, so a proportion is not as sure
as all its packets together would make it. Variance is therefore estimated from what varies, between probes
and between networks (the ultimate clusters of survey statistics), never from packets, and turned into an
effective number of trials for the interval of Wilson (Dean and Pagano 2015, "Evaluating Confidence Interval Methods
for Binomial Proportions in Clustered Surveys"; the adjustment for few clusters goes back to Korn and Graubard 1998):

    n* = p (1 - p) / v * (z / t)^2        v = k / (k - 1) * sum of (sum of share * (ratio - p) in the cluster)^2

with k clusters, and t the quantile of Student's distribution with k - 1 degrees of freedom in place of the
normal z, since few clusters tell little of v either. Of the two numbers, for probes and for networks, the
smaller counts.

It is at most 1 / sum(share^2 / trials), as Kish reckons with unequal weights; for probes alike in weight and trials
that is simply all trials. Probes that differ less than chance would have it tell no more than that. So it is too
where all or none succeeded: v is then 0, n* undefined, and the nominal number is taken, as programs for such
surveys do. The number of probes in its place would make an interval wider for no loss at all than for one packet
lost among thousands. In return such an interval speaks for probes like these: of trouble that would strike another
one it knows nothing.
"""

from collections.abc import Sequence
from math import fsum, inf
from operator import mul, truediv

from measurements.estimators import Z, student
from measurements.series.estimate import Networks


def effective_trials(
    value: float, ratios: Sequence[float], trials: Sequence[int], shares: Sequence[float], networks: Networks
) -> float:
    """The number of independent trials that tell as much as these probes; `shares` are their weights, together 1.

    `value` is the mean of `ratios` by these shares; there is one entry for each probe. At least 1.
    """
    alike = 1 / fsum(map(truediv, map(mul, shares, shares), trials))
    if not 0 < value < 1:
        return alike
    deviations = [share * (ratio - value) for share, ratio in zip(shares, ratios, strict=True)]
    told = min(alike, _told_by(deviations, value))
    if 1 < len(networks.members) < len(ratios):
        by_network = [fsum([deviations[i] for i in members]) for members in networks.members]
        told = min(told, _told_by(by_network, value))
    return max(1.0, told)


def _told_by(deviations: Sequence[float], value: float) -> float:
    k = len(deviations)
    if k == 1:
        return inf
    variance = k / (k - 1) * fsum(map(mul, deviations, deviations))
    few = Z / student(k - 1)
    return value * (1 - value) / variance * few * few if variance else inf
