"""Probes, anchors and built-ins as the API shows them, and names, addresses and networks."""

import json
import re
from collections import Counter
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from app.rehearsal.contract import FIRST_PROBE_ID, Body, Network
from app.rehearsal.world import make_world, named_scenario
from tests.app.rehearsal.world.worlds import DAY, EPOCH, calm, quiet

BUILTINS = [base + offset for base in (1001, 5001, 10001, 10101, 10201, 10301, 10401) for offset in (0, 1000)]
UNLISTED = {"firmware_version"}
"""Newer than the recorded probe object."""


def types(body: Body) -> dict[str, str]:
    """Each key with the type of its value."""
    return {key: type(value).__name__ for key, value in body.items()}


def test_a_few_dozen_probes_in_a_range_of_their_own() -> None:
    """Twenty in Tajikistan, in seven networks; labelled so that nobody takes them for measured ones."""
    probes = calm().probes(EPOCH)
    countries = Counter(probe["country_code"] for probe in probes)

    assert [probe["id"] for probe in probes] == list(range(FIRST_PROBE_ID, FIRST_PROBE_ID + 48))
    assert countries["TJ"] == 20
    assert set(countries) == {"TJ", "KG", "KZ", "UZ", "AF", "RU", "DE", "NL", "GB", "US", "TR"}
    assert len({probe["asn_v4"] for probe in probes if probe["country_code"] == "TJ"} - {None}) == 7
    assert all(probe["description"].startswith("rehearsal probe") for probe in probes)
    assert {tag["slug"] for tag in chain.from_iterable(probe["tags"] for probe in probes)} >= {
        "rehearsal",
        "system-anchor",
    }


def test_networks_are_nobodys() -> None:
    """AS numbers and prefixes that are reserved for documentation, benchmarks or private use."""
    for probe in calm().probes(EPOCH):
        assert probe["asn_v4"] is None or 64496 <= probe["asn_v4"] <= 65534
        assert probe["prefix_v4"] is None or re.match(r"198\.1[89]\.", probe["prefix_v4"])
        assert probe["prefix_v6"] is None or probe["prefix_v6"].startswith("2001:db8:")


def test_every_status_is_there() -> None:
    """As the platform tells them."""
    by_status: dict[str, Any] = {probe["status"]["name"]: probe for probe in quiet().probes(EPOCH)}

    assert {name: probe["status"]["id"] for name, probe in by_status.items()} == {
        "Never Connected": 0,
        "Connected": 1,
        "Disconnected": 2,
        "Abandoned": 3,
    }
    never = by_status.pop("Never Connected")
    assert [never[key] for key in ("status_since", "first_connected", "last_connected", "address_v4")] == [None] * 4
    for probe in by_status.values():
        since = datetime.fromisoformat(probe["status"]["since"]).timestamp()
        assert since == probe["status_since"] <= EPOCH
        assert probe["first_connected"] < probe["status_since"]
        assert probe["total_uptime"] > 0


def test_probes_come_and_go() -> None:
    """Over weeks, most are away for a while."""
    world = make_world(1, named_scenario("calm"), EPOCH)
    told = world.ground_truth(EPOCH, EPOCH + 28 * DAY)
    outage = told["outages"][0]
    shown = {probe["id"]: probe["status"] for probe in world.probes(outage["from"])}

    assert shown[outage["probe"]]["name"] == "Disconnected"
    assert len({one["probe"] for one in told["outages"]}) > 10


