"""The contract: what every implementation of the gateway does, in memory and over real HTTP and TLS."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from app.rehearsal.contract import FIRST_PROBE_ID
from measurements.atlas.failures import AccountBusy, NoProbes, NotFound, TargetBusy
from measurements.atlas.gateway import AtlasGateway, Status, StreamEvent, Subscription
from measurements.definitions.ping import Ping
from measurements.errors import InvalidDefinition
from measurements.selections import ALL_PROBES, ProbeSelection, SelectedBy, in_country, these_probes
from measurements.units import DUSHANBE, seconds
from tests.app.rehearsal.tiny import BUILTIN_PING, DISCONNECTED, IPV4_ONLY
from tests.measurements.atlas.plans import DNS, K_ROOT, PING, TRACEROUTE, plan
from tests.measurements.atlas.stages import Stage, stage

pytestmark = pytest.mark.acceptance("atlas.1")
SETTLED_S = 60
"""After so long, a measurement that was created has its probes and runs."""
NOBODY = 2_000_000_000
"""No measurement has this id."""


@pytest.fixture(params=["memory", "http", "https"])
def on(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Each implementation in turn."""
    with stage(request.param) as found:
        yield found


@pytest.fixture
def atlas(on: Stage) -> AtlasGateway:
    """Its gateway."""
    return on.atlas


def results(atlas: AtlasGateway, atlas_id: int, **question: Any) -> list[dict[str, Any]]:
    """Every result, read; the body was whole."""
    with atlas.results(atlas_id, **question) as reader:
        found = [orjson.loads(line) for line in reader]
        assert reader.is_complete
        assert reader.n_lines == len(found)
    return found


def latest(atlas: AtlasGateway, atlas_id: int, probe_ids: Collection[int] | None = None) -> list[dict[str, Any]]:
    """The latest results, read."""
    with atlas.latest(atlas_id, probe_ids=probe_ids) as reader:
        return [orjson.loads(line) for line in reader]


def test_what_is_dispatched_is_what_was_asked_for(on: Stage, atlas: AtlasGateway) -> None:
    """In the order of the definitions, each with its tags and its price."""
    definitions = (PING, TRACEROUTE, DNS)
    atlas_ids = atlas.dispatch(plan(definitions=definitions, tag="rasad-42"))

    assert len(set(atlas_ids)) == 3
    for atlas_id, definition in zip(atlas_ids, definitions, strict=True):
        found = atlas.measurement(atlas_id)
        assert (found.type, found.target, found.address_family) == (definition.type, K_ROOT, 4)
        assert (found.interval_s, found.description) == (definition.interval_s, definition.description)
        assert found.credits_per_result == definition.credits_per_result()
        assert "rasad-42" in found.tags
        assert not found.is_oneoff
        assert found.start_at is not None
        assert abs(found.start_at - on.now()) < SETTLED_S


def test_it_is_found_by_its_tag_and_nothing_else_is(atlas: AtlasGateway) -> None:
    """By id; of a tag that nobody has, nothing."""
    mine = atlas.dispatch(plan(definitions=(PING, DNS), tag="rasad-1"))
    atlas.dispatch(plan(tag="rasad-12"))

    assert tuple(one.atlas_id for one in atlas.find_by_tag("rasad-1")) == mine
    assert atlas.find_by_tag("rasad-3") == ()


def test_what_only_we_may_see_is_found_by_its_tag(atlas: AtlasGateway) -> None:
    """Among our own."""
    hidden = Ping(target=K_ROOT, address_family=4, description="ours", is_public=False)
    (atlas_id,) = atlas.dispatch(plan(definitions=(hidden,), tag="rasad-hidden"))

    assert [one.atlas_id for one in atlas.find_by_tag("rasad-hidden")] == [atlas_id]


def test_a_periodic_measurement_lives_until_it_is_stopped(on: Stage, atlas: AtlasGateway) -> None:
    """And stopping it again changes nothing."""
    (atlas_id,) = atlas.dispatch(plan())
    assert atlas.measurement(atlas_id).status in (Status.SPECIFIED, Status.SCHEDULED)
    assert atlas.participants(atlas_id).probe_ids == frozenset()

    on.advance(SETTLED_S)
    assert atlas.measurement(atlas_id).status is Status.ONGOING
    assert atlas.participants(atlas_id).probe_ids == {FIRST_PROBE_ID, FIRST_PROBE_ID + 1}

    atlas.stop(atlas_id)
    atlas.stop(atlas_id)
    stopped = atlas.measurement(atlas_id)
    assert stopped.status is Status.STOPPED
    assert stopped.status.is_final
    assert stopped.stop_at is not None
    assert stopped.stop_at <= on.now()


