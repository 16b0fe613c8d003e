"""What the data say: numbers as texts, ranges as prefixes, and nothing left out in silence."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.agreements.listings import prefixes_of
from measurements.errors import UnreadableObject
from measurements.ripestat.envelope import Envelope, read_envelope
from measurements.ripestat.payloads import read_announced_prefixes, read_country_resources, read_network_info
from measurements.units import DAY_S
from tests.measurements.ripestat.envelopes import ABSENT, announced, body, country, envelope, network

MIDNIGHT = 1_795_478_400
"""2026-11-24."""


def opened(document: dict[str, Any]) -> Envelope:
    return read_envelope("it", body(document))


@pytest.mark.parametrize("asns", [["64500"], [64500], ["AS64500"], ["as64500"]])
def test_a_network_is_a_number_however_it_is_written(asns: list[Any]) -> None:
    assert read_network_info(opened(network(asns))).asns == (64500,)
    assert read_country_resources(opened(country(asn=asns)), "TJ").asns == (64500,)
    assert read_announced_prefixes(opened(announced(asn=asns[0]))).asn == 64500


@pytest.mark.parametrize("prefix", ["", None])
def test_an_address_that_nobody_announces_has_no_prefix(prefix: str | None) -> None:
    found = read_network_info(opened(network([], prefix)))

    assert (found.prefix, found.asns) == (None, ())


def test_ranges_are_read_as_the_prefixes_that_they_are() -> None:
    """As they come where `v4_format` was ignored."""
    ranges = ["192.0.2.0-192.0.2.255", "198.51.100.0-198.51.102.255", "203.0.113.0/24", "192.0.2.64-192.0.2.64"]

    found = read_country_resources(opened(country(ipv4=ranges, ipv6=[])), "TJ")

    assert found.prefixes == (
        "192.0.2.0/24", "198.51.100.0/23", "198.51.102.0/24", "203.0.113.0/24", "192.0.2.64/32",
    )  # fmt: skip


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_range_is_neither_more_nor_less(one: int, other: int) -> None:
    first, last = sorted((one, other))
    texts = [".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0)) for number in (first, last)]

    prefixes = prefixes_of("-".join(texts))

    assert sum(prefix.num_addresses for prefix in prefixes) == last - first + 1
    assert int(prefixes[0].network_address) == first
    assert int(prefixes[-1].broadcast_address) == last


@pytest.mark.parametrize(
    "document",
    [
        country(asn=["64500", "a network"]), country(asn=["-1"]), country(asn=[True]), country(asn=[2**32]),
        country(ipv4=["192.0.2.1/24"]), country(ipv4=["192.0.2.9-192.0.2.1"]), country(ipv4=["192.0.2.0-2001:db8::"]),
        country(ipv4=[7]), country(ipv6=None, asn="64500"),
        envelope("country-resource-list", {"resources": {"asn": [], "ipv4": []}}),
        envelope("country-resource-list", {"query_time": "2026-11-22T00:00:00"}),
    ],
)  # fmt: skip
def test_one_entry_that_makes_no_sense_spoils_the_list(document: dict[str, Any]) -> None:
    """Left out, it would pass for not Tajik."""
    with pytest.raises(UnreadableObject):
        read_country_resources(opened(document), "TJ")


def test_nothing_is_an_answer() -> None:
    assert read_country_resources(opened(country(asn=[], ipv4=[], ipv6=[])), "TJ").prefixes == ()
    assert read_announced_prefixes(opened(announced())).prefixes == ()


def test_what_was_withdrawn_for_two_weeks_is_not_announced() -> None:
    def spans(*ends: int) -> list[dict[str, Any]]:
        return [{"starttime": 0, "endtime": end} for end in ends]

    listed = [
        {"prefix": "192.0.2.0/24", "timelines": spans(MIDNIGHT - 15 * DAY_S)},
        {"prefix": "198.51.100.0/24", "timelines": spans(MIDNIGHT - 300 * DAY_S, MIDNIGHT - 13 * DAY_S)},
        {"prefix": "203.0.113.0/24", "timelines": spans(MIDNIGHT)},
        {"prefix": "2001:db8::/32"},
    ]

    found = read_announced_prefixes(opened(announced(*listed)))

    assert found.observed_at == MIDNIGHT
    assert found.prefixes == ("198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")


@pytest.mark.parametrize("entry", [7, {"timelines": []}, {"prefix": "none"}])
def test_an_announcement_that_makes_no_sense_spoils_the_list(entry: Any) -> None:
    with pytest.raises(UnreadableObject):
        read_announced_prefixes(opened(announced("192.0.2.0/24", entry)))


def test_without_an_instant_of_its_own_it_is_as_of_when_it_was_answered() -> None:
    data = {"resources": {"asn": ["1"], "ipv4": [], "ipv6": []}}

    assert read_country_resources(opened(envelope("country-resource-list", data)), "TJ").observed_at == 1_795_507_200
    with pytest.raises(UnreadableObject, match="query_time"):
        read_country_resources(opened(envelope("country-resource-list", data, time=ABSENT)), "TJ")
