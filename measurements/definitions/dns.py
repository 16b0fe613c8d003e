"""DNS: one query to a server or to the probe's own resolvers, as RIPE Atlas defines it."""

from dataclasses import dataclass
from typing import ClassVar

import dns.exception
import dns.name

from measurements.definitions.base import LARGEST_PORT, Definition, Protocol, check_one_of, check_range
from measurements.errors import InvalidDefinition

QUERY_CLASSES = frozenset({"IN", "CHAOS"})
QUERY_TYPES = frozenset(
    (  # noqa: SIM905 - words read better than forty pairs of quotes
        "A AAAA ANY CNAME DNSKEY DS MX NS NSEC PTR RRSIG SOA TXT SRV NAPTR TLSA HINFO NSEC3 NSEC3PARAM SSHFP CAA CDS "
        "CDNSKEY HTTPS SVCB"
    ).split()
)
PROTOCOLS = frozenset({Protocol.UDP, Protocol.TCP})
UDP_CREDITS, TCP_CREDITS = 10, 20
LONGEST_NAME = 255
MACROS = {"$p": "9" * 10, "$t": "9" * 10, "$r": "f" * 16}
"""What a probe puts into a name: its number, the instant, chance; as long as each can be."""


@dataclass(frozen=True, kw_only=True)
class Dns(Definition):
    """One query a round.

    The raw answer is always asked for (`include_abuf`): response code, flags and name server id are nowhere else.
    """

    type: ClassVar[str] = "dns"

    target: str | None = None
    """The server to ask; None exactly where the probe's own resolvers are asked."""
    interval_s: int = 240
    query_class: str = "IN"
    query_type: str
    query_argument: str
    """The name asked for."""
    use_probe_resolver: bool = False
    protocol: Protocol = Protocol.UDP
    port: int = 53
    set_rd_bit: bool = False
    """Recursion desired."""
    set_do_bit: bool = False
    """DNSSEC OK."""
    set_cd_bit: bool = False
    """Checking disabled."""
    set_nsid_bit: bool = False
    """Asks the server for its identifier (RFC 5001)."""
    udp_payload_size: int = 512
    retry: int = 0
    timeout_ms: int = 5000
    tls: bool = False
    """DNS over TLS (RFC 7858)."""
    include_abuf: bool = True
    include_qbuf: bool = False
    prepend_probe_id: bool = False
    use_macros: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_one_of("query_class", self.query_class, QUERY_CLASSES)
        check_one_of("query_type", self.query_type, QUERY_TYPES)
        self._check_name()
        check_one_of("protocol", self.protocol, PROTOCOLS)
        check_range("port", self.port, 1, LARGEST_PORT)
        check_range("udp_payload_size", self.udp_payload_size, 512, 4096)
        check_range("retry", self.retry, 0, 10)
        check_range("timeout_ms", self.timeout_ms, 100, 30_000)
        if self.tls and self.protocol != Protocol.TCP:
            raise InvalidDefinition("tls", "goes over TCP only")

    def _check_name(self) -> None:
        """As long as it can become, it has to fit into a message (RFC 1035, 2.3.4: 63 octets a label, 255 in all)."""
        name = longest = self.query_argument
        if self.use_macros:
            for macro, value in MACROS.items():
                longest = longest.replace(macro, value)
        if self.prepend_probe_id:
            longest = f"{MACROS['$p']}.{MACROS['$t']}.{'' if name == '.' else longest}"
        if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() or name.strip() != name or not _fits(longest):
            raise InvalidDefinition("query_argument", f"{name!r:.80} is no name; the root is written .")

    def _check_target(self) -> None:
        if not self.use_probe_resolver:
            super()._check_target()
        elif self.target is not None:
            raise InvalidDefinition("target", "is not asked when the probe's own resolvers are")

    @property
    def packets_per_round(self) -> int:
        """The query, and what is sent again where no answer comes."""
        return 1 + self.retry

    def _periodic_credits(self) -> int:
        return UDP_CREDITS if self.protocol == Protocol.UDP else TCP_CREDITS


def _fits(name: str) -> bool:
    try:
        dns.name.from_text(name)
        dns.name.from_text(name.lower())  # the two differ beyond ASCII
    except (dns.exception.DNSException, UnicodeError):
        return False
    return True