def test_a_one_off_ends_by_itself_and_costs_twice_as_much(on: Stage, atlas: AtlasGateway) -> None:
    """One result from each probe."""
    (atlas_id,) = atlas.dispatch(plan(is_oneoff=True))
    created = atlas.measurement(atlas_id)
    assert created.is_oneoff
    assert created.interval_s is None
    assert created.credits_per_result == PING.credits_per_result(is_oneoff=True)

    on.advance(SETTLED_S)
    assert not atlas.measurement(atlas_id).status.is_final
    on.advance(900)

    assert atlas.measurement(atlas_id).status is Status.STOPPED
    assert len(results(atlas, atlas_id, start_at=0)) == 2


def test_a_plan_begins_and_ends_when_it_says(on: Stage, atlas: AtlasGateway) -> None:
    """Whatever zone its instants were written in."""
    start_at = on.now() + 3600
    aware = datetime.fromtimestamp(start_at, ZoneInfo(DUSHANBE))
    assert aware.utcoffset() != datetime.fromtimestamp(start_at, UTC).utcoffset()
    (atlas_id,) = atlas.dispatch(plan(start_at=seconds(aware), stop_at=seconds(aware) + 1800))

    found = atlas.measurement(atlas_id)
    assert (found.start_at, found.stop_at) == (start_at, start_at + 1800)
    on.advance(SETTLED_S)
    assert atlas.measurement(atlas_id).status is Status.SCHEDULED
    on.advance(3600)
    assert atlas.measurement(atlas_id).status is Status.ONGOING
    on.advance(3600)
    assert atlas.measurement(atlas_id).status is Status.STOPPED
    measured = [one["timestamp"] for one in results(atlas, atlas_id, start_at=0)]
    assert measured
    assert start_at <= min(measured) <= max(measured) <= start_at + 1800


@pytest.mark.parametrize("late_s", [-100_000, -1, 0, 5])
def test_a_start_that_has_passed_means_now(on: Stage, atlas: AtlasGateway, late_s: int) -> None:
    """Clocks differ, and the network takes its time: it is not refused for that."""
    (atlas_id,) = atlas.dispatch(plan(start_at=on.now() + late_s))

    on.advance(SETTLED_S)
    assert atlas.measurement(atlas_id).status is Status.ONGOING


def test_an_end_that_has_passed_is_refused_before_anything_is_made(on: Stage, atlas: AtlasGateway) -> None:
    """By its field."""
    with pytest.raises(InvalidDefinition, match="stop_at"):
        atlas.dispatch(plan(start_at=on.now() - 100, stop_at=on.now() - 50))

    assert atlas.find_by_tag("rasad-test") == ()


def test_results_are_read_by_window_and_probe(on: Stage, atlas: AtlasGateway) -> None:
    """Both ends of a window belong to it; no probe is none, and not all."""
    (atlas_id,) = atlas.dispatch(plan())
    assert results(atlas, atlas_id, start_at=0) == []
    on.advance(3600)

    everything = results(atlas, atlas_id, start_at=0)
    instants = sorted({one["timestamp"] for one in everything})
    assert len(everything) >= 25
    assert {one["prb_id"] for one in everything} == {FIRST_PROBE_ID, FIRST_PROBE_ID + 1}
    assert {one["msm_id"] for one in everything} == {atlas_id}

    first, last = instants[3], instants[9]
    window = results(atlas, atlas_id, start_at=first, stop_at=last)
    assert sorted({one["timestamp"] for one in window}) == instants[3:10]
    of_one = results(atlas, atlas_id, start_at=first, stop_at=last, probe_ids=[FIRST_PROBE_ID])
    assert of_one == [one for one in window if one["prb_id"] == FIRST_PROBE_ID]
    assert results(atlas, atlas_id, start_at=0, probe_ids=()) == []
    assert results(atlas, atlas_id, start_at=0, probe_ids=[1]) == []


def test_a_result_cannot_be_read_before_the_platform_has_it(on: Stage, atlas: AtlasGateway) -> None:
    """Probes upload later than they measure."""
    (atlas_id,) = atlas.dispatch(plan())
    on.advance(3600)

    assert all(one["stored_timestamp"] <= on.now() for one in results(atlas, atlas_id, start_at=0))