def test_what_was_measured_before_an_outage_is_stored_after_it() -> None:
    """Stored within minutes otherwise; never before it was measured."""
    world = make_world(1, named_scenario("calm"), EPOCH)
    asked = next(body for body in world.builtins() if body["id"] == 1001)
    ids = [probe["id"] for probe in world.probes(EPOCH)]
    lags = sorted(one.stored_at - one.measured_at for one in world.results(asked, ids, EPOCH, EPOCH + 3 * DAY))

    assert lags[0] > 0
    assert 60 < lags[len(lags) // 2] < 130
    assert lags[int(len(lags) * 0.95)] < 400
    assert lags[-1] > 3600


def test_a_probe_that_left_reported_until_then() -> None:
    """And all that it had measured is stored; before it was first connected there is nothing either."""
    world = quiet()
    asked = next(body for body in world.builtins() if body["id"] == 1001)
    for probe in world.probes(EPOCH):
        if probe["status"]["name"] in ("Disconnected", "Abandoned"):
            gone, first = probe["status_since"], probe["first_connected"]
            found = list(world.results(asked, [probe["id"]], gone - DAY, EPOCH))
            assert 0 < gone - found[-1].measured_at <= 250
            assert found[-1].stored_at <= gone + 4
            assert not list(world.results(asked, [probe["id"]], first - DAY, first - 1))
            assert {one["status"]["name"] for one in world.probes(first - 1) if one["id"] == probe["id"]} == {
                "Never Connected"
            }


@pytest.fixture
def recorded_probes(shared_data: Path) -> list[Body]:
    """Objects as the API showed them, newest shape only."""
    registry = shared_data / "registry"
    regional = json.loads((registry / "probes-central-asia.json").read_text(encoding="utf-8"))["probes"]
    single = json.loads((registry / "api-bodies" / "probe-0.json").read_text(encoding="utf-8"))
    return [single, *(one["probe"] for one in regional if "geometry" in one["probe"])]


def test_probes_have_the_recorded_keys_and_types(recorded_probes: list[Body]) -> None:
    """And the newer one for the firmware."""
    ours = calm().probes(EPOCH)
    seen = {(key, kind) for body in recorded_probes for key, kind in types(body).items()}

    assert {frozenset(body) - UNLISTED for body in ours} == {frozenset(recorded_probes[0])}
    strange = {pair for body in ours for pair in types(body).items() if pair[0] not in UNLISTED} - seen
    assert {key for key, kind in strange if kind != "NoneType"} <= {"asn_v6", "address_v6", "prefix_v6"}
    assert {frozenset(tag) for body in ours for tag in body["tags"]} == {frozenset(recorded_probes[0]["tags"][0])}
    assert {frozenset(body["status"]) for body in ours} == {frozenset({"id", "name", "since"})}


def test_anchors_are_probes_with_names() -> None:
    """One of them in Tajikistan; each name leads to its address."""
    anchors = calm().anchors(EPOCH)
    probes = {probe["id"]: probe for probe in calm().probes(EPOCH) if probe["is_anchor"]}

    assert sorted(anchor["probe"] for anchor in anchors) == sorted(probes)
    assert [anchor["fqdn"] for anchor in anchors if anchor["country"] == "TJ"] == [
        "tj-dyu-as64496.anchors.atlas.ripe.net"
    ]
    for anchor in anchors:
        assert calm().resolve(anchor["fqdn"], 4) == anchor["ip_v4"] == probes[anchor["probe"]]["address_v4"]
        assert calm().resolve(anchor["fqdn"], 6) == anchor["ip_v6"]
    assert calm().anchors(0) == []


def test_builtins_are_whole_measurement_objects() -> None:
    """All of K-root's, each with every field of every type."""
    builtins = {body["id"]: body for body in calm().builtins()}

    assert sorted(builtins) == sorted(BUILTINS)
    assert len({frozenset(body) for body in builtins.values()}) == 1
    assert {body["af"]: (body["target_ip"], body["target_asn"]) for body in builtins.values()} == {
        4: ("193.0.14.129", 25152),
        6: ("2001:7fd::1", 25152),
    }
    assert {body["status"]["name"] for body in builtins.values()} == {"Ongoing"}
    assert [builtins[i]["interval"] for i in (1001, 5001, 10001, 10301)] == [240, 1800, 1800, 240]
    assert {i: builtins[i]["query_argument"] for i in (10001, 10201, 10301, 10401)} == {
        10001: ".",
        10201: "version.bind",
        10301: "hostname.bind",
        10401: "id.server",
    }


def test_builtins_have_the_fields_of_the_documented_object(shared_data: Path) -> None:
    """What the API's own description of 2016 lists for reading; what it has no type for by now is left out."""
    models = json.loads((shared_data / "registry" / "api-bodies" / "measurements.json").read_text(encoding="utf-8"))[
        "models"
    ]
    listed = {
        name
        for kind in ("ping", "traceroute", "DNS")
        for model, fields in models.items()
        if model.lower() == f"get {kind} measurement".lower()
        for name in fields["properties"]
    }
    optional = {"probes", "participation_requests", "probe_sources", "extra_wait"}

    assert listed
    assert listed - set(calm().builtins()[0]) <= optional


@pytest.mark.parametrize(
    ("name", "v4", "v6"),
    [
        ("k.root-servers.net", "193.0.14.129", "2001:7fd::1"),
        ("K.ROOT-SERVERS.NET.", "193.0.14.129", "2001:7fd::1"),
        ("193.0.14.129", "193.0.14.129", None),
        ("2001:07fd:0::1", None, "2001:7fd::1"),
        ("ns1.nic.tj", "91.218.160.197", None),
        ("v6only.example", None, "2001:db8:f000:66::1"),
        ("nothing.example", None, None),
        ("", None, None),
    ],
)
def test_resolve(name: str, v4: str | None, v6: str | None) -> None:
    """By family."""
    assert (calm().resolve(name, 4), calm().resolve(name, 6)) == (v4, v6)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("193.0.14.129", Network(25152, "193.0.14.0/24")),
        ("2001:7fd::1", Network(25152, "2001:7fd::/32")),
        ("198.18.0.20", Network(64496, "198.18.0.0/22")),
        ("192.0.2.10", Network(64604, "192.0.2.0/24")),
        ("9.9.9.9", None),
        ("no address", None),
    ],
)
def test_network_of(address: str, network: Network | None) -> None:
    """The longest prefix; none for what nobody announces."""
    assert calm().network_of(address) == network
