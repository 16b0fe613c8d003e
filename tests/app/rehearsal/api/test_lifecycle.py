"""How a measurement lives, instant by instant; and that the platform's status follows."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rehearsal.api.lifecycle import (
    Habits,
    Status,
    allocated_at,
    begins_at,
    ends_at,
    is_silent,
    members,
    standing,
)
from app.rehearsal.api.records import Asked, Created
from app.rehearsal.chance import whole
from app.rehearsal.contract import FIRST_PROBE_ID, Body
from tests.app.rehearsal.asking import PING, TAJIKISTAN, create
from tests.app.rehearsal.tiny import DISCONNECTED
from tests.rehearsing import EPOCH, RehearsedAtlas, rehearsing

SOURCE: Body = {"type": "country", "value": "TJ", "requested": 3, "tags": {"include": [], "exclude": []}}


def _created(**fields: object) -> Created:
    first = Asked(id=1, action="add", source=SOURCE, at=EPOCH)
    known = {"id": 7, "owner": "a", "bill_to": "a", "fields": {"af": 4}, "is_oneoff": False, "created_at": EPOCH}
    return Created.model_validate({**known, "start_at": EPOCH, "asked": [first], **fields})


def _status(created: Created, at: int, n_members: int = 3) -> Status:
    return standing(created, n_members, at).status


def test_a_periodic_one_runs_until_it_is_stopped() -> None:
    """Specified, scheduled seconds later, ongoing seconds after that."""
    created = _created()
    assert _status(created, EPOCH) is Status.SPECIFIED
    assert EPOCH + 2 <= allocated_at(created) <= EPOCH + 8
    assert _status(created, allocated_at(created)) is Status.SCHEDULED
    assert _status(created, begins_at(created)) is Status.ONGOING
    assert _status(created, EPOCH + 10**8) is Status.ONGOING
    created.deleted_at = EPOCH + 1000
    assert _status(created, EPOCH + 999) is Status.ONGOING
    assert standing(created, 3, EPOCH + 2000) == (Status.STOPPED, EPOCH + 1000)


def test_one_that_starts_later_waits_as_scheduled() -> None:
    """Probes are allocated at once."""
    created = _created(start_at=EPOCH + 3600, stop_at=EPOCH + 7200)
    assert _status(created, EPOCH + 60) is Status.SCHEDULED
    assert _status(created, EPOCH + 3600) is Status.ONGOING
    assert standing(created, 3, EPOCH + 7200) == (Status.STOPPED, EPOCH + 7200)


@given(st.integers(1, 10**6))
def test_a_one_off_ends_by_itself(number: int) -> None:
    """Six to ten minutes after its start."""
    created = _created(id=number, is_oneoff=True)
    ends = ends_at(created)
    assert ends is not None
    assert 360 <= ends - begins_at(created) <= 600
    assert _status(created, ends - 1) is Status.ONGOING
    assert _status(created, ends) is Status.STOPPED


def test_other_ends() -> None:
    """No probe found; over before it began; stopped for want of credits."""
    assert _status(_created(), EPOCH + 60, n_members=0) is Status.NO_SUITABLE_PROBES
    assert _status(_created(stop_at=EPOCH + 1), EPOCH + 60) is Status.FAILED
    assert _status(_created(forced_at=EPOCH + 900), EPOCH + 900) is Status.FORCED_TO_STOP
    assert [each.label for each in Status] == [
        "Specified", "Scheduled", "Ongoing", "Stopped", "Forced to stop", "No suitable probes", "Failed",
    ]  # fmt: skip


def test_probes_join_and_leave() -> None:
    """Each source adds those that are not there yet; who leaves may come back."""
    created = _created()
    created.asked += [
        Asked(id=2, action="add", source={**SOURCE, "requested": 2}, at=EPOCH + 100),
        Asked(id=3, action="remove", source={**SOURCE, "type": "probes", "value": "10"}, at=EPOCH + 200),
    ]
    found = members(created, lambda *_: [10, 11, 12, 13, 14, 15], Habits(), EPOCH + 1000)
    assert sorted(each.probe_id for each in found) == [10, 11, 12, 13, 14]
    assert [each.probe_id for each in found if each.left_at] == [10]
    assert members(created, lambda *_: [10, 11], Habits(), EPOCH) == []


def test_habits_are_the_same_every_time_and_about_as_often_as_said() -> None:
    """Some enlisted probes never say a word."""
    habits = Habits(seed=1, silent_share=0.1)
    silent = [is_silent(_created(), each, habits) for each in range(2000)]
    assert silent == [is_silent(_created(), each, habits) for each in range(2000)]
    assert 120 < sum(silent) < 280


def test_fewer_than_were_asked_for(client: httpx.Client, atlas: RehearsedAtlas) -> None:
    """A disconnected probe is not chosen; nobody is told."""
    number = create(client, probes=[{**TAJIKISTAN, "requested": 10}])
    assert client.get(f"/measurements/{number}/?optional_fields=probes").json()["probes"] == []
    atlas.advance(30)
    body = client.get(f"/measurements/{number}/?optional_fields=probes").json()
    assert (body["status"]["name"], body["probes_requested"], body["probes_scheduled"]) == ("Ongoing", 10, 3)
    assert DISCONNECTED not in {each["id"] for each in body["probes"]}
    assert body["participant_count"] == 3


def test_nobody_is_suitable(client: httpx.Client, atlas: RehearsedAtlas) -> None:
    """The only probe that is asked for is not connected."""
    number = create(client, probes=[{"type": "probes", "value": str(DISCONNECTED), "requested": 1}])
    atlas.advance(30)
    status = client.get(f"/measurements/{number}/").json()["status"]
    assert (status["id"], status["name"]) == (6, "No suitable probes")
    assert client.get(f"/measurements/{number}/results/").json() == []


def test_the_probes_of_another_measurement(client: httpx.Client, atlas: RehearsedAtlas) -> None:
    """Those that take part in it now."""
    first = create(client, {**PING, "af": 6})
    atlas.advance(60)
    second = create(client, {**PING, "af": 6}, probes=[{"type": "msm", "value": first, "requested": 5}])
    atlas.advance(60)
    both = [client.get(f"/measurements/{each}/?fields=probes").json()["probes"] for each in (first, second)]
    assert both[0] == both[1] != []


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_silent_probes_are_enlisted_and_say_nothing(share: float) -> None:
    """They count as participants."""
    with rehearsing(habits=Habits(silent_share=share)) as atlas, atlas.client(atlas.key) as client:
        number = create(client)
        atlas.advance(3600)
        assert client.get(f"/measurements/{number}/").json()["participant_count"] == 3
        assert (client.get(f"/measurements/{number}/results/").json() == []) == (share == 1.0)


def test_stopped_before_all_is_there(client: httpx.Client, atlas: RehearsedAtlas) -> None:
    """What was measured before the end arrives after it."""
    number = create(client, probes=[{"type": "probes", "value": str(FIRST_PROBE_ID), "requested": 1}])
    atlas.advance(30)
    assert client.delete(f"/measurements/{number}").status_code == 204
    assert client.get(f"/measurements/{number}/").json()["status"]["name"] == "Stopped"
    assert client.get(f"/measurements/{number}/results/").json() == []
    atlas.advance(60)
    assert len(client.get(f"/measurements/{number}/results/").json()) == 1


def test_probes_that_are_asked_for_when_none_was_suitable(client: httpx.Client, atlas: RehearsedAtlas) -> None:
    """It goes on with them; and what found none is stopped like any other."""
    none = [{"type": "probes", "value": str(DISCONNECTED), "requested": 1}]
    first, second = create(client, probes=none), create(client, probes=none)
    atlas.advance(60)
    more = {"action": "add", "type": "country", "value": "TJ", "requested": 2}
    assert client.post(f"/measurements/{first}/participation-requests/", json=[more]).status_code == 201
    client.delete(f"/measurements/{second}/")
    atlas.advance(60)
    names = [client.get(f"/measurements/{each}/").json()["status"]["name"] for each in (first, second)]
    assert names == ["Ongoing", "Stopped"]


def test_two_that_take_each_others_probes(client: httpx.Client, atlas: RehearsedAtlas) -> None:
    """Also at one and the same instant."""
    first, second = create(client), create(client, probes=[{"type": "country", "value": "KZ", "requested": 1}])
    atlas.advance(60)
    at = int(atlas.now())
    while whole(2, 8, "allocation", first, at) != whole(2, 8, "allocation", second, at):
        at += 1
    atlas.advance(at - atlas.now())
    for one, other in ((first, second), (second, first)):
        more = {"action": "add", "type": "msm", "value": other, "requested": 9}
        assert client.post(f"/measurements/{one}/participation-requests/", json=[more]).status_code == 201
    atlas.advance(60)
    counts = [client.get(f"/measurements/{each}/").json()["participant_count"] for each in (first, second)]
    assert counts == [4, 4]
