"""What registries say is Tajik, and since when we know: prefixes, networks, and the organisations behind them.

Registered in a country is not located in it, so that this decides about consent and not about geography: what a
registry calls Tajik is measured with the parties' agreement only. Sources: RIPEstat `country-resource-list` and
`country-asns` (registrations), `announced-prefixes` (what those networks originate).
"""

import csv
import ipaddress
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib.resources import files
from ipaddress import IPv4Network, IPv6Network

COUNTRY = "TJ"
NEIGHBOURS = ("AF", "CN", "KG", "UZ")
"""The countries that Tajikistan borders on."""
NOTHING: Mapping[str, int] = {}
Network = IPv4Network | IPv6Network


class Registry:
    """The Tajik prefixes and networks, as they were observed at an instant."""

    def __init__(
        self,
        registered: Iterable[str],
        asns: Iterable[int],
        observed_at: int,
        originated: Mapping[str, int] = NOTHING,
        also_announced: Iterable[tuple[str, int]] = (),
    ) -> None:
        """`registered`: prefixes of the country; `originated`: prefix -> the Tajik network that announces it.

        `also_announced`: a prefix and another Tajik network that announces it too.
        """
        self.asns = frozenset(asns)
        self.observed_at = observed_at
        self._origins = {ipaddress.ip_network(prefix): asn for prefix, asn in originated.items()}
        also = ((ipaddress.ip_network(prefix), asn) for prefix, asn in also_announced)
        self._announced = [*self._origins.items(), *also]
        self._networks = [*map(ipaddress.ip_network, registered), *self._origins]

    def holds(self, address: str) -> bool:
        """Whether an address lies in one of the prefixes. Raises `ValueError` for what is no address."""
        return self.overlaps(str(ipaddress.ip_address(address)))

    def origin_of(self, address: str) -> int | None:
        """The Tajik network that announces an address most specifically; None where none is known to."""
        asked = ipaddress.ip_address(address)
        held = [network for network in self._origins if asked in network]
        return self._origins[max(held, key=lambda network: network.prefixlen)] if held else None

    def announces(self, asn: int, prefix: str) -> bool | None:
        """Whether a network announces some of a prefix; None where nobody says what it announces.

        That is known of Tajik networks; of others, that they do not announce what lies within a Tajik announcement.
        Raises `ValueError` for what is no prefix.
        """
        asked = ipaddress.ip_network(prefix)
        alike = [(held, by) for held, by in self._announced if held.version == asked.version and held.overlaps(asked)]
        if asn in self.asns:
            return any(by == asn for _, by in alike)
        return False if any(held.prefixlen <= asked.prefixlen for held, _ in alike) else None

    def overlaps(self, prefix: str) -> bool:
        """Whether a prefix has an address in common with one of them. Raises `ValueError` for what is no prefix."""
        asked = ipaddress.ip_network(prefix)
        starts, ends = self._ranges[asked.version]
        position = bisect_right(starts, int(asked.broadcast_address))
        return position > 0 and ends[position - 1] >= int(asked.network_address)

    @cached_property
    def _ranges(self) -> Mapping[int, tuple[list[int], list[int]]]:
        """Address family -> first and last addresses of ranges that do not overlap, ascending."""
        v4 = ipaddress.collapse_addresses(net for net in self._networks if isinstance(net, IPv4Network))
        v6 = ipaddress.collapse_addresses(net for net in self._networks if isinstance(net, IPv6Network))
        return {4: _ranges(v4), 6: _ranges(v6)}


def organisation_of(asn: int) -> str:
    """The organisation behind a network. One that holds several is one; a network nobody told about is its own."""
    return _ORGANISATIONS.get(asn, f"as{asn}")


def _ranges(networks: Iterable[Network]) -> tuple[list[int], list[int]]:
    ordered = sorted((int(net.network_address), int(net.broadcast_address)) for net in networks)
    return [first for first, _ in ordered], [last for _, last in ordered]


def _read_organisations() -> dict[int, str]:
    text = files("measurements.agreements").joinpath("organisations.csv").read_text("utf-8")
    return {int(row["asn"]): row["organisation"] for row in csv.DictReader(text.splitlines())}


_ORGANISATIONS = _read_organisations()
"""RIPE Database, holders as of January 2026; Somoncom's network is Indigo Tajikistan's."""
