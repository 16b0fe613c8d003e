"""Listings: what one registry says is Tajik, of one kind and at one instant, and how they become a `Registry`.

A listing replaces the one before it of the same kind, subject and lister. Only complete ones count, and only a whole
set of them makes a registry: what is missing from half of one would pass for not Tajik.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from measurements.agreements.registry import COUNTRY, Network, Registry


class FactKind(StrEnum):
    """What a fact says of its value."""

    REGISTERED_PREFIX = "registered_prefix"
    ASN = "asn"
    ORIGINATED_PREFIX = "originated_prefix"

    @property
    def explanation(self) -> str:
        """In plain words."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    FactKind.REGISTERED_PREFIX: "registered in Tajikistan",
    FactKind.ASN: "a network that is registered in Tajikistan",
    FactKind.ORIGINATED_PREFIX: "announced by a network that is registered in Tajikistan",
}


class Lister(StrEnum):
    """Who lists."""

    RIPESTAT = "ripestat"
    RIR = "rir"
    """The delegation statistics of the regional registries, as others have gathered them."""


class Fact(NamedTuple):
    """One entry of a listing."""

    value: str
    """A prefix as RFC 5952 writes it, or a network such as AS24722."""
    origin_asn: int | None = None
    """Who announces it, of an originated prefix."""


class Listing(NamedTuple):
    """What was listed at an instant; it may be nothing."""

    kind: FactKind
    about: str
    """`TJ`; of originated prefixes, the network that announces them, such as AS24722."""
    listed_by: Lister
    observed_at: int
    """As of when it is true, by the lister's own word: seconds since the epoch, UTC."""
    facts: frozenset[Fact]
    is_complete: bool = True
    """Whether nothing is known to be missing from it."""


class Told(NamedTuple):
    """The listings of one answer or file, and the answer itself."""

    listings: tuple[Listing, ...]
    body: bytes
    """JSON; of an answer over HTTP, verbatim."""
    query_id: str | None = None
    """By which RIPEstat can find the question again."""
    warnings: tuple[str, ...] = ()
    """What whoever answered has to say about the answer."""


class Assembly(NamedTuple):
    """A registry, or what keeps it from being one."""

    registry: Registry | None
    missing: tuple[str, ...]
    """Listings that nobody has brought yet, in words."""


def network_name(asn: int) -> str:
    """A network as it is written: AS24722."""
    return f"AS{asn}"


def asn_of(name: str) -> int:
    """The number of a network such as AS24722 or 24722. Raises `ValueError`."""
    digits = name.strip().upper().removeprefix("AS")
    if not (digits.isascii() and digits.isdecimal()) or int(digits) >= 2**32:
        raise ValueError(f"{name!r:.80} is no network; expected one such as AS24722")
    return int(digits)


def prefixes_of(entry: str) -> Sequence[Network]:
    """The prefixes of an entry such as 193.0.14.0/24, or 193.0.14.0-193.0.15.255. Raises `ValueError`."""
    first, dash, last = entry.partition("-")
    if not dash:
        return [ipaddress.ip_network(entry.strip())]
    ends = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
    return list(ipaddress.summarize_address_range(*ends))


def registered(prefixes: Iterable[str], listed_by: Lister, observed_at: int) -> Listing:
    """The prefixes of the country. It has some of both address families: without either, some are missing."""
    held = [ipaddress.ip_network(prefix) for prefix in prefixes]
    facts = frozenset(Fact(str(prefix)) for prefix in held)
    is_complete = {prefix.version for prefix in held} == {4, 6}
    return Listing(FactKind.REGISTERED_PREFIX, COUNTRY, listed_by, observed_at, facts, is_complete)


def networks(asns: Iterable[int], listed_by: Lister, observed_at: int) -> Listing:
    """The networks of the country. It has some: an empty list is no data."""
    facts = frozenset(Fact(network_name(asn)) for asn in asns)
    return Listing(FactKind.ASN, COUNTRY, listed_by, observed_at, facts, bool(facts))


def originated(asn: int, prefixes: Iterable[str], listed_by: Lister, observed_at: int) -> Listing:
    """What a network announces, which may be nothing."""
    facts = frozenset(Fact(prefix, asn) for prefix in prefixes)
    return Listing(FactKind.ORIGINATED_PREFIX, network_name(asn), listed_by, observed_at, facts)


def assemble(listings: Iterable[Listing]) -> Assembly:
    """The registry that these listings make: the latest complete ones of each kind, subject and lister.

    Listers add up, since what any of them calls Tajik is treated so. It is as old as its oldest part.
    """
    complete = [one for one in listings if one.is_complete]
    prefixes = [one for one in complete if one.kind is FactKind.REGISTERED_PREFIX]
    asns = {asn_of(fact.value) for one in complete if one.kind is FactKind.ASN for fact in one.facts}
    names = {network_name(asn) for asn in asns}
    announced = [one for one in complete if one.kind is FactKind.ORIGINATED_PREFIX and one.about in names]
    missing = tuple(_missing(prefixes, asns, names - {one.about for one in announced}))
    if missing:
        return Assembly(None, missing)
    used = [*prefixes, *(one for one in complete if one.kind is FactKind.ASN), *announced]
    registry = Registry(
        [fact.value for one in prefixes for fact in one.facts],
        asns,
        _oldest(used),
        {fact.value: asn for asn, fact in sorted(_announcements(announced), reverse=True)},
        ((fact.value, asn) for asn, fact in _announcements(announced)),
    )
    return Assembly(registry, ())


def _missing(prefixes: Sequence[Listing], asns: set[int], unheard: set[str]) -> Iterable[str]:
    if not prefixes:
        yield f"the prefixes registered in {COUNTRY}"
    if not asns:
        yield f"the networks registered in {COUNTRY}"
    yield from (f"what {name} announces" for name in sorted(unheard, key=asn_of))


def _announcements(listings: Iterable[Listing]) -> Iterable[tuple[int, Fact]]:
    """Of a prefix that several announce, the lowest number comes last when sorted downwards, and stays."""
    return ((asn_of(one.about), fact) for one in listings for fact in one.facts)


def _oldest(listings: Iterable[Listing]) -> int:
    """When the part was observed that was observed the longest ago; of several listers, the latest word counts."""
    latest: dict[tuple[FactKind, str], int] = {}
    for one in listings:
        key = one.kind, one.about
        latest[key] = max(latest.get(key, 0), one.observed_at)
    return min(latest.values())
