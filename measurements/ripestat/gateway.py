"""What may be asked of RIPEstat: one Protocol, and the values that it gives.

Instants are seconds since the epoch, UTC. Every call may raise a member of `failures.RipestatFailure`, and only those.
Nothing found is an answer: the lists are empty then.
"""

from typing import NamedTuple, Protocol

from measurements.ripestat.envelope import Envelope


class CountryResources(NamedTuple):
    """What the registries have registered to a country, wherever it is used (`country-resource-list`)."""

    country: str
    prefixes: tuple[str, ...]
    asns: tuple[int, ...]
    observed_at: int
    envelope: Envelope


class AnnouncedPrefixes(NamedTuple):
    """What a network has announced in the two weeks before an instant (`announced-prefixes`)."""

    asn: int
    prefixes: tuple[str, ...]
    observed_at: int
    envelope: Envelope


class NetworkInfo(NamedTuple):
    """Which prefix holds an address in routing, and who announces it (`network-info`)."""

    prefix: str | None
    """None where the address is not announced."""
    asns: tuple[int, ...]
    envelope: Envelope


class RipestatGateway(Protocol):
    """RIPEstat, or something that behaves like it."""

    def country_resources(self, country: str, at: int | None = None) -> CountryResources:
        """What is registered to a country, two letters; at the latest instant that is known, or at another one."""
        ...

    def announced_prefixes(self, asn: int) -> AnnouncedPrefixes:
        """What a network has announced lately, as far as more than a few of RIPE NCC's route collectors saw it."""
        ...

    def network_info(self, address: str) -> NetworkInfo:
        """Who announces an address."""
        ...
