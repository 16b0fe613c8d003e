"""Definitions drawn by chance: everything that may be asked for, as fields by name and as the platform is told."""

import random
import string
from typing import Any

from measurements.definitions.base import Definition, Protocol
from measurements.definitions.dns import PROTOCOLS, QUERY_TYPES, Dns
from measurements.definitions.ping import Ping
from measurements.definitions.traceroute import Traceroute

Fields = dict[str, Any]
KINDS: dict[str, type[Definition]] = {one.type: one for one in (Ping, Traceroute, Dns)}
THEIR_NAMES = {
    "address_family": "af", "interval_s": "interval", "spread_s": "spread", "packet_interval_ms": "packet_interval",
    "response_timeout_ms": "response_timeout", "duplicate_timeout_ms": "duplicate_timeout", "timeout_ms": "timeout",
}  # fmt: skip
"""Where the platform calls a field otherwise."""
SIZES = (1, 48, 1479, 1480, 1499, 1500, 1501, 2048)
"""Around where a packet becomes two."""
NAMES = (".", "tj", "hostname.bind", "ns1.nic.tj.", "расад.tj", "x" * 63 + ".tj", "a-b_c.example")


def drawn(draw: random.Random) -> tuple[str, Fields]:
    """A type, and fields that a definition of it may have."""
    kind = draw.choice(sorted(KINDS))
    return kind, _common(draw) | _OF[kind](draw)


def told(kind: str, fields: Fields) -> Fields:
    """The same as the platform is told it, whatever the fields hold."""
    renamed = {THEIR_NAMES.get(name, name): value for name, value in fields.items()}
    return {"type": kind, **renamed} if fields["spread_s"] is not None else {"type": kind, **_without_spread(renamed)}


def _without_spread(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if name != "spread"}


def _common(draw: random.Random) -> Fields:
    family = draw.choice((4, 6))
    interval_s = draw.choice((60, 240, 900, 604_800, draw.randint(60, 604_800)))
    return {
        "address_family": family,
        "description": "d" + "".join(draw.choices(string.ascii_letters + " -ё", k=draw.randint(0, 253))),
        "target": "193.0.14.129" if family == 4 else "2001:7fd::1",
        "interval_s": interval_s,
        "spread_s": draw.choice((None, 0, draw.randint(0, interval_s))),
        "is_public": draw.random() < 0.5,
        "resolve_on_probe": draw.random() < 0.5,
        "skip_dns_check": draw.random() < 0.5,
        "tags": tuple(draw.sample(["tj", "k-root", "x" * 64, "a_b", "1"], draw.randint(0, 3))),
    }


def _ping(draw: random.Random) -> Fields:
    return {
        "packets": draw.randint(1, 16),
        "size": draw.choice((*SIZES, draw.randint(1, 2048))),
        "packet_interval_ms": draw.randint(2, 300_000),
        "include_probe_id": draw.random() < 0.5,
    }


def _traceroute(draw: random.Random) -> Fields:
    max_hops = draw.randint(1, 255)
    return {
        "protocol": draw.choice([one.value for one in Protocol]),
        "packets": draw.randint(1, 16),
        "size": draw.choice((0, *SIZES, draw.randint(0, 2048))),
        "paris": draw.randint(0, 64),
        "first_hop": draw.randint(1, max_hops),
        "max_hops": max_hops,
        "port": draw.choice((1, 80, 65_535)),
        "response_timeout_ms": draw.randint(1, 60_000),
        "duplicate_timeout_ms": draw.randint(1, 60_000),
    }


def _dns(draw: random.Random) -> Fields:
    protocol = draw.choice([one.value for one in PROTOCOLS])
    own_resolvers = draw.random() < 0.2
    return {
        "query_class": draw.choice(("IN", "CHAOS")),
        "query_type": draw.choice(sorted(QUERY_TYPES)),
        "query_argument": draw.choice(NAMES),
        "protocol": protocol,
        "tls": protocol == "TCP" and draw.random() < 0.5,
        "port": draw.choice((1, 53, 853, 65_535)),
        "set_rd_bit": draw.random() < 0.5,
        "set_nsid_bit": draw.random() < 0.5,
        "udp_payload_size": draw.randint(512, 4096),
        "retry": draw.randint(0, 10),
        "timeout_ms": draw.randint(100, 30_000),
        "prepend_probe_id": draw.random() < 0.5,
        "use_macros": draw.random() < 0.5,
        "use_probe_resolver": own_resolvers,
        **({"target": None} if own_resolvers else {}),
    }


_OF = {"ping": _ping, "traceroute": _traceroute, "dns": _dns}
