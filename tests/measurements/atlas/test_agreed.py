"""The guard: without the gate's permission nothing but a rehearsal is asked to measure."""

from collections.abc import Callable
from typing import Any

import pytest

from measurements.agreements.gate import Decision
from measurements.agreements.reasons import Reason
from measurements.atlas.client import AtlasClient
from measurements.atlas.endpoint import Endpoint, EndpointKind
from measurements.atlas.failures import NotAgreed
from measurements.atlas.memory import MemoryAtlas
from measurements.selections import in_country, these_probes
from measurements.units import seconds
from tests.clocks import ManualClock
from tests.measurements.atlas.conftest import HASTY
from tests.measurements.atlas.plans import plan
from tests.measurements.atlas.traps import CREATED, Traps, answers

CREATING: list[Callable[[AtlasClient], Any]] = [
    lambda atlas: atlas.dispatch(plan()),
    lambda atlas: atlas.change_participants(7, add=[in_country("TJ", 1)]),
    lambda atlas: atlas.change_participants(7, add=[these_probes(1)], remove=[2]),
    lambda atlas: atlas.require_rehearsal(),
]


@pytest.mark.parametrize("create", CREATING)
@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        (Endpoint(), "is RIPE Atlas itself"),
        (Endpoint(kind=EndpointKind.REHEARSAL), "is RIPE Atlas itself"),
        (Endpoint(address="https://ATLAS.ripe.net:443/api/v2/", kind=EndpointKind.REHEARSAL), "is RIPE Atlas itself"),
        (Endpoint(address="https://ripe.net", kind=EndpointKind.REHEARSAL), "is RIPE Atlas itself"),
        (Endpoint(address="https://192.0.2.1", kind=EndpointKind.REHEARSAL), "is not on this machine"),
        (Endpoint(address="https://localhost.example", kind=EndpointKind.REHEARSAL), "is not on this machine"),
        (Endpoint(address="http://127.0.0.1:1", kind=EndpointKind.REHEARSAL), "the stream of 127.0.0.1 is not"),
        (
            Endpoint(address="http://127.0.0.1:1", stream_address="http://127.0.0.1:1", kind=EndpointKind.REHEARSAL),
            "cannot be seen",
        ),
        (Endpoint(address="http://127.0.0.1:1"), "is not set to be a rehearsal"),
    ],
)
def test_nothing_else_is_asked_to_measure(endpoint: Endpoint, why: str, create: Callable[[AtlasClient], Any]) -> None:
    """A setting alone does not make a rehearsal; nothing leaves this machine, which the tests' guard watches."""
    atlas = AtlasClient(endpoint, ManualClock(), limits=HASTY)

    with pytest.raises(NotAgreed, match=f"{why}.*Nothing is created.*rasad rehearsal serve") as refused:
        create(atlas)

    atlas.close()
    assert not refused.value.is_retryable


@pytest.mark.parametrize("reply", [answers(404), answers(200, b"<html>"), answers(200, []), answers(302, Location="/")])
def test_a_server_without_a_rehearsals_clock_is_none(traps: Traps, atlas: AtlasClient, reply: object) -> None:
    """Though it is on this machine, as a tunnel to the platform would be."""
    assert callable(reply)
    traps.is_rehearsal = False
    traps.will(reply)

    with pytest.raises(NotAgreed, match="does not answer for a rehearsal's clock"):
        atlas.dispatch(plan())

    assert [one.path for one in traps.requests] == ["/rehearsal/clock"]
    assert "authorization" not in traps.requests[0].headers


def test_a_rehearsal_is_asked(traps: Traps, atlas: AtlasClient) -> None:
    """And once known, it is not asked again whether it is one."""
    traps.will(CREATED)

    assert atlas.dispatch(plan()) == (7,)
    traps.is_rehearsal = False
    assert atlas.dispatch(plan()) == (7,)

    assert [one.path for one in traps.requests] == ["/api/v2/measurements/"] * 2


def test_stopping_and_taking_probes_out_are_always_allowed(traps: Traps) -> None:
    """They measure less, never more."""
    atlas = AtlasClient(traps.endpoint(kind=EndpointKind.PLATFORM), ManualClock(), limits=HASTY)
    traps.will(answers(204), answers(201, {"request_ids": [1]}))

    atlas.stop(7)
    assert atlas.change_participants(7, remove=[2, 1]) == (1,)

    atlas.close()
    assert traps.requests[1].json == [{"action": "remove", "type": "probes", "value": "1,2", "requested": 2}]


NOW = seconds(ManualClock().now())
PERMITTED = Decision(is_permitted=True, reason=Reason.AGREED, digest="0" * 64, decided_at=NOW)


def test_what_the_gate_has_just_permitted_is_asked_of_the_platform(traps: Traps) -> None:
    atlas = AtlasClient(traps.endpoint(kind=EndpointKind.PLATFORM), ManualClock(), limits=HASTY)
    traps.will(CREATED, answers(201, {"request_ids": [1]}))

    assert atlas.dispatch(plan(), PERMITTED) == (7,)
    assert atlas.change_participants(7, add=[in_country("TJ", 1)], decision=PERMITTED) == (1,)

    atlas.close()


@pytest.mark.parametrize("kind", EndpointKind)
@pytest.mark.parametrize(
    ("decision", "why"),
    [
        (PERMITTED._replace(is_permitted=False, reason=Reason.SUSPENDED), "The agreement is suspended"),
        (PERMITTED._replace(decided_at=NOW - 121), "too long ago"),
    ],
)
def test_what_the_gate_did_not_permit_is_asked_of_nobody(
    traps: Traps, kind: EndpointKind, decision: Decision, why: str
) -> None:
    """Nor what it permitted long ago."""
    atlas = AtlasClient(traps.endpoint(kind=kind), ManualClock(), limits=HASTY)

    with pytest.raises(NotAgreed, match=why):
        atlas.dispatch(plan(), decision)
    with pytest.raises(NotAgreed, match=why):
        atlas.change_participants(7, add=[in_country("TJ", 1)], decision=decision)

    atlas.close()
    assert traps.requests == []


def test_the_one_in_memory_takes_no_for_no_too() -> None:
    with pytest.raises(NotAgreed, match="suspended"):
        MemoryAtlas(ManualClock()).dispatch(plan(), PERMITTED._replace(is_permitted=False, reason=Reason.SUSPENDED))
