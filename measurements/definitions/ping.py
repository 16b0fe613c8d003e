"""Ping: echo requests, as RIPE Atlas defines them."""

from dataclasses import dataclass
from typing import ClassVar

from measurements.definitions.base import (
    LARGEST_PACKET_BYTES,
    MOST_PACKETS,
    Definition,
    check_range,
    packet_credits,
)


@dataclass(frozen=True, kw_only=True)
class Ping(Definition):
    """Some echo requests a round."""

    type: ClassVar[str] = "ping"

    interval_s: int = 240
    packets: int = 3
    size: int = 48
    """Bytes of ICMP payload."""
    packet_interval_ms: int = 1000
    include_probe_id: bool = False
    """Whether the payload says which probe sent it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range("packets", self.packets, 1, MOST_PACKETS)
        check_range("size", self.size, 1, LARGEST_PACKET_BYTES)
        check_range("packet_interval_ms", self.packet_interval_ms, 2, 300_000)

    @property
    def packets_per_round(self) -> int:
        """Echo requests."""
        return self.packets

    def _periodic_credits(self) -> int:
        return packet_credits(self.packets, self.size)
