"""A series: all that one measurement says about one target, one address family and one protocol."""

from collections.abc import Iterable
from typing import NamedTuple


class Series(NamedTuple):
    """What the cells of one series have in common."""

    series_id: int
    label: str
    data_class: str
    agreement_id: int | None
    atlas_id: int
    type: str
    target: str
    address_family: int
    """4, 6, or 0 where the records do not say."""
    protocol: str
    """Empty where the records do not say."""


class Stratum(NamedTuple):
    """What is never mixed in one figure."""

    label: str
    data_class: str
    agreement_id: int | None
    target: str
    address_family: int
    protocol: str


def stratum_of(series: Series) -> Stratum:
    """The stratum of a series. Pings are all ICMP, whether or not their firmware says so."""
    protocol = "ICMP" if series.type == "ping" else series.protocol
    return Stratum(series.label, series.data_class, series.agreement_id, series.target, series.address_family, protocol)


def is_merging(series: Iterable[Series]) -> bool:
    """Whether several measurements answer for one figure, so that a probe may have several cells in a bin."""
    strata = [stratum_of(one) for one in series]
    return len(set(strata)) < len(strata)
