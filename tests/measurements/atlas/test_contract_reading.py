"""The contract of reading: what every implementation of the gateway does, in memory and over HTTP and TLS."""

import orjson
import pytest

from app.rehearsal.contract import FIRST_PROBE_ID
from measurements.atlas.failures import NotFound
from measurements.atlas.gateway import AtlasGateway, Status, StreamEvent, Subscription
from measurements.definitions.ping import Ping
from tests.app.rehearsal.tiny import BUILTIN_PING
from tests.measurements.atlas.plans import DNS, K_ROOT, PING, plan
from tests.measurements.atlas.stages import NOBODY, SETTLED_S, Stage, latest, results

pytestmark = pytest.mark.acceptance("atlas.1")


def test_it_is_found_by_its_tag_and_nothing_else_is(gateway: AtlasGateway) -> None:
    """By id; of a tag that nobody has, nothing."""
    mine = gateway.dispatch(plan(definitions=(PING, DNS), tag="rasad-1"))
    gateway.dispatch(plan(tag="rasad-12"))

    assert tuple(one.atlas_id for one in gateway.find_by_tag("rasad-1")) == mine
    assert gateway.find_by_tag("rasad-3") == ()


def test_what_only_we_may_see_is_found_by_its_tag(gateway: AtlasGateway) -> None:
    """Among our own."""
    hidden = Ping(target=K_ROOT, address_family=4, description="ours", is_public=False)
    (atlas_id,) = gateway.dispatch(plan(definitions=(hidden,), tag="rasad-hidden"))

    assert [one.atlas_id for one in gateway.find_by_tag("rasad-hidden")] == [atlas_id]


def test_results_are_read_by_window_and_probe(on: Stage, gateway: AtlasGateway) -> None:
    """Both ends of a window belong to it; no probe is none, and not all."""
    (atlas_id,) = gateway.dispatch(plan())
    assert results(gateway, atlas_id, start_at=0) == []
    on.advance(3600)

    everything = results(gateway, atlas_id, start_at=0)
    instants = sorted({one["timestamp"] for one in everything})
    assert len(everything) >= 25
    assert {one["prb_id"] for one in everything} == {FIRST_PROBE_ID, FIRST_PROBE_ID + 1}
    assert {one["msm_id"] for one in everything} == {atlas_id}

    first, last = instants[3], instants[9]
    window = results(gateway, atlas_id, start_at=first, stop_at=last)
    assert sorted({one["timestamp"] for one in window}) == instants[3:10]
    of_one = results(gateway, atlas_id, start_at=first, stop_at=last, probe_ids=[FIRST_PROBE_ID])
    assert of_one == [one for one in window if one["prb_id"] == FIRST_PROBE_ID]
    assert results(gateway, atlas_id, start_at=0, probe_ids=()) == []
    assert results(gateway, atlas_id, start_at=0, probe_ids=[1]) == []


def test_a_result_cannot_be_read_before_the_platform_has_it(on: Stage, gateway: AtlasGateway) -> None:
    """Probes upload later than they measure."""
    (atlas_id,) = gateway.dispatch(plan())
    on.advance(3600)

    assert all(one["stored_timestamp"] <= on.now() for one in results(gateway, atlas_id, start_at=0))


def test_the_latest_is_one_of_each_probe(on: Stage, gateway: AtlasGateway) -> None:
    """Of those that are named, where some are."""
    (atlas_id,) = gateway.dispatch(plan())
    on.advance(3600)
    everything = results(gateway, atlas_id, start_at=0)

    found = {one["prb_id"]: one["timestamp"] for one in latest(gateway, atlas_id)}
    assert found == {
        probe_id: max(one["timestamp"] for one in everything if one["prb_id"] == probe_id)
        for probe_id in (FIRST_PROBE_ID, FIRST_PROBE_ID + 1)
    }
    assert [one["prb_id"] for one in latest(gateway, atlas_id, probe_ids=[FIRST_PROBE_ID])] == [FIRST_PROBE_ID]
    assert latest(gateway, atlas_id, probe_ids=()) == []


