"""Definitions: what they send by themselves, what they refuse, and what they cost."""

from typing import Any

import pytest

from measurements.definitions.base import Definition, Protocol
from measurements.definitions.dns import Dns
from measurements.definitions.ping import Ping
from measurements.definitions.traceroute import Traceroute
from measurements.errors import InvalidDefinition

K_ROOT = "193.0.14.129"


def ping(**changed: Any) -> Ping:
    """A ping of K-root."""
    return Ping(**{"target": K_ROOT, "address_family": 4, "description": "ping", **changed})


def traceroute(**changed: Any) -> Traceroute:
    """A traceroute to K-root."""
    return Traceroute(**{"target": K_ROOT, "address_family": 4, "description": "traceroute", **changed})


def dns(**changed: Any) -> Dns:
    """K-root, asked for its name."""
    asked = {"query_class": "CHAOS", "query_type": "TXT", "query_argument": "hostname.bind"}
    return Dns(**{"target": K_ROOT, "address_family": 4, "description": "dns", **asked, **changed})


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (ping(), 3),
        (ping(packets=1), 1),
        (ping(packets=16, size=1499), 16),
        (ping(packets=16, size=1500), 32),
        (ping(packets=5, size=1480), 5),
        (ping(size=2048), 6),
        (traceroute(), 30),
        (traceroute(packets=1, size=0), 10),
        (traceroute(packets=2, size=1500), 40),
        (dns(), 10),
        (dns(protocol=Protocol.TCP), 20),
        (dns(protocol=Protocol.TCP, tls=True), 20),
        (dns(use_probe_resolver=True, target=None), 10),
    ],
)
def test_a_result_costs_what_the_platform_charges(definition: Definition, expected: int) -> None:
    """Packets, size and protocol count; a one-off costs twice as much."""
    assert definition.credits_per_result() == expected
    assert definition.credits_per_result(is_oneoff=True) == 2 * expected


@pytest.mark.parametrize(
    ("definition", "expected"),
    [(ping(), 120), (ping(interval_s=60), 30), (traceroute(), 400), (traceroute(spread_s=0), 0), (dns(spread_s=7), 7)],
)
def test_spread_is_half_the_interval_and_at_most_400(definition: Definition, expected: int) -> None:
    """Unless it is said."""
    assert definition.effective_spread_s == expected


REFUSED: list[tuple[Any, str, Any]] = [
    *((kind, "address_family", value) for kind in (ping, traceroute, dns) for value in (0, 5)),
    *((kind, "description", value) for kind in (ping, dns) for value in ("", "a < b", "a > b", "a\nb", "x" * 255)),
    *((kind, "target", value) for kind in (ping, traceroute, dns) for value in (None, "", "a b", "2001:7fd::1")),
    *((kind, "interval_s", value) for kind in (ping, traceroute, dns) for value in (0, 59, -1)),
    *((kind, "spread_s", value) for kind in (ping, traceroute, dns) for value in (-1, 901)),
    *((kind, "tags", value) for kind in (ping, dns) for value in (("A",), ("a b",), ("",), ("a--b",), ("-a",))),
    *((ping, field, value) for field in ("packets", "size") for value in (0, 2049, True)),
    *((ping, "packet_interval_ms", value) for value in (1, 300_001)),
    *((traceroute, "packets", value) for value in (0, 17)),
    *((traceroute, "size", value) for value in (-1, 2049)),
    *((traceroute, "paris", value) for value in (-1, 65)),
    *((traceroute, "max_hops", value) for value in (0, 256)),
    *((traceroute, "first_hop", value) for value in (0, 33)),
    *((traceroute, "port", value) for value in (0, 65_536)),
    *((traceroute, "response_timeout_ms", value) for value in (0, 60_001)),
    *((traceroute, "hop_by_hop_option_size", value) for value in (-1, 8, 2049)),
    *((traceroute, "destination_option_size", value) for value in (-1, 8, 1025)),
    (traceroute, "protocol", "SCTP"),
    (dns, "protocol", "ICMP"),
    (dns, "query_class", "CH"),
    (dns, "query_type", "AXFR"),
    *((dns, "query_argument", value) for value in ("", "x" * 256, "a\tb")),
    *((dns, "udp_payload_size", value) for value in (511, 4097)),
    *((dns, "retry", value) for value in (-1, 11)),
    *((dns, "timeout_ms", value) for value in (99, 30_001)),
    *((dns, "port", value) for value in (0, 65_536)),
    (dns, "tls", True),
]


@pytest.mark.parametrize(("kind", "field", "value"), REFUSED)
def test_what_the_platform_refuses_is_refused_here_by_its_field(kind: Any, field: str, value: Any) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidDefinition) as refused:
        kind(**{field: value})

    assert refused.value.field == field
    assert str(refused.value).startswith(f"{field}: ")


def test_options_of_one_address_family_are_refused_in_the_other() -> None:
    """Extension headers are IPv6's, the flag against fragments is IPv4's."""
    six = {"address_family": 6, "target": "2001:7fd::1"}

    assert traceroute(**six, hop_by_hop_option_size=8, destination_option_size=8).hop_by_hop_option_size == 8
    assert traceroute(dont_fragment=True).dont_fragment
    with pytest.raises(InvalidDefinition, match="dont_fragment"):
        traceroute(**six, dont_fragment=True)


def test_the_probes_resolvers_are_asked_without_a_target() -> None:
    """And a target without them."""
    assert dns(use_probe_resolver=True, target=None).target is None
    with pytest.raises(InvalidDefinition, match="target"):
        dns(use_probe_resolver=True)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (ping, {"packets": 16, "size": 2048, "packet_interval_ms": 2, "interval_s": 60, "spread_s": 60}),
        (traceroute, {"paris": 64, "first_hop": 255, "max_hops": 255, "size": 0, "protocol": Protocol.ICMP}),
        (dns, {"query_class": "IN", "query_type": "SOA", "query_argument": ".", "udp_payload_size": 4096, "retry": 10}),
    ],
)
def test_the_limits_themselves_are_taken(kind: Any, values: dict[str, Any]) -> None:
    """Both ends of a range belong to it."""
    definition = kind(**values)

    assert {name: getattr(definition, name) for name in values} == values
