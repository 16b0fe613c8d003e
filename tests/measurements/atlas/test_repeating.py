"""Repeating: what is asked again, when, and what is said once."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from measurements.atlas.client import AtlasClient
from measurements.atlas.failures import (
    AccountBusy,
    AtlasFailure,
    KeyMissing,
    NoCredits,
    NoProbes,
    NotAllowed,
    NotFound,
    Refused,
    ServerFailed,
    TargetBusy,
    TooMany,
)
from measurements.atlas.repeating import LONGEST_QUIET_S
from tests.clocks import START, ManualClock
from tests.measurements.atlas.conftest import PATIENT
from tests.measurements.atlas.plans import plan
from tests.measurements.atlas.traps import MEASUREMENT, Traps, answers, cut_off, refusal, resets


@pytest.mark.parametrize(
    "reply",
    [
        answers(429),
        answers(500, {"error": {"status": 500, "detail": "x"}}),
        answers(502, b"<html>Bad Gateway</html>", Content_Type="text/html"),
        answers(200, b"<html>Welcome to our hotel</html>", Content_Type="text/html"),
        resets(),
        answers(408),
        answers(200, b'{"id": 7, "type": "pi'),
        cut_off({"Content-Length": "100"}, b'{"id": 7'),
    ],
)
def test_looking_up_is_repeated_later_and_later(
    traps: Traps, atlas: AtlasClient, clock: ManualClock, reply: object
) -> None:
    """Until it works."""
    assert callable(reply)
    traps.will(reply, reply, reply, answers(200, MEASUREMENT))

    assert atlas.measurement(7).atlas_id == 7
    assert len(traps.requests) == 4
    assert len(clock.slept) == 3
    for waited, doubled in zip(clock.slept, (1, 2, 4), strict=True):
        assert doubled / 2 <= waited <= doubled


def test_repeating_ends_with_the_last_failure_when_its_time_is_over(
    traps: Traps, atlas: AtlasClient, clock: ManualClock
) -> None:
    """It gives up rather than wait beyond it."""
    traps.will(answers(503))

    with pytest.raises(ServerFailed) as failed:
        atlas.measurement(7)

    assert failed.value.status == 503
    assert 200 < sum(clock.slept) <= 300


def test_the_platforms_own_time_to_wait_is_kept(traps: Traps, atlas: AtlasClient, clock: ManualClock) -> None:
    """In seconds, as a date by its own clock, and as a date by ours."""
    server_now = START + timedelta(days=3)
    by_server = {"Date": format_datetime(server_now, usegmt=True)}
    until = format_datetime(server_now + timedelta(seconds=40), usegmt=True)
    by_ours = format_datetime(START + timedelta(seconds=20 + 40 + 60), usegmt=True)
    traps.will(
        answers(429, Retry_After="20"),
        answers(429, Retry_After=until, **by_server),
        answers(429, Retry_After="soon"),
        answers(200, MEASUREMENT),
    )

    atlas.measurement(7)

    assert 20 <= clock.slept[0] <= 21
    assert 40 <= clock.slept[1] <= 41
    assert 2 <= clock.slept[2] <= 4
    traps.will(answers(429, Retry_After=by_ours), answers(200, MEASUREMENT))
    traps.next_reply()
    left = (START + timedelta(seconds=120) - clock.now()).total_seconds()
    atlas.measurement(7)
    assert left <= clock.slept[3] <= left + 1.1


def test_whoever_is_told_to_wait_asks_for_nothing_else_meanwhile(
    traps: Traps, atlas: AtlasClient, clock: ManualClock
) -> None:
    """One call was told; the platform meant all of them, also those that create."""
    traps.will(answers(429, Retry_After="1000"), answers(200, MEASUREMENT))

    with pytest.raises(TooMany) as told:
        atlas.measurement(7)
    with pytest.raises(TooMany, match="another 1000 s"):
        list(atlas.probes({}))
    with pytest.raises(TooMany, match="another 1000 s"):
        atlas.dispatch(plan())
    assert told.value.retry_after_s == 1000
    assert len(traps.requests) == 1
    assert clock.slept == []

    clock.advance(900)
    assert atlas.measurement(7).atlas_id == 7
    assert 100 <= sum(clock.slept) <= 101


def test_nobody_is_kept_away_for_days_by_a_mistake(traps: Traps, atlas: AtlasClient, clock: ManualClock) -> None:
    """An hour at most."""
    traps.will(answers(429, Retry_After="9" * 400), answers(200, MEASUREMENT))

    with pytest.raises(TooMany):
        atlas.measurement(7)
    clock.advance(LONGEST_QUIET_S)

    assert atlas.measurement(7).atlas_id == 7


def test_a_time_to_wait_that_is_none_is_none(traps: Traps, atlas: AtlasClient) -> None:
    """Whatever is written there."""
    for value in ("soon", "-1", "1e9", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"):
        traps.will(answers(429, Retry_After=value), answers(200, MEASUREMENT))
        assert atlas.measurement(7).atlas_id == 7
        traps.replies.clear()


def test_whoever_waits_is_told_why_and_for_how_long(traps: Traps, clock: ManualClock) -> None:
    """Minutes of silence would look like nothing at all."""
    told: list[tuple[str, float]] = []
    client = AtlasClient(
        traps.endpoint(), clock, limits=PATIENT, on_repeat=lambda why, wait_s: told.append((str(why), wait_s))
    )
    traps.will(answers(503), answers(503), answers(200, MEASUREMENT))

    client.measurement(7)

    client.close()
    assert [wait_s for _, wait_s in told] == clock.slept
    assert all("503" in why for why, _ in told)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, refusal("This field is required.", "/definitions/0/af"), Refused),
        (400, refusal("We do not allow more than 25 concurrent measurements to the same target: 8.8.8.8."), TargetBusy),
        (400, refusal("You are not permitted to run more than 100 concurrent measurements."), AccountBusy),
        (400, refusal("Your selected ASN is not covered by our network."), NoProbes),
        (400, refusal("You do not have enough credits."), NoCredits),
        (402, refusal("Pay."), NoCredits),
        (401, {"error": {"status": 401, "code": 104, "detail": "The provided API key does not exist"}}, KeyMissing),
        (403, {"error": {"status": 403, "code": 104, "detail": "No."}}, NotAllowed),
        (400, refusal("You are not permitted to receive more than 100000 results per day."), AccountBusy),
        (400, refusal("You are not permitted to receive more than 50 results per second."), Refused),
        (404, {"error": {"detail": "Not found.", "status": 404, "title": "Not Found", "code": 104}}, NotFound),
        (405, {"error": {"detail": 'Method "GET" not allowed.', "status": 405, "code": 104}}, Refused),
        (400, {"status": 400, "code": 104, "detail": "top level"}, Refused),
        (400, {"error": "a text"}, Refused),
        (400, ["a list"], Refused),
        (400, {"error": {"errors": "no list"}}, Refused),
        (409, b"", Refused),
    ],
)
def test_a_refusal_is_said_once_with_what_the_platform_said(
    traps: Traps, atlas: AtlasClient, status: int, body: object, kind: type[AtlasFailure]
) -> None:
    """Asking again would not help."""
    traps.will(answers(status, body))

    with pytest.raises(kind) as refused:
        atlas.measurement(7)

    assert type(refused.value) is kind
    assert refused.value.status == status
    assert not refused.value.is_retryable
    assert len(traps.requests) == 1


def test_a_refusal_names_what_is_wrong_where(traps: Traps, atlas: AtlasClient) -> None:
    """With the pointers into what was sent."""
    traps.will(answers(400, refusal("This field is required.", "/definitions/0/af")))

    with pytest.raises(Refused, match="/definitions/0/af: This field is required") as refused:
        atlas.dispatch(plan())

    assert refused.value.code == 102
    assert [tuple(one) for one in refused.value.complaints] == [("/definitions/0/af", "This field is required.")]
