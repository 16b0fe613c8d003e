"""RIPEstat's answers as they were recorded, and the lists that others have made: read from beside the checkout."""

from pathlib import Path

import orjson
import pytest

from measurements.agreements.listings import FactKind, Lister
from measurements.errors import UnreadableObject
from measurements.ripestat.envelope import read_envelope
from measurements.ripestat.payloads import read_announced_prefixes, read_country_resources, read_network_info
from measurements.ripestat.told import Said, read_told


@pytest.fixture
def bodies(shared_data: Path) -> Path:
    return shared_data / "registry" / "ripestat-bodies"


def test_every_recorded_envelope_is_one(bodies: Path) -> None:
    opened = [read_envelope(path.name, path.read_bytes()) for path in sorted(bodies.glob("*.json"))]

    assert len(opened) == 13
    assert all(one.query_id and one.answered_at and one.call for one in opened)
    assert {one.call: len(one.warnings) for one in opened if one.warnings} == {
        "prefix-overview": 1, "routing-status": 1,
    }  # fmt: skip


def test_a_country_as_it_was_recorded(bodies: Path) -> None:
    """Ranges stand among its prefixes."""
    body = (bodies / "country_resource_list.json").read_bytes()
    listed = orjson.loads(body)["data"]["resources"]["ipv4"]

    found = read_country_resources(read_envelope("it", body), "AT")

    assert sum("-" in entry for entry in listed) == 48
    assert (len(found.asns), found.asns[0], len(found.prefixes)) == (681, 679, 2322)
    assert "192.35.240.0/22" in found.prefixes
    assert "192.35.244.0/24" in found.prefixes


def test_a_network_and_an_address_as_they_were_recorded(bodies: Path) -> None:
    network = read_announced_prefixes(read_envelope("it", (bodies / "announced_prefixes.json").read_bytes()))
    address = read_network_info(read_envelope("it", (bodies / "network_info.json").read_bytes()))

    assert (network.asn, len(network.prefixes)) == (3333, 7)
    assert (address.prefix, address.asns) == ("140.78.0.0/16", (1205,))


def test_what_lists_nothing_tajik_is_refused(bodies: Path) -> None:
    refused = set()
    for path in bodies.glob("*.json"):
        try:
            read_told(orjson.loads(path.read_bytes()), Said())
        except UnreadableObject:
            refused.add(path.stem)

    assert len(refused) == 12
    assert "announced_prefixes" not in refused


def test_the_lists_of_others_agree_as_far_as_they_can(shared_data: Path) -> None:
    """The delegations of February and RIPEstat's list of May cover nearly the same space."""
    folder = shared_data / "registry"
    republished = orjson.loads((folder / "country-resource-list-TJ-2026-05-31.json").read_bytes())
    delegated = orjson.loads((folder / "rir-ip" / "tj" / "aggregated.json").read_bytes())

    [may] = read_told(republished, Said()).listings
    [february] = read_told(delegated, Said(observed_at=1_769_904_000)).listings

    assert (may.kind, may.listed_by, len(may.facts), may.is_complete) == (
        FactKind.REGISTERED_PREFIX, Lister.RIPESTAT, 89, True,
    )  # fmt: skip
    assert (february.listed_by, len(february.facts)) == (Lister.RIR, 73)
    assert len(may.facts & february.facts) > 50


@pytest.mark.parametrize("country", ["kg", "kz", "tm", "uz"])
def test_a_neighbours_delegations_are_refused(shared_data: Path, country: str) -> None:
    document = orjson.loads((shared_data / "registry" / "rir-ip" / country / "aggregated.json").read_bytes())

    with pytest.raises(UnreadableObject, match=f"about {country.upper()}"):
        read_told(document, Said(observed_at=0))
