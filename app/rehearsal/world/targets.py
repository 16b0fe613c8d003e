"""What can be measured: names, addresses, where they lead, and what answers there.

Real are K-root, the name servers of .tj as IANA lists them, and a few addresses that everybody's examples use.
The rest has names under `.example` (RFC 2606) and documentation addresses (RFC 5737, RFC 3849).
"""

from dataclasses import dataclass
from enum import Enum, auto
from ipaddress import ip_address, ip_network

from app.rehearsal.contract import Network
from app.rehearsal.world import networks, sites
from app.rehearsal.world.networks import IPV4
from app.rehearsal.world.probes import Vantage


class Role(Enum):
    """What answers at an address."""

    K_ROOT = auto()
    TLD = auto()
    """A name server of .tj."""
    RESOLVER = auto()
    ANCHOR = auto()
    HOST = auto()
    """Answers pings, and on TCP ports 80 and 443."""
    MUTE = auto()
    """There, and silent."""
    NOWHERE = auto()
    """Nobody announces it."""


ANSWERING = frozenset({Role.K_ROOT, Role.TLD, Role.RESOLVER, Role.ANCHOR, Role.HOST})
"""Roles that answer a ping."""


@dataclass(frozen=True, slots=True)
class Destination:
    """What an address leads to."""

    address: str
    role: Role
    asn: int
    town: str
    identity: str = ""
    """What a name server there calls itself; empty when it does not tell."""


@dataclass(frozen=True, slots=True)
class _Fixed:
    name: str
    v4: str | None
    v6: str | None
    role: Role
    asn: int
    town: str
    identity: str = ""


_FIXED = (
    _Fixed("k.root-servers.net", sites.K_ROOT_V4, sites.K_ROOT_V6, Role.K_ROOT, sites.K_ROOT_ASN, "ams"),
    _Fixed("ns1.nic.tj", "91.218.160.197", None, Role.TLD, 51346, "dyu"),
    _Fixed("ns2.tojikiston.com", "193.111.11.4", None, Role.TLD, 24722, "dyu"),
    _Fixed(
        "tj.cctld.authdns.ripe.net", "193.0.9.117", "2001:67c:e0::117", Role.TLD, 197000, "ams", "ns1.nl-ams.authdns"
    ),
    _Fixed("dns.google", "8.8.8.8", "2001:4860:4860::8888", Role.RESOLVER, 15169, "fra"),
    _Fixed("one.one.one.one", "1.1.1.1", "2606:4700:4700::1111", Role.RESOLVER, 13335, "fra", "rehearsal-fra"),
    _Fixed("www.ripe.net", "193.0.6.139", "2001:67c:2e8:22::c100:68b", Role.HOST, 3333, "ams"),
    _Fixed("ripe.net", "193.0.6.139", "2001:67c:2e8:22::c100:68b", Role.HOST, 3333, "ams"),
    _Fixed("atlas.ripe.net", "193.0.6.158", "2001:67c:2e8:22::c100:69e", Role.HOST, 3333, "ams"),
    _Fixed("example.com", "192.0.2.80", "2001:db8:f000:80::1", Role.HOST, 64604, "nyc"),
    _Fixed("www.example.com", "192.0.2.80", "2001:db8:f000:80::1", Role.HOST, 64604, "nyc"),
    _Fixed("www.example.net", "192.0.2.10", "2001:db8:f000:10::1", Role.HOST, 64604, "fra"),
    _Fixed("portal.tj.example", "203.0.113.10", "2001:db8:f000:110::1", Role.HOST, 64497, "dyu"),
    _Fixed("v4only.example", "192.0.2.44", None, Role.HOST, 64604, "lon"),
    _Fixed("v6only.example", None, "2001:db8:f000:66::1", Role.HOST, 64604, "lon"),
    _Fixed("mute.example", "198.51.100.200", "2001:db8:f000:200::1", Role.MUTE, 64604, "fra"),
    _Fixed("private.example", "10.1.2.3", "fd00::3", Role.NOWHERE, 0, "fra"),
)

