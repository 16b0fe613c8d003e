"""The Atlas in memory: what a test can arrange in it, beyond the contract."""

import pytest

from measurements.atlas.failures import AnswerLost, CutOff, NotAllowed, NotFound, Phase, ServerFailed, TimedOut
from measurements.atlas.gateway import Status, StreamEvent, Subscription
from measurements.atlas.memory import MemoryAtlas
from measurements.selections import ProbeSelection, SelectedBy
from measurements.units import seconds
from tests.clocks import START, ManualClock
from tests.measurements.atlas.plans import plan

NOW = seconds(START)
PROBES = [
    {"id": 1, "country_code": "TJ", "asn_v4": 64500, "prefix_v4": "198.51.100.0/24", "status": {"name": "Connected"}},
    {"id": 2, "country_code": "TJ", "asn_v4": 64501, "prefix_v4": "203.0.113.0/24", "tags": ["home"]},
    {"id": 3, "country_code": "TJ", "asn_v4": 64501, "status": {"id": 2, "name": "Disconnected"}},
    {"id": 4, "country_code": "TJ", "asn_v6": 64501},
]
LATER = ServerFailed("later", phase=Phase.READ, status=503)


@pytest.fixture
def clock() -> ManualClock:
    """It stands."""
    return ManualClock()


@pytest.fixture
def atlas(clock: ManualClock) -> MemoryAtlas:
    """With four probes, of which two are connected and have IPv4."""
    return MemoryAtlas(clock, probes=PROBES)


def test_the_next_calls_can_be_made_to_fail(atlas: MemoryAtlas) -> None:
    """One after another, and then no more."""
    (atlas_id,) = atlas.dispatch(plan())
    atlas.fail_next("measurement", LATER, NotAllowed("no", phase=Phase.READ, status=403))

    with pytest.raises(ServerFailed):
        atlas.measurement(atlas_id)
    with pytest.raises(NotAllowed):
        atlas.measurement(atlas_id)
    assert atlas.measurement(atlas_id).atlas_id == atlas_id
    assert atlas.calls == ["dispatch", "measurement", "measurement", "measurement"]


def test_an_answer_can_be_lost_after_something_was_made(atlas: MemoryAtlas) -> None:
    """And any other failure comes before."""
    atlas.fail_next("dispatch", LATER)
    with pytest.raises(ServerFailed):
        atlas.dispatch(plan())
    assert atlas.find_by_tag("rasad-test") == ()

    atlas.fail_next("dispatch", AnswerLost("rasad-test", TimedOut("late", phase=Phase.WAIT)))
    with pytest.raises(AnswerLost):
        atlas.dispatch(plan())
    assert len(atlas.find_by_tag("rasad-test")) == 1


def test_a_body_can_be_cut_off(atlas: MemoryAtlas) -> None:
    """After half of what there is."""
    (atlas_id,) = atlas.dispatch(plan())
    lines = [atlas.hand_in(atlas_id, 1, NOW - 100 + number) for number in range(4)]
    atlas.fail_next("results", CutOff("cut", phase=Phase.READ))
    found: list[bytes] = []

    with atlas.results(atlas_id, start_at=0) as reader:
        with pytest.raises(CutOff):
            found.extend(reader)
        assert (found, reader.is_complete) == (lines[:2], False)


def test_results_come_when_the_platform_has_them(atlas: MemoryAtlas, clock: ManualClock) -> None:
    """A late upload carries an old instant; the stream brings it when it is stored."""
    (atlas_id,) = atlas.dispatch(plan())
    late = atlas.hand_in(atlas_id, 1, NOW - 100, stored_at=NOW + 5_000)
    events: list[StreamEvent] = []

    with atlas.stream([Subscription(atlas_id)], lambda event, _: events.append(event)) as stream:
        assert stream.take(60) is None
        with atlas.results(atlas_id, start_at=0) as reader:
            assert list(reader) == []
        clock.advance(5_000)
        assert stream.take(60) == late
        with atlas.results(atlas_id, start_at=0) as reader:
            assert list(reader) == [late]
    assert events == [StreamEvent.CONNECTED]


def test_a_subscription_with_a_backlog_brings_the_recent_past(atlas: MemoryAtlas, clock: ManualClock) -> None:
    """And one without does not; one that is taken back brings nothing more."""
    first, second = atlas.dispatch(plan(definitions=plan().definitions * 2))
    line = atlas.hand_in(first, 1, NOW - 30)
    atlas.hand_in(second, 1, NOW - 30)
    wanted = [Subscription(first), Subscription(second, has_backlog=False)]

    with atlas.stream(wanted, lambda *_: None) as stream:
        assert [stream.take(1), stream.take(1)] == [line, None]
        stream.follow([Subscription(second)])
        assert stream.take(1) is not None
        clock.advance(100)
        atlas.hand_in(first, 1, NOW + 50)
        assert stream.take(1) is None


@pytest.mark.parametrize(
    ("by", "value", "expected"),
    [
        (SelectedBy.COUNTRY, "TJ", {1, 2}),
        (SelectedBy.PREFIX, "198.51.0.0/16", {1}),
        (SelectedBy.PROBES, "1,2,3,4,5", {1, 2}),
        (SelectedBy.REGION, "central_asia", {1, 2}),
    ],
)
def test_probes_are_matched(
    atlas: MemoryAtlas, clock: ManualClock, by: SelectedBy, value: str, expected: set[int]
) -> None:
    """Connected ones with an address of the family."""
    (atlas_id,) = atlas.dispatch(plan(selections=(ProbeSelection(by=by, value=value, requested=5),)))
    clock.advance(60)

    assert atlas.participants(atlas_id).probe_ids == expected


def test_built_ins_are_known_when_they_are_told_of(atlas: MemoryAtlas) -> None:
    """Reading them costs nothing, and nobody stops them by creating many others."""
    with pytest.raises(NotFound):
        atlas.measurement(1001)
    atlas.know_built_in({"id": 1001, "type": "ping", "af": 4, "target": "k.root-servers.net"})
    atlas.know_probes({"id": 9, "country_code": "KG", "asn_v4": 64509})
    balance = atlas.credits().balance
    atlas.hand_in(1001, 9, NOW - 1)

    assert atlas.measurement(1001).status is Status.ONGOING
    assert atlas.credits().balance == balance
    assert [probe["id"] for probe in atlas.probes({"country_code": "KG"})] == [9]


def test_objects_are_compared_by_numbers(atlas: MemoryAtlas) -> None:
    """As the platform's filters do; those that it does not know are ignored."""
    assert [probe["id"] for probe in atlas.probes({"id__gt": 2})] == [3, 4]
    assert [probe["id"] for probe in atlas.probes({"id__gte": 2, "id__lt": 4})] == [2, 3]
    assert [probe["id"] for probe in atlas.probes({"tags": "home"})] == [2]
    assert [probe["id"] for probe in atlas.probes({"asn_v6": 64501})] == [4]
    assert len(list(atlas.probes({"colour": "blue"}))) == 4
