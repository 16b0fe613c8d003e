"""Cousteau, which we did not write, over TLS: every class it has."""

import json
from typing import Any

import pytest
from ripe.atlas.cousteau import (
    AnchorRequest,
    AtlasChangeRequest,
    AtlasChangeSource,
    AtlasCreateRequest,
    AtlasLatestRequest,
    AtlasResultsRequest,
    AtlasSource,
    AtlasStopRequest,
    AtlasStream,
    Dns,
    Measurement,
    MeasurementRequest,
    Ping,
    Probe,
    ProbeRequest,
    Traceroute,
)

from app.rehearsal.contract import FIRST_PROBE_ID
from tests.app.rehearsal.tiny import DISCONNECTED
from tests.rehearsing import EPOCH, RehearsedAtlas

Arguments = dict[str, Any]


@pytest.fixture
def door(atlas: RehearsedAtlas) -> Arguments:
    """What Cousteau is told of the rehearsal."""
    return {"server": atlas.host, "verify": str(atlas.ca_file), "key": atlas.key}


def _create(door: Arguments, **options: Any) -> tuple[bool, Any]:
    ping = Ping(af=4, target="k.root-servers.net", description="ping", packets=3, tags=["rasad"])
    traceroute = Traceroute(af=4, target="k.root-servers.net", description="way", protocol="ICMP", paris=16)
    dns = Dns(
        af=4, target="193.0.14.129", description="who", query_class="CHAOS", query_type="TXT",
        query_argument="hostname.bind", set_nsid_bit=True,
    )  # fmt: skip
    source = AtlasSource(type="country", value="TJ", requested=3, tags={"include": ["system-ipv4-works"]})
    request = AtlasCreateRequest(measurements=[ping, traceroute, dns], sources=[source], **options, **door)
    answer: tuple[bool, Any] = request.create()
    return answer


def test_it_creates_in_the_order_of_definitions(door: Arguments) -> None:
    """Three at once, each of its type, with what was said of it."""
    is_good, answer = _create(door)
    assert is_good, answer
    found = [Measurement(id=each, **door) for each in answer["measurements"]]
    assert [each.type for each in found] == ["ping", "traceroute", "dns"]
    assert found[0].meta_data["tags"] == ["rasad"]
    assert [each.status for each in found] == ["Specified"] * 3
    assert found[0].creation_time.timestamp() == EPOCH


def test_a_refusal_is_told_in_full(door: Arguments) -> None:
    """Cousteau hands on the body; the status stands in it."""
    source = AtlasSource(type="country", value="TJ", requested=1)
    ping = Ping(af=4, target="nowhere.example", description="x", packets=17)
    is_good, answer = AtlasCreateRequest(measurements=[ping], sources=[source], **door).create()
    assert not is_good
    assert answer["error"]["errors"] == [
        {"source": {"pointer": "/definitions/0/packets"}, "detail": "Ensure this value is less than or equal to 16."}
    ]


def test_it_reads_results_and_the_latest(atlas: RehearsedAtlas, door: Arguments) -> None:
    """Of a period, of some probes, and of each probe the last."""
    number = _create(door)[1]["measurements"][0]
    atlas.advance(3600)
    is_good, results = AtlasResultsRequest(msm_id=number, **door).create()
    assert is_good
    assert len(results) == 3 * 15
    span = AtlasResultsRequest(msm_id=number, start=EPOCH + 600, stop=EPOCH + 1200, probe_ids=[FIRST_PROBE_ID], **door)
    assert {each["prb_id"] for each in span.create()[1]} == {FIRST_PROBE_ID}
    assert all(EPOCH + 600 <= each["timestamp"] <= EPOCH + 1200 for each in span.create()[1])
    latest = AtlasLatestRequest(number, probe_ids=(FIRST_PROBE_ID, FIRST_PROBE_ID + 1), **door).create()[1]
    assert [each["prb_id"] for each in latest] == [FIRST_PROBE_ID, FIRST_PROBE_ID + 1]
    assert latest[0]["timestamp"] == max(each["timestamp"] for each in results if each["prb_id"] == FIRST_PROBE_ID)


