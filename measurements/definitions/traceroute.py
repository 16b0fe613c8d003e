"""Traceroute: the path to a target, hop by hop, as RIPE Atlas defines it."""

from dataclasses import dataclass
from typing import ClassVar

from measurements.definitions.base import (
    LARGEST_PACKET_BYTES,
    LARGEST_PORT,
    MOST_PACKETS,
    Definition,
    Protocol,
    check_one_of,
    check_range,
    packet_credits,
)
from measurements.errors import InvalidDefinition

CREDITS_PER_PACKET = 10
MOST_HOPS = 255
IPV4, IPV6 = 4, 6


@dataclass(frozen=True, kw_only=True)
class Traceroute(Definition):
    """Some packets to every hop.

    Documentation, probe and clients disagree about the platform's default of `protocol` and of `paris`, so both are
    chosen here and sent: UDP, and 16 variations of the flow identifier (Augustin et al., Paris traceroute, IMC 2006).
    """

    type: ClassVar[str] = "traceroute"

    interval_s: int = 900
    protocol: Protocol = Protocol.UDP
    packets: int = 3
    """To each hop."""
    size: int = 48
    """Bytes of payload."""
    paris: int = 16
    """How many flow identifiers are used in turn; 0 gives every packet another."""
    first_hop: int = 1
    max_hops: int = 32
    port: int = 80
    """Of TCP; the first of UDP."""
    dont_fragment: bool = False
    """IPv4 only."""
    response_timeout_ms: int = 4000
    duplicate_timeout_ms: int = 10
    """How long a second answer to the same packet is waited for."""
    hop_by_hop_option_size: int = 0
    """Bytes; IPv6 only."""
    destination_option_size: int = 0
    """Bytes; IPv6 only."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_one_of("protocol", self.protocol, set(Protocol))
        check_range("packets", self.packets, 1, MOST_PACKETS)
        check_range("size", self.size, 0, LARGEST_PACKET_BYTES)
        check_range("paris", self.paris, 0, 64)
        check_range("max_hops", self.max_hops, 1, MOST_HOPS)
        check_range("first_hop", self.first_hop, 1, self.max_hops)
        check_range("port", self.port, 1, LARGEST_PORT)
        check_range("response_timeout_ms", self.response_timeout_ms, 1, 60_000)
        check_range("duplicate_timeout_ms", self.duplicate_timeout_ms, 1, 60_000)
        check_range("hop_by_hop_option_size", self.hop_by_hop_option_size, 0, 2048)
        check_range("destination_option_size", self.destination_option_size, 0, 1024)
        self._check_family()

    def _check_family(self) -> None:
        if self.dont_fragment and self.address_family != IPV4:
            raise InvalidDefinition("dont_fragment", "is for IPv4 only")
        for field in ("hop_by_hop_option_size", "destination_option_size"):
            if getattr(self, field) and self.address_family != IPV6:
                raise InvalidDefinition(field, "is for IPv6 only")

    @property
    def packets_per_round(self) -> int:
        """The last hop's; those to nearer hops end there."""
        return self.packets

    def _periodic_credits(self) -> int:
        return CREDITS_PER_PACKET * packet_credits(self.packets, self.size)