def test_what_nobody_knows_is_not_found(gateway: AtlasGateway) -> None:
    """However one asks for it."""
    for ask in (gateway.measurement, gateway.participants, gateway.stop):
        with pytest.raises(NotFound):
            ask(NOBODY)
    with pytest.raises(NotFound):
        results(gateway, NOBODY, start_at=0)
    with pytest.raises(NotFound):
        latest(gateway, NOBODY)


def test_measurements_are_listed_by_what_they_are(on: Stage, gateway: AtlasGateway) -> None:
    """Type, state and id; built-ins are among them."""
    ping, dns = gateway.dispatch(plan(definitions=(PING, DNS)))
    on.advance(SETTLED_S)
    gateway.stop(dns)

    assert {one.atlas_id for one in gateway.measurements({"type": "ping"})} == {ping, BUILTIN_PING}
    assert {one.atlas_id for one in gateway.measurements({"status": 4})} == {dns}
    assert {one.atlas_id for one in gateway.measurements({"id__in": [ping, dns, NOBODY]})} == {ping, dns}
    assert gateway.measurement(BUILTIN_PING).status is Status.ONGOING


def test_probes_are_read_in_bulk(gateway: AtlasGateway) -> None:
    """By filter, or by any number of ids; only some members, if some are named."""
    tajik = list(gateway.probes({"country_code": "TJ", "status": 1}))
    assert [probe["id"] - FIRST_PROBE_ID for probe in tajik] == [0, 1, 2]
    assert tajik[0]["asn_v4"] == 64500

    ids = range(FIRST_PROBE_ID - 600, FIRST_PROBE_ID + 600)
    found = {probe["id"] - FIRST_PROBE_ID: probe for probe in gateway.probes({"id__in": ids}, fields=("country_code",))}
    assert {0, 1, 2, 4, 11} <= found.keys()
    assert found[4]["country_code"] == "KZ"
    assert found[4].keys() <= {"id", "type", "country_code"}
    assert list(gateway.probes({"id__in": []})) == []


def test_anchors_are_read(gateway: AtlasGateway) -> None:
    """By country."""
    assert [anchor["fqdn"] for anchor in gateway.anchors({"country": "TJ"})] == ["tj-dyu-as64500"]
    assert list(gateway.anchors({"country": "NL"})) == []


def test_results_cost_credits(on: Stage, gateway: AtlasGateway) -> None:
    """Not when they are asked for: when they have come, some hours later."""
    before = gateway.credits()
    (atlas_id,) = gateway.dispatch(plan())
    assert gateway.credits().balance == before.balance > 0
    assert list(gateway.charges()) == []

    on.advance(86_400)
    after = gateway.credits()
    assert after.results_past_day
    assert after.spent_past_day == after.results_past_day * PING.credits_per_result()
    charged = list(gateway.charges())
    assert {one.atlas_id for one in charged} == {atlas_id}
    assert sum(one.credits for one in charged) == after.spent_past_day
    assert sum(one.n_results or 0 for one in charged) == after.results_past_day


def test_the_stream_brings_what_arrives(on: Stage, gateway: AtlasGateway) -> None:
    """Of what was subscribed to, as the poll would bring it."""
    wanted, other = gateway.dispatch(plan(definitions=(PING, DNS)))
    on.advance(SETTLED_S)
    events: list[StreamEvent] = []

    with gateway.stream([Subscription(wanted)], lambda event, _: events.append(event)) as stream:
        assert stream.take(0.5) is None or events == [StreamEvent.CONNECTED]
        on.advance(1200)
        lines = [stream.take(10) for _ in range(4)]
        assert stream.n_dropped == 0
    assert stream.take(10) is None

    streamed = [orjson.loads(line) for line in lines if line is not None]
    assert len(streamed) == 4
    assert {one["msm_id"] for one in streamed} == {wanted} != {other}
    polled = results(gateway, wanted, start_at=0)
    assert all(one in polled for one in streamed)
    assert events == [StreamEvent.CONNECTED]
