"""What every definition has: a target, an address family, how often, and the limits that RIPE Atlas sets.

Every value that the platform would fill in by itself has the platform's documented default here and is always sent,
so that what was measured is known from what was asked. Limits and defaults: RIPE Atlas API, definition of measurements.
"""

import ipaddress
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Literal

from measurements.errors import InvalidDefinition
from measurements.selections import check_slug

SHORTEST_INTERVAL_S, LONGEST_INTERVAL_S = 60, 604_800
WIDEST_SPREAD_S = 400
"""Spread is half the interval unless said, and at most this."""
LONGEST_DESCRIPTION = 254
MTU_BYTES = 1500
"""A packet costs as much again for every whole so many bytes."""
LARGEST_PACKET_BYTES = 2048
MOST_PACKETS = 16
LARGEST_PORT = 65535
LONGEST_TARGET = 253

AddressFamily = Literal[4, 6]


class Protocol(StrEnum):
    """What a packet is carried by."""

    ICMP = "ICMP"
    UDP = "UDP"
    TCP = "TCP"


@dataclass(frozen=True, kw_only=True)
class Definition(ABC):
    """What to do to one target.

    Raises `InvalidDefinition` naming the field that the platform would refuse.
    """

    type: ClassVar[str]

    address_family: AddressFamily
    description: str
    target: str | None
    """Host name or address; None only for a DNS query to the probe's own resolvers."""
    interval_s: int
    """Seconds between rounds; a one-off has none."""
    spread_s: int | None = None
    """Seconds over which the probes of a round are spread; None for half the interval, at most 400."""
    is_public: bool = True
    """Whether everybody may see it. RIPE Atlas lets it change from false to true, never back."""
    resolve_on_probe: bool = False
    """Whether the probe resolves the target's name, or the platform does once."""
    skip_dns_check: bool = False
    """Whether a name that does not resolve today is taken all the same."""
    tags: tuple[str, ...] = ()
    """Slugs that the measurement carries besides the one it is found by."""

    def __post_init__(self) -> None:
        self._check_kinds()
        self._check_description()
        if self.address_family not in (4, 6):
            raise InvalidDefinition("address_family", f"{self.address_family!r} is neither 4 nor 6")
        self._check_target()
        if not SHORTEST_INTERVAL_S <= self.interval_s <= LONGEST_INTERVAL_S:
            raise InvalidDefinition(
                "interval_s",
                f"{self.interval_s} s; at least {SHORTEST_INTERVAL_S} s between rounds, and at most a week",
            )
        if self.spread_s is not None:
            check_range("spread_s", self.spread_s, 0, self.interval_s)
        for tag in self.tags:
            check_slug("tags", tag)

    def _check_kinds(self) -> None:
        """Numbers, texts and truth are not each other: what a card says comes from outside."""
        for field in fields(self):
            fits, expected = _KINDS.get(field.type, (_anything, ""))
            value = getattr(self, field.name)
            if not fits(value):
                raise InvalidDefinition(field.name, f"{value!r:.80} is not {expected}")

    def _check_description(self) -> None:
        if not 1 <= len(self.description) <= LONGEST_DESCRIPTION:
            raise InvalidDefinition("description", f"{len(self.description)} characters; 1 to {LONGEST_DESCRIPTION}")
        if not self.description.strip():
            raise InvalidDefinition("description", "is blank")
        if set("<>") & set(self.description) or not self.description.isprintable():
            raise InvalidDefinition("description", "may hold no <, no > and nothing that is not printable")

    def _check_target(self) -> None:
        if self.target is None:
            raise InvalidDefinition("target", "is missing")
        if not 1 <= len(self.target) <= LONGEST_TARGET or not self.target.isprintable() or " " in self.target:
            raise InvalidDefinition("target", f"{self.target!r:.80} is no host name and no address")
        family = _family_of(self.target)
        if family not in (None, self.address_family):
            raise InvalidDefinition("target", f"{self.target} is no IPv{self.address_family} address")

    @property
    def effective_spread_s(self) -> int:
        """Seconds over which the probes of a round are spread."""
        return min(self.interval_s // 2, WIDEST_SPREAD_S) if self.spread_s is None else self.spread_s

    def credits_per_result(self, *, is_oneoff: bool = False) -> int:
        """What RIPE Atlas charges for each result that is delivered; a one-off costs twice as much."""
        return self._periodic_credits() * (2 if is_oneoff else 1)

    @property
    @abstractmethod
    def packets_per_round(self) -> int:
        """Packets from each probe that may reach the target in a round."""

    @abstractmethod
    def _periodic_credits(self) -> int:
        """What a result of the periodic measurement costs."""


def _anything(_: Any) -> bool:
    return True


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_KINDS: Mapping[Any, tuple[Callable[[Any], bool], str]] = {
    bool: (lambda value: isinstance(value, bool), "true or false"),
    int: (_is_whole, "a whole number"),
    int | None: (lambda value: value is None or _is_whole(value), "a whole number"),
    str: (lambda value: isinstance(value, str), "a text"),
    str | None: (lambda value: value is None or isinstance(value, str), "a text"),
}
"""By a field's annotation: what fits it, and how that is called."""


def check_range(field: str, value: int, lowest: int, highest: int) -> None:
    """Refuse a number outside of [lowest, highest]."""
    if isinstance(value, bool) or not lowest <= value <= highest:
        raise InvalidDefinition(field, f"{value!r} is not in {lowest} to {highest}")


def check_one_of(field: str, value: str, known: Collection[str]) -> None:
    """Refuse a word that the platform does not know."""
    if value not in known:
        raise InvalidDefinition(field, f"{value!r:.80} is none of {', '.join(sorted(known))}")


def packet_credits(packets: int, size: int) -> int:
    """Credits for so many packets of so many bytes: one each, and one more for every whole 1500 bytes."""
    return packets * (size // MTU_BYTES + 1)


def _family_of(target: str) -> int | None:
    try:
        return ipaddress.ip_address(target).version
    except ValueError:
        return None
