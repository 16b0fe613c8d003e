"""Which instance of an anycast service answers? Share of answers by instance.

An answer names its instance by NSID (RFC 5001) or by hostname.bind or id.server (RFC 4892). Of a
probe: answers per instance over answers that named one, or should have. Across probes: the mean share,
every network the same by default, since one operator with an instance of its own would otherwise decide.

Names that the operator does not use are kept as they came: someone else may have answered. `no-identity` is
the class of messages that came back to hostname.bind or id.server without an identity: another RCODE, an
empty answer, or bytes that nobody can read. At K-root, whose servers all tell theirs, it is flagged as
possible interception; the server itself may have been in trouble (SERVFAIL, REFUSED). Time-outs, and answers
to other queries without NSID, say nothing about instances and are left out.

A class seen in another bin of the answer has share 0 in a bin without it; a bin without any row is a gap.
"""

from collections.abc import Mapping

from measurements.metrics.cell import Cells
from measurements.metrics.metric import ShareMetric, Weight
from measurements.units import Unit


def of_probes(cells: Cells) -> tuple[Mapping[str, int] | None, ...]:
    """Identity as the server gave it -> answers, per cell."""
    return cells.instances


METRIC = ShareMetric(
    name="instance_share",
    question="Which share of the answers came from each instance?",
    unit=Unit.RATIO,
    types=("dns",),
    statistic="share",
    statistic_across="share",
    reads=frozenset({"instances"}),
    merges=frozenset({"instances"}),
    weight=Weight.ASN,
    of_probes=of_probes,
)