ANNOUNCED = (
    (sites.K_ROOT_ASN, sites.K_ROOT_PREFIX_V4),
    (sites.K_ROOT_ASN, sites.K_ROOT_PREFIX_V6),
    (51346, "91.218.160.0/22"),
    (24722, "193.111.10.0/23"),
    (197000, "193.0.9.0/24"),
    (197000, "2001:67c:e0::/48"),
    (15169, "8.8.8.0/24"),
    (15169, "2001:4860::/32"),
    (13335, "1.1.1.0/24"),
    (13335, "2606:4700:4700::/48"),
    (3333, "193.0.0.0/21"),
    (3333, "2001:67c:2e8::/48"),
    (64604, "192.0.2.0/24"),
    (64604, "198.51.100.0/24"),
    (64604, "2001:db8:f000::/44"),
    (64497, "203.0.113.0/24"),
)
"""Prefixes beyond the networks' own. The last but one covers the IPv6 side of all documentation targets."""


class Directory:
    """Names, addresses and prefixes of a world."""

    def __init__(self, vantages: dict[int, Vantage]) -> None:
        """Made once: the probes add their addresses, and the anchors among them their names."""
        self._addresses: dict[str, tuple[str | None, str | None]] = {}
        self._destinations: dict[str, Destination] = {}
        for fixed in _FIXED:
            self._add(fixed.name, fixed.v4, fixed.v6, fixed)
        for vantage in vantages.values():
            role = Role.ANCHOR if vantage.is_anchor else Role.MUTE
            name = anchor_name(vantage) if vantage.is_anchor else f"p{vantage.id}.probes.example"
            v6 = vantage.address_v6 if vantage.has_ipv6 else None
            self._add(
                name, vantage.address_v4, v6, _Fixed(name, "", "", role, vantage.operator.asn, vantage.town, name)
            )
        own = [
            (asn, networks.prefix(asn, family))
            for asn in (*networks.OPERATOR, *networks.TRANSIT_ASNS)
            for family in (4, 6)
        ]
        self._prefixes = [(ip_network(prefix), Network(asn, prefix)) for asn, prefix in (*ANNOUNCED, *own)]

    def _add(self, name: str, v4: str | None, v6: str | None, fixed: _Fixed) -> None:
        self._addresses[name] = (v4, v6)
        for address in (v4, v6):
            if address is not None:
                found = Destination(address, fixed.role, fixed.asn, fixed.town, fixed.identity)
                self._destinations.setdefault(address, found)

    def resolve(self, name: str, address_family: int) -> str | None:
        """The address of a name, or an address itself; None when there is none in that family."""
        try:
            literal = ip_address(name)
        except ValueError:
            both = self._addresses.get(name.lower().rstrip("."))
            return both[0 if address_family == IPV4 else 1] if both else None
        return str(literal) if literal.version == address_family else None

    def network_of(self, address: str) -> Network | None:
        """The longest announced prefix that holds an address."""
        try:
            wanted = ip_address(address)
        except ValueError:
            return None
        found = [item for item in self._prefixes if item[0].version == wanted.version and wanted in item[0]]
        return max(found, key=lambda item: item[0].prefixlen)[1] if found else None

    def destination(self, address: str) -> Destination:
        """What an address leads to, known or not."""
        known = self._destinations.get(address)
        if known:
            return known
        network = self.network_of(address)
        if network is None:
            return Destination(address, Role.NOWHERE, 0, "fra")
        operator = networks.OPERATOR.get(network.asn)
        return Destination(address, Role.MUTE, network.asn, operator.home if operator else "fra")

    def addresses(self, name: str) -> tuple[str | None, str | None]:
        """The IPv4 and the IPv6 address of a name."""
        return self._addresses.get(name.lower().rstrip("."), (None, None))

    @staticmethod
    def is_name(target: str) -> bool:
        """Whether a target has to be resolved: it is no address."""
        try:
            ip_address(target)
        except ValueError:
            return True
        return False


def anchor_name(vantage: Vantage) -> str:
    """The name of an anchor, in the platform's style."""
    country = vantage.place.country.lower()
    return f"{country}-{vantage.town}-as{vantage.operator.asn}.anchors.atlas.ripe.net"


def is_private(address: str) -> bool:
    """Whether a probe refuses to send there."""
    value = ip_address(address)
    return any(value in ip_network(net) for net in _REFUSED if ip_network(net).version == value.version)


_REFUSED = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/4",
    "::/128",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
)
