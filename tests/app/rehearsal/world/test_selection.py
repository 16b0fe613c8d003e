"""Probe sources: whom each type matches."""

from typing import Any

import pytest

from app.rehearsal.contract import Body
from tests.app.rehearsal.world.worlds import EPOCH, HOUR, calm, probe_ids, quiet


def match(kind: str, value: object, family: int = 4, **tags: list[str]) -> list[int]:
    """Ids in a world in which all working probes are connected."""
    return list(quiet().matching({"type": kind, "value": value, "tags": tags or None}, family, EPOCH))


def those(**wanted: Any) -> list[int]:
    """Connected probes by the values of their object."""
    return probe_ids(quiet(), **wanted)


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        ("area", "WW", {}),
        ("country", "TJ", {"country_code": "TJ"}),
        ("countries", "TJ", {"country_code": "TJ"}),
        ("asn", 64497, {"asn_v4": 64497}),
        ("asn", "64497", {"asn_v4": 64497}),
        ("prefix", "198.18.4.0/22", {"asn_v4": 64497}),
        ("area", "West", {"country_code": "US"}),
        ("region", "northern_europe", {"country_code": "GB"}),
        ("region", "apnic", {"country_code": "AF"}),
    ],
)
def test_types(kind: str, value: object, wanted: Body) -> None:
    """Each matches those that it says."""
    assert sorted(match(kind, value)) == those(**wanted)
    assert match(kind, value)


def test_several_countries_and_regions() -> None:
    """A list is a union."""
    assert len(match("countries", "KG,KZ")) == len(match("country", "KG")) + len(match("country", "KZ"))
    assert set(match("region", "central_asia")) == set(match("countries", "KG, KZ, TJ, UZ"))


def test_probes_come_in_the_order_asked_for() -> None:
    """Those that exist and are connected."""
    assert match("probes", "9100003,9100000,12,9100016") == [9_100_003, 9_100_000]


def test_the_choice_is_repeatable_and_not_by_id() -> None:
    """So that ten of forty are spread."""
    assert match("area", "WW") == match("area", "WW")
    assert match("area", "WW") != sorted(match("area", "WW"))
    assert match("area", "WW")[:10] != match("country", "TJ")[:10]


@pytest.mark.parametrize(("kind", "value"), [("asn", 1), ("country", "XX"), ("prefix", "nonsense"), ("planet", "Mars")])
def test_nothing_matches(kind: str, value: object) -> None:
    """An empty list, not an error."""
    assert match(kind, value) == []


def test_tags() -> None:
    """All included ones, none of the excluded."""
    anchors = match("area", "WW", include=["system-anchor", "system-ipv4-works"])

    assert sorted(anchors) == those(is_anchor=True)
    assert set(match("area", "WW", exclude=["system-anchor"])) == set(match("area", "WW")) - set(anchors)


def test_only_probes_of_the_family_and_connected_ones() -> None:
    """Whatever the source says."""
    assert set(match("area", "WW", 6)) == {
        probe["id"] for probe in quiet().probes(EPOCH) if probe["address_v6"] and probe["status"]["id"] == 1
    }
    world = quiet({"kind": "disconnection", "from": "1h", "to": "2h", "countries": ["TJ"]})
    everybody: Body = {"type": "area", "value": "WW"}
    before, during = (set(world.matching(everybody, 4, EPOCH + at)) for at in (0, HOUR))
    assert before - during == set(probe_ids(calm(), country_code="TJ"))
