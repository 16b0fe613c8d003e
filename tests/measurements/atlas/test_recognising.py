"""What was found is what was asked for, or is not: by its tag among our own, whatever strangers do."""

from dataclasses import replace
from typing import Any

import pytest

from app.rehearsal.api.keys import STRANGERS_KEY
from measurements.atlas.client import AtlasClient
from measurements.atlas.endpoint import Endpoint, EndpointKind, Keys
from measurements.atlas.failures import KeyMissing
from measurements.atlas.gateway import AtlasGateway
from measurements.atlas.recognising import differences
from tests.measurements.atlas.plans import DNS, PING, TRACEROUTE, plan
from tests.measurements.atlas.stages import QUICK, SETTLED_S, RehearsedClock, RehearsedStage, Stage
from tests.rehearsing import RehearsedAtlas, rehearsing

RESOLVERS = replace(DNS, target=None, use_probe_resolver=True)


def with_key(rehearsed: RehearsedAtlas, key: str | None) -> AtlasClient:
    """A client of somebody's."""
    endpoint = Endpoint(address=rehearsed.http, stream_address=rehearsed.http, kind=EndpointKind.REHEARSAL)
    return AtlasClient(endpoint, RehearsedClock(rehearsed), keys=Keys.one(key), limits=QUICK)


def test_what_strangers_give_our_tag_is_not_found_by_it() -> None:
    """Anybody may, and it is public; without a key nobody can say what is ours."""
    with rehearsing() as rehearsed:
        ours = RehearsedStage(rehearsed, rehearsed.http)
        stranger, nobody = with_key(rehearsed, STRANGERS_KEY), with_key(rehearsed, None)
        theirs = stranger.dispatch(plan(tag="rasad-1"))
        assert ours.atlas.find_by_tag("rasad-1") == ()
        mine = ours.atlas.dispatch(plan(tag="rasad-1"))

        assert [(one.atlas_id,) for one in ours.atlas.find_by_tag("rasad-1")] == [mine]
        assert [(one.atlas_id,) for one in stranger.find_by_tag("rasad-1")] == [theirs]
        with pytest.raises(KeyMissing):
            nobody.find_by_tag("rasad-1")
        for client in (ours.client, stranger, nobody):
            client.close()


@pytest.mark.acceptance("atlas.1")
@pytest.mark.parametrize("definition", [PING, replace(PING, interval_s=300, is_public=False), TRACEROUTE])
@pytest.mark.parametrize("stop_at", [None, 87_000])
def test_what_was_made_is_what_was_asked_for(
    on: Stage, gateway: AtlasGateway, definition: Any, stop_at: int | None
) -> None:
    """Once or for a day; at first, while it runs, and when it was stopped."""
    end_at = None if stop_at is None else on.now() + stop_at
    asked = plan(definitions=(definition,), is_oneoff=stop_at is None, start_at=on.now() + 600, stop_at=end_at)
    (atlas_id,) = gateway.dispatch(asked)

    assert differences(asked, gateway.measurement(atlas_id)) == ()
    on.advance(600 + SETTLED_S)
    assert differences(asked, gateway.measurement(atlas_id)) == ()
    gateway.stop(atlas_id)
    assert differences(asked, gateway.measurement(atlas_id)) == ()


@pytest.mark.acceptance("atlas.1")
def test_what_asks_the_resolvers_of_probes_has_no_target(gateway: AtlasGateway) -> None:
    asked, other = plan(definitions=(RESOLVERS,)), plan(definitions=(DNS,))
    (atlas_id,) = gateway.dispatch(asked)

    assert differences(asked, gateway.measurement(atlas_id)) == ()
    assert differences(other, gateway.measurement(atlas_id)) == ("target",)


@pytest.mark.acceptance("atlas.1")
@pytest.mark.parametrize(
    ("other", "fields"),
    [
        ({"definitions": (TRACEROUTE,)}, ("type", "interval_s")),
        ({"definitions": (replace(PING, target="2001:7fd::1", address_family=6),)}, ("target", "address_family")),
        ({"definitions": (replace(PING, interval_s=300),)}, ("interval_s",)),
        ({"definitions": (replace(PING, is_public=False),)}, ("is_public",)),
        ({"is_oneoff": True, "stop_at": None}, ("is_oneoff", "interval_s")),
        ({"start_at": 600}, ("start_at",)),
        ({"stop_at": None}, ("stop_at",)),
        ({"stop_at": 90_000}, ("stop_at",)),
        ({"stop_at": 80_000}, ("stop_at",)),
    ],
)
def test_it_is_told_in_what_it_is_another(
    on: Stage, gateway: AtlasGateway, other: dict[str, Any], fields: tuple[str, ...]
) -> None:
    """Also where it would only run for longer, or begin too soon."""
    now = on.now()
    asked = plan(start_at=now + 3_600, stop_at=now + 86_400)
    at = {name: now + value for name, value in other.items() if name.endswith("_at") and value is not None}
    made = replace(asked, **(other | at))
    (atlas_id,) = gateway.dispatch(made)

    found = differences(asked, gateway.measurement(atlas_id))

    assert [one for one in found if one != "stop_at" or "is_oneoff" not in fields] == list(fields)
