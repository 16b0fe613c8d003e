"""The networks of the world: whose they are, what they announce, how they reach others, and which K-root they hear.

AS numbers are reserved for documentation (RFC 5398) or private use (RFC 6996), IPv4 prefixes lie in the benchmarking
range 198.18.0.0/15 (RFC 2544) and IPv6 prefixes in 2001:db8::/32 (RFC 3849): nobody is measured under these names.
"""

from functools import cache
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

IPV4 = 4
IPV4_FLOOR = int(IPv4Address("198.18.0.0"))
IPV4_SIZE = 1024
IPV6_FLOOR = int(IPv6Address("2001:db8::"))
IPV6_SIZE = 1 << 88
ROUTERS_FROM = 512
"""Within a network's addresses, hosts stand below and routers above."""


class Operator(NamedTuple):
    """A network. Without `reach` it peers everywhere; with it, transits carry its traffic, the preferred one first."""

    asn: int
    name: str
    home: str
    reach: tuple[str, ...]
    sites: tuple[str, ...]
    """K-root sites whose announcements it hears, best first."""
    has_ipv6: bool
    access_ms: float
    """Round trip from a subscriber to the first router of the network."""
    evening: float
    """How much longer queues are at the busiest hour than at the quietest, as a factor."""
    loss: float
    """Share of packets lost on a quiet day, there and back."""


class Transit(NamedTuple):
    """A network that carries others: its towns, from where customers join to where it ends."""

    asn: int
    name: str
    towns: tuple[str, ...]


EUROPE = ("nl-ams", "de-fra", "gb-lon")
GATEWAY = Operator(64496, "Gateway", "dyu", ("north", "east"), ("ru-led", "de-fra"), True, 0.6, 1.6, 0.0005)
"""All traffic of its country to other countries passes through it."""

OPERATORS = (
    GATEWAY,
    Operator(64497, "Broadband", "dyu", ("north", "east"), ("tj-dyu", "ru-led", "de-fra"), True, 2.5, 2.6, 0.001),
    Operator(64498, "Mobile One", "dyu", ("east", "north"), ("kz-ast", "kz-pwq", "de-fra"), True, 18.0, 3.2, 0.004),
    Operator(64499, "Mobile Two", "lbd", ("east", "north"), ("uz-tas", "kz-ast", "de-fra"), True, 22.0, 3.0, 0.005),
    Operator(64500, "Cable", "kqt", ("north", "east"), ("ru-led", "de-fra", "nl-ams"), False, 4.0, 2.4, 0.002),
    Operator(64501, "Node", "dyu", ("north", "east"), ("tj-dyu", "de-fra", "ru-led"), False, 1.2, 1.8, 0.0008),
    Operator(64502, "Research", "khg", ("north", "east"), ("de-fra", "nl-ams", "ru-led"), True, 6.0, 1.5, 0.003),
    Operator(64503, "Ala-Too", "fru", ("east", "north"), ("kg-fru", "kz-ast", "de-fra"), True, 3.0, 2.0, 0.001),
    Operator(64504, "Steppe", "ast", ("east", "north"), ("kz-ast", "kz-pwq", "ru-led"), True, 2.0, 1.8, 0.001),
    Operator(64505, "Irtysh", "pwq", ("east", "north"), ("kz-pwq", "kz-ast", "ru-led"), False, 3.5, 1.8, 0.001),
    Operator(64506, "Registan", "tas", ("north", "east"), ("uz-tas", "ru-led", "de-fra"), True, 3.0, 2.2, 0.001),
    Operator(64507, "Hindu Kush", "kbl", ("south", "east"), ("de-fra", "nl-ams", "gb-lon"), False, 12.0, 2.2, 0.006),
    Operator(64508, "Neva", "led", (), ("ru-led", "de-fra", "nl-ams"), True, 1.5, 1.5, 0.0005),
    Operator(64509, "Moskva", "mow", (), ("ru-led", "de-fra", "nl-ams"), True, 2.0, 1.6, 0.0005),
    Operator(64510, "Main", "fra", (), ("de-fra", "nl-ams", "gb-lon"), True, 6.0, 1.4, 0.0004),
    Operator(64511, "Amstel", "ams", (), EUROPE, True, 4.0, 1.4, 0.0004),
    Operator(64512, "Thames", "lon", (), ("gb-lon", "nl-ams", "de-fra"), True, 5.0, 1.5, 0.0005),
    Operator(64513, "Hudson", "nyc", (), ("us-mia", "gb-lon", "nl-ams"), True, 7.0, 1.6, 0.0005),
    Operator(64514, "Bosporus", "ist", (), ("de-fra", "nl-ams", "gb-lon"), False, 5.0, 1.8, 0.001),
)

TRANSITS = {
    "north": Transit(64601, "North", ("tas", "mow", "fra")),
    "east": Transit(64602, "East", ("fru", "ala", "ast", "mow", "fra")),
    "south": Transit(64603, "South", ("kbl", "ist", "fra")),
    "world": Transit(64604, "World", ("fra", "ams", "lon", "nyc", "mia")),
}

OPERATOR = {operator.asn: operator for operator in OPERATORS}
TRANSIT_ASNS = tuple(transit.asn for transit in TRANSITS.values())
_POSITION = {asn: index for index, asn in enumerate((*OPERATOR, *TRANSIT_ASNS))}


def prefix(asn: int, address_family: int) -> str:
    """What a network announces."""
    if address_family == IPV4:
        return f"{IPv4Address(IPV4_FLOOR + _POSITION[asn] * IPV4_SIZE)}/22"
    return f"{IPv6Address(IPV6_FLOOR + _POSITION[asn] * IPV6_SIZE)}/40"


@cache
def address(asn: int, address_family: int, host: int) -> str:
    """A network's n-th address, n below 1,024."""
    if address_family == IPV4:
        return str(IPv4Address(IPV4_FLOOR + _POSITION[asn] * IPV4_SIZE + host))
    return str(IPv6Address(IPV6_FLOOR + _POSITION[asn] * IPV6_SIZE + (host << 64) + 1))