def test_the_latest_is_one_of_each_probe(on: Stage, atlas: AtlasGateway) -> None:
    """Of those that are named, where some are."""
    (atlas_id,) = atlas.dispatch(plan())
    on.advance(3600)
    everything = results(atlas, atlas_id, start_at=0)

    found = {one["prb_id"]: one["timestamp"] for one in latest(atlas, atlas_id)}
    assert found == {
        probe_id: max(one["timestamp"] for one in everything if one["prb_id"] == probe_id)
        for probe_id in (FIRST_PROBE_ID, FIRST_PROBE_ID + 1)
    }
    assert [one["prb_id"] for one in latest(atlas, atlas_id, probe_ids=[FIRST_PROBE_ID])] == [FIRST_PROBE_ID]
    assert latest(atlas, atlas_id, probe_ids=()) == []


def test_probes_join_and_leave(on: Stage, atlas: AtlasGateway) -> None:
    """A request for each selection that joins, and one for all that leave."""
    (atlas_id,) = atlas.dispatch(plan(selections=(these_probes(FIRST_PROBE_ID),)))
    on.advance(SETTLED_S)

    asked = atlas.change_participants(atlas_id, add=[in_country("KZ", 1), these_probes(FIRST_PROBE_ID + 6)])
    assert len(set(asked)) == 2
    on.advance(SETTLED_S)
    assert atlas.participants(atlas_id).probe_ids == {FIRST_PROBE_ID, FIRST_PROBE_ID + 4, FIRST_PROBE_ID + 6}

    assert len(atlas.change_participants(atlas_id, remove=[FIRST_PROBE_ID, FIRST_PROBE_ID + 4])) == 1
    on.advance(SETTLED_S)
    assert atlas.participants(atlas_id).probe_ids == {FIRST_PROBE_ID + 6}
    assert atlas.change_participants(atlas_id) == ()


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (in_country("KZ", ALL_PROBES), {4, 5}),
        (in_country("TJ", ALL_PROBES, "system-ipv4-works"), {0, 1, 2}),
        (ProbeSelection(by=SelectedBy.ASN, value="64502", requested=2), {8, 9}),
        (ProbeSelection(by=SelectedBy.AREA, value="WW", requested=ALL_PROBES), {0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11}),
        (these_probes(FIRST_PROBE_ID + 7), {7}),
    ],
)
def test_probes_are_chosen_as_selected(
    on: Stage, atlas: AtlasGateway, selection: ProbeSelection, expected: set[int]
) -> None:
    """By what they have in common; one that is not connected is not chosen."""
    (atlas_id,) = atlas.dispatch(plan(selections=(selection,)))
    on.advance(SETTLED_S)

    assert {one - FIRST_PROBE_ID for one in atlas.participants(atlas_id).probe_ids} == expected
    assert DISCONNECTED not in atlas.participants(atlas_id).probe_ids


def test_the_probes_of_another_measurement_can_be_selected(on: Stage, atlas: AtlasGateway) -> None:
    """By its id."""
    (first,) = atlas.dispatch(plan())
    on.advance(SETTLED_S)
    again = ProbeSelection(by=SelectedBy.MEASUREMENT, value=str(first), requested=ALL_PROBES)
    (second,) = atlas.dispatch(plan(selections=(again,), tag="rasad-again"))
    on.advance(SETTLED_S)

    assert atlas.participants(second).probe_ids == atlas.participants(first).probe_ids


def test_a_probe_without_an_address_of_the_family_is_not_chosen(on: Stage, atlas: AtlasGateway) -> None:
    """Three probes of Tajikistan are connected, one of them over IPv4 only."""
    six = Ping(target="2001:7fd::1", address_family=6, description="IPv6")
    (atlas_id,) = atlas.dispatch(plan(definitions=(six,), selections=(in_country("TJ", ALL_PROBES),)))
    on.advance(SETTLED_S)

    assert IPV4_ONLY not in atlas.participants(atlas_id).probe_ids


def test_a_selection_without_probes_is_refused(atlas: AtlasGateway) -> None:
    """And nothing is made."""
    nowhere = ProbeSelection(by=SelectedBy.ASN, value="65551", requested=1)

    with pytest.raises(NoProbes) as refused:
        atlas.dispatch(plan(selections=(nowhere,)))

    assert refused.value.status == 400
    assert refused.value.complaints
    assert atlas.find_by_tag("rasad-test") == ()


