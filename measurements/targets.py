"""Targets: what results are about, under one name however a record writes it.

K-root is known by name; anything else goes by its own name, or by its address in the form of RFC 5952.
"""

import ipaddress
from functools import lru_cache
from typing import NamedTuple

from measurements.errors import InvalidFilter


class BuiltIn(NamedTuple):
    """A measurement that RIPE Atlas itself runs on every probe: read, never dispatched."""

    atlas_id: int
    type: str
    address_family: int
    asks: str


class Target(NamedTuple):
    """A destination that Rasad knows by name."""

    name: str
    title: str
    addresses: tuple[str, ...]
    """As RFC 5952 writes them."""
    hostnames: tuple[str, ...]
    """Lower case, without a trailing dot."""
    asn: int
    built_ins: tuple[BuiltIn, ...]


K_ROOT = Target(
    name="k-root",
    title="K-root, the DNS root server operated by the RIPE NCC",
    addresses=("193.0.14.129", "2001:7fd::1"),
    hostnames=("k.root-servers.net",),
    asn=25152,
    built_ins=(
        BuiltIn(1001, "ping", 4, "echo requests"),
        BuiltIn(2001, "ping", 6, "echo requests"),
        BuiltIn(5001, "traceroute", 4, "path, UDP"),
        BuiltIn(6001, "traceroute", 6, "path, UDP"),
        BuiltIn(10001, "dns", 4, ". IN SOA"),
        BuiltIn(11001, "dns", 6, ". IN SOA"),
        BuiltIn(10201, "dns", 4, "version.bind. CH TXT"),
        BuiltIn(11201, "dns", 6, "version.bind. CH TXT"),
        BuiltIn(10301, "dns", 4, "hostname.bind. CH TXT"),
        BuiltIn(11301, "dns", 6, "hostname.bind. CH TXT"),
    ),
)
PROBE_RESOLVERS = "probe-resolvers"
"""The target of a DNS measurement that asks whatever resolvers a probe is configured with."""
_KNOWN = (K_ROOT,)
_BY_ALIAS = {alias: known for known in _KNOWN for alias in (known.name, *known.hostnames, *known.addresses)}


def known_targets() -> tuple[Target, ...]:
    """The targets that are known by name."""
    return _KNOWN


def find_target(text: str) -> Target | None:
    """The known target with this name, host name or address, in whatever spelling; None for any other."""
    return _BY_ALIAS.get(_canonical_form(text))


def canonical_target(name: str | None, address: str | None) -> str | None:
    """One name for a destination: the known target's, else the name asked for, else the address.

    None where the record says neither.
    """
    asked = _canonical_form(name) if name else None
    reached = normal_address(address) if address else None
    known = _BY_ALIAS.get(asked or "") or _BY_ALIAS.get(reached or "")
    return known.name if known else asked or reached


def asked_target(text: str) -> str:
    """The canonical name of the target that people name, in whatever spelling; raises InvalidFilter for no name."""
    target = canonical_target(text.strip(), None)
    if not target:
        raise InvalidFilter("target", "name a target, for example k-root or 193.0.14.129")
    return target


def _canonical_form(text: str) -> str:
    return normal_address(text.rstrip(".").lower())


@lru_cache(maxsize=8_192)
def normal_address(text: str) -> str:
    """An address as RFC 5952 writes it; any other text unchanged."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text
