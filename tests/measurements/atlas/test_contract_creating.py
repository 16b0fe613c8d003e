"""The contract of creating: what every implementation of the gateway does, in memory and over HTTP and TLS."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.rehearsal.contract import FIRST_PROBE_ID
from measurements.atlas.failures import AccountBusy, NoProbes, TargetBusy
from measurements.atlas.gateway import AtlasGateway, Status
from measurements.definitions.ping import Ping
from measurements.errors import InvalidDefinition
from measurements.selections import ALL_PROBES, ProbeSelection, SelectedBy, in_country, these_probes
from measurements.units import DUSHANBE, seconds
from tests.app.rehearsal.tiny import DISCONNECTED, IPV4_ONLY
from tests.measurements.atlas.plans import DNS, K_ROOT, PING, TRACEROUTE, plan
from tests.measurements.atlas.stages import SETTLED_S, Stage, results

pytestmark = pytest.mark.acceptance("atlas.1")


def test_what_is_dispatched_is_what_was_asked_for(on: Stage, gateway: AtlasGateway) -> None:
    """In the order of the definitions, each with its tags and its price."""
    definitions = (PING, TRACEROUTE, DNS)
    atlas_ids = gateway.dispatch(plan(definitions=definitions, tag="rasad-42"))

    assert len(set(atlas_ids)) == 3
    for atlas_id, definition in zip(atlas_ids, definitions, strict=True):
        found = gateway.measurement(atlas_id)
        assert (found.type, found.target, found.address_family) == (definition.type, K_ROOT, 4)
        assert (found.interval_s, found.description) == (definition.interval_s, definition.description)
        assert found.credits_per_result == definition.credits_per_result()
        assert "rasad-42" in found.tags
        assert not found.is_oneoff
        assert found.start_at is not None
        assert abs(found.start_at - on.now()) < SETTLED_S


def test_a_periodic_measurement_lives_until_it_is_stopped(on: Stage, gateway: AtlasGateway) -> None:
    """And stopping it again changes nothing."""
    (atlas_id,) = gateway.dispatch(plan())
    assert gateway.measurement(atlas_id).status in (Status.SPECIFIED, Status.SCHEDULED)
    assert gateway.participants(atlas_id).probe_ids == frozenset()

    on.advance(SETTLED_S)
    assert gateway.measurement(atlas_id).status is Status.ONGOING
    assert gateway.participants(atlas_id).probe_ids == {FIRST_PROBE_ID, FIRST_PROBE_ID + 1}

    gateway.stop(atlas_id)
    gateway.stop(atlas_id)
    stopped = gateway.measurement(atlas_id)
    assert stopped.status is Status.STOPPED
    assert stopped.status.is_final
    assert stopped.stop_at is not None
    assert stopped.stop_at <= on.now()


def test_a_one_off_ends_by_itself_and_costs_twice_as_much(on: Stage, gateway: AtlasGateway) -> None:
    """One result from each probe."""
    (atlas_id,) = gateway.dispatch(plan(is_oneoff=True))
    created = gateway.measurement(atlas_id)
    assert created.is_oneoff
    assert created.interval_s is None
    assert created.credits_per_result == PING.credits_per_result(is_oneoff=True)

    on.advance(SETTLED_S)
    assert not gateway.measurement(atlas_id).status.is_final
    on.advance(900)

    assert gateway.measurement(atlas_id).status is Status.STOPPED
    assert len(results(gateway, atlas_id, start_at=0)) == 2


def test_a_plan_begins_and_ends_when_it_says(on: Stage, gateway: AtlasGateway) -> None:
    """Whatever zone its instants were written in."""
    start_at = on.now() + 3600
    aware = datetime.fromtimestamp(start_at, ZoneInfo(DUSHANBE))
    assert aware.utcoffset() != datetime.fromtimestamp(start_at, UTC).utcoffset()
    (atlas_id,) = gateway.dispatch(plan(start_at=seconds(aware), stop_at=seconds(aware) + 1800))

    found = gateway.measurement(atlas_id)
    assert (found.start_at, found.stop_at) == (start_at, start_at + 1800)
    on.advance(SETTLED_S)
    assert gateway.measurement(atlas_id).status is Status.SCHEDULED
    on.advance(3600)
    assert gateway.measurement(atlas_id).status is Status.ONGOING
    on.advance(3600)
    assert gateway.measurement(atlas_id).status is Status.STOPPED
    measured = [one["timestamp"] for one in results(gateway, atlas_id, start_at=0)]
    assert measured
    assert start_at <= min(measured) <= max(measured) <= start_at + 1800


@pytest.mark.parametrize("late_s", [-100_000, -1, 0, 5])
def test_a_start_that_has_passed_means_now(on: Stage, gateway: AtlasGateway, late_s: int) -> None:
    """Clocks differ, and the network takes its time: it is not refused for that."""
    (atlas_id,) = gateway.dispatch(plan(start_at=on.now() + late_s))

    on.advance(SETTLED_S)
    assert gateway.measurement(atlas_id).status is Status.ONGOING


def test_an_end_that_has_passed_is_refused_before_anything_is_made(on: Stage, gateway: AtlasGateway) -> None:
    """By its field."""
    with pytest.raises(InvalidDefinition, match="stop_at"):
        gateway.dispatch(plan(start_at=on.now() - 100, stop_at=on.now() - 50))

    assert gateway.find_by_tag("rasad-test") == ()


def test_probes_join_and_leave(on: Stage, gateway: AtlasGateway) -> None:
    """A request for each selection that joins, and one for all that leave."""
    (atlas_id,) = gateway.dispatch(plan(selections=(these_probes(FIRST_PROBE_ID),)))
    on.advance(SETTLED_S)

    asked = gateway.change_participants(atlas_id, add=[in_country("KZ", 1), these_probes(FIRST_PROBE_ID + 6)])
    assert len(set(asked)) == 2
    on.advance(SETTLED_S)
    assert gateway.participants(atlas_id).probe_ids == {FIRST_PROBE_ID, FIRST_PROBE_ID + 4, FIRST_PROBE_ID + 6}

    assert len(gateway.change_participants(atlas_id, remove=[FIRST_PROBE_ID, FIRST_PROBE_ID + 4])) == 1
    on.advance(SETTLED_S)
    assert gateway.participants(atlas_id).probe_ids == {FIRST_PROBE_ID + 6}
    assert gateway.change_participants(atlas_id) == ()


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
    on: Stage, gateway: AtlasGateway, selection: ProbeSelection, expected: set[int]
) -> None:
    """By what they have in common; one that is not connected is not chosen."""
    (atlas_id,) = gateway.dispatch(plan(selections=(selection,)))
    on.advance(SETTLED_S)

    assert {one - FIRST_PROBE_ID for one in gateway.participants(atlas_id).probe_ids} == expected
    assert DISCONNECTED not in gateway.participants(atlas_id).probe_ids


def test_the_probes_of_another_measurement_can_be_selected(on: Stage, gateway: AtlasGateway) -> None:
    """By its id."""
    (first,) = gateway.dispatch(plan())
    on.advance(SETTLED_S)
    again = ProbeSelection(by=SelectedBy.MEASUREMENT, value=str(first), requested=ALL_PROBES)
    (second,) = gateway.dispatch(plan(selections=(again,), tag="rasad-again"))
    on.advance(SETTLED_S)

    assert gateway.participants(second).probe_ids == gateway.participants(first).probe_ids


def test_a_probe_without_an_address_of_the_family_is_not_chosen(on: Stage, gateway: AtlasGateway) -> None:
    """Three probes of Tajikistan are connected, one of them over IPv4 only."""
    six = Ping(target="2001:7fd::1", address_family=6, description="IPv6")
    (atlas_id,) = gateway.dispatch(plan(definitions=(six,), selections=(in_country("TJ", ALL_PROBES),)))
    on.advance(SETTLED_S)

    assert IPV4_ONLY not in gateway.participants(atlas_id).probe_ids


def test_a_selection_without_probes_is_refused(gateway: AtlasGateway) -> None:
    """And nothing is made."""
    nowhere = ProbeSelection(by=SelectedBy.ASN, value="65551", requested=1)

    with pytest.raises(NoProbes) as refused:
        gateway.dispatch(plan(selections=(nowhere,)))

    assert refused.value.status == 400
    assert refused.value.complaints
    assert gateway.find_by_tag("rasad-test") == ()


def test_a_target_that_is_measured_by_too_many_is_refused(gateway: AtlasGateway) -> None:
    """Twenty-five, whoever's they are."""
    for number in range(5):
        gateway.dispatch(plan(definitions=(PING,) * 5, tag=f"rasad-{number}"))

    with pytest.raises(TargetBusy, match="25 concurrent measurements to the same target"):
        gateway.dispatch(plan())


def test_an_account_that_measures_too_much_is_refused(gateway: AtlasGateway) -> None:
    """A hundred at once."""
    for number in range(100 // 20):
        definitions = tuple(
            Ping(target=f"198.51.{number}.{host}", address_family=4, description="many") for host in range(20)
        )
        gateway.dispatch(plan(definitions=definitions, tag=f"rasad-{number}"))

    with pytest.raises(AccountBusy, match="100 concurrent measurements"):
        gateway.dispatch(plan())
