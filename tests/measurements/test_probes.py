"""Probe objects of all generations, and where a probe was when."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from measurements.errors import UnreadableObject
from measurements.probes import NOWHERE, Probe, Snapshot, Vantage, VantageTable, read_probe

RETRIEVED_AT = 1_700_000_000
ARCHIVED: dict[str, Any] = {
    "id": 7,
    "day": "20181211",
    "asn_v4": 64496,
    "asn_v6": None,
    "country_code": "TJ",
    "prefix_v4": "192.0.2.0/24",
    "prefix_v6": None,
    "is_anchor": False,
    "is_public": False,
    "status": 1,
    "status_name": "Connected",
    "tags": ["nat", "home"],
}
"""As the probe archive has it: flat, tags as slugs."""
CURRENT: dict[str, Any] = {
    **ARCHIVED,
    "is_public": True,
    "status": {"id": 1, "name": "Connected", "since": "2020-09-15T11:43:40Z"},
    "tags": [{"name": "NAT", "slug": "nat"}, {"name": "Home", "slug": "home"}],
}
"""As the API has it: status and tags are objects, no day."""
del CURRENT["day"], CURRENT["status_name"]


def test_the_generations_read_alike() -> None:
    """What differs is when it was said, and whether the probe is public."""
    archived, current = read_probe(ARCHIVED, RETRIEVED_AT), read_probe(CURRENT, RETRIEVED_AT)

    assert current == Probe(
        probe_id=7,
        observed_at=RETRIEVED_AT,
        asn_v4=64496,
        asn_v6=None,
        country_code="TJ",
        prefix_v4="192.0.2.0/24",
        prefix_v6=None,
        is_anchor=False,
        is_public=True,
        status="Connected",
        tags=("home", "nat"),
    )
    assert archived == current._replace(observed_at=1_544_486_400, is_public=False)


@pytest.mark.parametrize(
    "wrong",
    [{"id": None}, {"id": "7"}, {"asn_v4": "AS64496"}, {"country_code": 7}, {"tags": [7]}, {"day": "yesterday"}],
)
def test_a_senseless_member_is_named(wrong: dict[str, object]) -> None:
    """So that whoever wrote the file can find it."""
    with pytest.raises(UnreadableObject) as caught:
        read_probe({**ARCHIVED, **wrong}, RETRIEVED_AT)

    assert caught.value.member in wrong


def test_recorded_probes_of_central_asia_are_read(shared_data: Path) -> None:
    """Four shapes, of 2016 to 2023; the Tajik ones are where we know them to be."""
    recorded = json.loads((shared_data / "registry" / "probes-central-asia.json").read_text())
    probes = [read_probe(entry["probe"], RETRIEVED_AT) for entry in recorded["probes"]]

    assert len(probes) == 165
    assert sum(probe.country_code == "TJ" for probe in probes) == 12
    assert all(probe.status for probe in probes)
    assert next(probe for probe in probes if probe.probe_id == 50428).asn_v4 == 49472


def test_the_recorded_archive_of_a_day_is_read(shared_data: Path) -> None:
    """23,823 probes, all of that day."""
    with gzip.open(shared_data / "registry" / "probe-archive-2018-12-12.json.gz") as file:
        probes = [read_probe(entry, RETRIEVED_AT) for entry in json.load(file)["objects"]]

    assert len(probes) == 23_823
    assert {probe.observed_at for probe in probes} == {1_544_486_400}


MOVES = (
    Snapshot(1, 100, 64496, 64500, "TJ"),
    Snapshot(1, 200, 64496, 64500, "TJ"),
    Snapshot(1, 300, 64497, 64500, "TJ"),
    Snapshot(2, 250, 64498, None, "KG"),
)


@pytest.mark.parametrize(
    ("at", "expected"),
    [(50, 64496), (100, 64496), (299, 64496), (300, 64497), (10_000, 64497)],
)
def test_a_probe_speaks_for_where_it_was(at: int, expected: int) -> None:
    """The latest snapshot not after the instant, else the earliest."""
    assert VantageTable(reversed(MOVES)).at(1, at, 4) == Vantage(expected, "TJ")


def test_each_address_family_has_its_network() -> None:
    """Family 0, where a record does not say, takes the IPv4 network before the IPv6 one."""
    table = VantageTable([*MOVES, Snapshot(3, 0, None, 64501, "UZ")])

    assert [table.at(1, 400, family).asn for family in (4, 6, 0)] == [64497, 64500, 64497]
    assert [table.at(2, 400, family).asn for family in (4, 6, 0)] == [64498, None, 64498]
    assert table.at(3, 400, 0).asn == 64501


def test_a_probe_that_was_never_seen_is_nowhere() -> None:
    """Neither a guess nor an error."""
    assert VantageTable(MOVES).at(99, 100, 4) is NOWHERE


def test_an_epoch_ends_where_a_probe_moves_and_only_there() -> None:
    """A snapshot that says the same again, and a first sighting, end nothing."""
    table = VantageTable(MOVES)

    assert [table.epoch(at) for at in (0, 100, 200, 250, 299, 300, 999)] == [0, 0, 0, 0, 0, 1, 1]