def test_a_target_that_is_measured_by_too_many_is_refused(atlas: AtlasGateway) -> None:
    """Twenty-five, whoever's they are."""
    for number in range(5):
        atlas.dispatch(plan(definitions=(PING,) * 5, tag=f"rasad-{number}"))

    with pytest.raises(TargetBusy, match="25 concurrent measurements to the same target"):
        atlas.dispatch(plan())


def test_an_account_that_measures_too_much_is_refused(atlas: AtlasGateway) -> None:
    """A hundred at once."""
    for number in range(100 // 20):
        definitions = tuple(
            Ping(target=f"198.51.{number}.{host}", address_family=4, description="many") for host in range(20)
        )
        atlas.dispatch(plan(definitions=definitions, tag=f"rasad-{number}"))

    with pytest.raises(AccountBusy, match="100 concurrent measurements"):
        atlas.dispatch(plan())


def test_what_nobody_knows_is_not_found(atlas: AtlasGateway) -> None:
    """However one asks for it."""
    for ask in (atlas.measurement, atlas.participants, atlas.stop):
        with pytest.raises(NotFound):
            ask(NOBODY)
    with pytest.raises(NotFound):
        results(atlas, NOBODY, start_at=0)
    with pytest.raises(NotFound):
        latest(atlas, NOBODY)


def test_measurements_are_listed_by_what_they_are(on: Stage, atlas: AtlasGateway) -> None:
    """Type, state and id; built-ins are among them."""
    ping, dns = atlas.dispatch(plan(definitions=(PING, DNS)))
    on.advance(SETTLED_S)
    atlas.stop(dns)

    assert {one.atlas_id for one in atlas.measurements({"type": "ping"})} == {ping, BUILTIN_PING}
    assert {one.atlas_id for one in atlas.measurements({"status": 4})} == {dns}
    assert {one.atlas_id for one in atlas.measurements({"id__in": [ping, dns, NOBODY]})} == {ping, dns}
    assert atlas.measurement(BUILTIN_PING).status is Status.ONGOING


def test_probes_are_read_in_bulk(atlas: AtlasGateway) -> None:
    """By filter, or by any number of ids; only some members, if some are named."""
    tajik = list(atlas.probes({"country_code": "TJ", "status": 1}))
    assert [probe["id"] - FIRST_PROBE_ID for probe in tajik] == [0, 1, 2]
    assert tajik[0]["asn_v4"] == 64500

    ids = range(FIRST_PROBE_ID - 600, FIRST_PROBE_ID + 600)
    found = {probe["id"] - FIRST_PROBE_ID: probe for probe in atlas.probes({"id__in": ids}, fields=("country_code",))}
    assert {0, 1, 2, 4, 11} <= found.keys()
    assert found[4]["country_code"] == "KZ"
    assert found[4].keys() <= {"id", "type", "country_code"}
    assert list(atlas.probes({"id__in": []})) == []


def test_anchors_are_read(atlas: AtlasGateway) -> None:
    """By country."""
    assert [anchor["fqdn"] for anchor in atlas.anchors({"country": "TJ"})] == ["tj-dyu-as64500"]
    assert list(atlas.anchors({"country": "NL"})) == []


def test_results_cost_credits(on: Stage, atlas: AtlasGateway) -> None:
    """Not when they are asked for: when they have come, some hours later."""
    before = atlas.credits().balance
    atlas.dispatch(plan())
    assert atlas.credits().balance == before

    on.advance(86_400)
    assert atlas.credits().balance < before


def test_the_stream_brings_what_arrives(on: Stage, atlas: AtlasGateway) -> None:
    """Of what was subscribed to, as the poll would bring it."""
    wanted, other = atlas.dispatch(plan(definitions=(PING, DNS)))
    on.advance(SETTLED_S)
    events: list[StreamEvent] = []

    with atlas.stream([Subscription(wanted)], lambda event, _: events.append(event)) as stream:
        assert stream.take(0.5) is None or events == [StreamEvent.CONNECTED]
        on.advance(1200)
        lines = [stream.take(10) for _ in range(4)]
        assert stream.n_dropped == 0
    assert stream.take(10) is None

    streamed = [orjson.loads(line) for line in lines if line is not None]
    assert len(streamed) == 4
    assert {one["msm_id"] for one in streamed} == {wanted} != {other}
    polled = results(atlas, wanted, start_at=0)
    assert all(one in polled for one in streamed)
    assert events == [StreamEvent.CONNECTED]