def test_it_changes_who_takes_part(atlas: RehearsedAtlas, door: Arguments) -> None:
    """One joins, one leaves, seconds after it was asked for."""
    number = _create(door)[1]["measurements"][0]
    atlas.advance(60)
    sources = [
        AtlasChangeSource(type="country", value="UZ", requested=1, action="add"),
        AtlasChangeSource(type="probes", value=str(FIRST_PROBE_ID), requested=1, action="remove"),
    ]
    is_good, answer = AtlasChangeRequest(msm_id=number, sources=sources, **door).create()
    assert is_good, answer
    assert len(answer["request_ids"]) == 2
    atlas.advance(60)
    probes = Measurement(id=number, optional_fields=["probes"], **door).meta_data["probes"]
    assert [each["id"] for each in probes] == [FIRST_PROBE_ID + 1, FIRST_PROBE_ID + 2, FIRST_PROBE_ID + 6]


def test_it_stops(atlas: RehearsedAtlas, door: Arguments) -> None:
    """At once and for good; again is no mistake, and what was measured stays."""
    number = _create(door)[1]["measurements"][0]
    atlas.advance(600)
    assert AtlasStopRequest(msm_id=number, **door).create() == (True, "")
    assert Measurement(id=number, **door).status == "Stopped"
    atlas.advance(600)
    assert AtlasStopRequest(msm_id=number, **door).create() == (True, "")
    results = AtlasResultsRequest(msm_id=number, **door).create()[1]
    assert max(each["timestamp"] for each in results) < EPOCH + 600


def test_it_lists_over_pages(door: Arguments) -> None:
    """By following `next`, in which the key and every filter stay."""
    _create(door)
    probes = ProbeRequest(country_code="TJ", page_size=2, **door)
    assert [each["id"] for each in probes] == [FIRST_PROBE_ID + index for index in range(4)]
    assert probes.total_count == 4
    with_objects = ProbeRequest(return_objects=True, id__in=[FIRST_PROBE_ID, DISCONNECTED], **door)
    assert [each.status for each in with_objects] == ["Connected", "Disconnected"]
    found = MeasurementRequest(page_size=1, search="K-root", **door)
    assert [each["id"] for each in found] == [1001]
    assert len(list(MeasurementRequest(page_size=1, **door))) == 4
    assert [each["fqdn"] for each in AnchorRequest(**door)] == ["tj-dyu-as64500"]


def test_it_shows_a_probe(door: Arguments) -> None:
    """With what Cousteau knows of it."""
    probe = Probe(id=FIRST_PROBE_ID, **door)
    assert (probe.country_code, probe.asn_v4, probe.is_anchor, probe.status) == ("TJ", 64500, True, "Connected")


@pytest.mark.parametrize("backlog", [True, False])
def test_it_streams(atlas: RehearsedAtlas, door: Arguments, *, backlog: bool) -> None:
    """What has been, if that is wanted, and then what comes while time passes."""
    number = _create(door)[1]["measurements"][0]
    atlas.advance(600)
    stream = AtlasStream(base_url=atlas.http)
    stream.connect()
    stream.subscribe("result", msm=number, sendBacklog=backlog)
    before: list[str] = []
    results: list[Any] = []
    for name, payload in stream.iter(seconds=20):
        before.append(name)
        if name == ("atlas_backlog_sent" if backlog else "atlas_subscribed"):
            atlas.advance(240)
        results += [payload] if name == "atlas_result" else []
        if len(results) >= (12 if backlog else 3):
            break
    stream.disconnect()
    assert before[0] == "atlas_subscribed"
    assert len({json.dumps(each) for each in results}) == len(results)
    assert all(each["msm_id"] == number for each in results)
    if backlog:
        assert before[-4:] == ["atlas_backlog_sent", *["atlas_result"] * 3]
    else:
        assert all(each["stored_timestamp"] > EPOCH + 600 for each in results)
