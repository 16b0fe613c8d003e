"""Creating, changing and stopping: never twice, and nobody is left in doubt silently."""

from dataclasses import replace

import pytest

from measurements.atlas.client import AtlasClient
from measurements.atlas.failures import (
    AnswerLost,
    AtlasFailure,
    NotAllowed,
    Phase,
    Redirected,
    Refused,
    TooMany,
    Unreachable,
)
from measurements.selections import in_country
from measurements.units import seconds
from tests.clocks import ManualClock
from tests.measurements.atlas.conftest import PATIENT
from tests.measurements.atlas.plans import plan
from tests.measurements.atlas.traps import CREATED, MEASUREMENT, Traps, answers, cut_off, hangs, refusal, resets


@pytest.mark.parametrize(
    "reply",
    [
        resets(),
        answers(500),
        answers(502, b"<html>"),
        answers(504),
        answers(201, b"{"),
        answers(201, {"measurements": []}),
        answers(201, {"measurements": [7, 8]}),
        answers(201, {"measurements": ["7"]}),
        answers(200, b"<html>Welcome to our hotel</html>"),
        cut_off({"Content-Length": "100"}, b'{"measure'),
    ],
)
def test_creating_is_never_repeated_when_its_answer_is_lost(traps: Traps, atlas: AtlasClient, reply: object) -> None:
    """It may exist: whoever asked looks it up by the tag."""
    assert callable(reply)
    traps.will(reply, CREATED)

    with pytest.raises(AnswerLost, match="rasad-test") as lost:
        atlas.dispatch(plan())

    assert lost.value.tag == "rasad-test"
    assert len(traps.requests) == 1


def test_creating_is_never_repeated_after_a_time_out(traps: Traps, hasty: AtlasClient) -> None:
    """The server may have heard it."""
    traps.will(hangs())

    with pytest.raises(AnswerLost) as lost:
        hasty.dispatch(plan())

    assert lost.value.phase is Phase.WAIT
    assert len(traps.requests) == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(answers(429, Retry_After="7"), TooMany), (answers(400, refusal("No.")), Refused), (answers(403), NotAllowed)],
)
def test_what_was_refused_was_not_made(
    traps: Traps, atlas: AtlasClient, reply: object, kind: type[AtlasFailure]
) -> None:
    """Nor is it repeated: whoever asked decides when."""
    assert callable(reply)
    traps.will(reply, CREATED)

    with pytest.raises(kind):
        atlas.dispatch(plan())

    assert len(traps.requests) == 1


def test_creating_is_repeated_when_nothing_was_sent(traps: Traps, clock: ManualClock) -> None:
    """Nobody listened."""
    client = AtlasClient(traps.endpoint(), clock, limits=PATIENT)
    client.require_rehearsal()
    client._calls._origin = "http://127.0.0.1:1"

    with pytest.raises(Unreachable) as failed:
        client.dispatch(plan())

    client.close()
    assert failed.value.phase is Phase.CONNECT
    assert len(clock.slept) > 5


def test_a_start_that_passes_while_nobody_listens_is_at_once(traps: Traps, clock: ManualClock) -> None:
    """Else the platform would refuse it in the end: it is not before now."""
    traps.will(CREATED)
    limits = replace(PATIENT, connect_s=1)
    client = AtlasClient(traps.endpoint(), clock, limits=limits, on_repeat=lambda *_: come_back())
    client.require_rehearsal()
    here, client._calls._origin = client._calls._origin, "http://127.0.0.1:1"

    def come_back() -> None:
        clock.advance(60)
        client._calls._origin = here

    assert client.dispatch(plan(start_at=seconds(clock.now()) + 30)) == (7,)

    client.close()
    assert "start_time" not in traps.requests[0].json


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(traps: Traps, atlas: AtlasClient, status: int) -> None:
    """It would turn a POST into a GET, or take the key elsewhere."""
    traps.will(answers(status, Location="http://127.0.0.1:1/elsewhere"))

    with pytest.raises(Redirected):
        atlas.dispatch(plan())
    with pytest.raises(Redirected):
        atlas.measurement(7)

    assert len(traps.requests) == 2


@pytest.mark.parametrize("reply", [answers(204), answers(200), answers(202, b"{}")])
def test_stopping_is_any_success(traps: Traps, atlas: AtlasClient, reply: object) -> None:
    """With a body or without."""
    assert callable(reply)
    traps.will(reply)

    atlas.stop(7)

    assert [(one.method, one.path) for one in traps.requests] == [("DELETE", "/api/v2/measurements/7/")]


def test_stopping_is_repeated(traps: Traps, atlas: AtlasClient) -> None:
    """It does no harm."""
    traps.will(resets(), answers(503), answers(204))

    atlas.stop(7)

    assert len(traps.requests) == 3


@pytest.mark.parametrize("status", [400, 403, 409])
def test_one_that_has_stopped_is_stopped(traps: Traps, atlas: AtlasClient, status: int) -> None:
    """Whatever the platform says to that, its state counts."""
    stopped = {**MEASUREMENT, "status": {"id": 4, "name": "Stopped"}}
    traps.will(answers(status), answers(200, stopped))
    atlas.stop(7)

    traps.replies.clear()
    traps.will(answers(status), answers(200, MEASUREMENT))
    with pytest.raises(AtlasFailure) as failed:
        atlas.stop(7)
    assert failed.value.status == status


def test_why_one_cannot_be_stopped_is_said_though_it_cannot_be_seen_either(traps: Traps, atlas: AtlasClient) -> None:
    """Another key may look at it than the one that stops."""
    traps.will(answers(403), answers(404))

    with pytest.raises(NotAllowed, match="DELETE"):
        atlas.stop(7)


def test_a_change_whose_answer_is_lost_is_not_repeated(traps: Traps, atlas: AtlasClient) -> None:
    """More probes might join than were wanted."""
    traps.will(resets())

    with pytest.raises(AnswerLost, match="participants of measurement 7") as lost:
        atlas.change_participants(7, add=[in_country("TJ", 1)])

    assert lost.value.tag is None
    assert len(traps.requests) == 1
