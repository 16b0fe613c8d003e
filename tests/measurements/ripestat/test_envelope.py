"""The envelope: four places say whether an answer is one, and what is not known is let pass."""

from typing import Any

import pytest

from measurements.ripestat.envelope import Message, read_envelope
from measurements.ripestat.failures import CutOff, Refused, RipestatFailure, ServerFailed, TooMany, Unreadable
from tests.measurements.ripestat.envelopes import ABSENT, body, network


def test_an_answer_is_kept_with_its_question_and_verbatim() -> None:
    written = body(network(["64500"]))

    found = read_envelope("it", written)

    assert (found.call, found.query_id, found.body) == ("network-info", "20261124080000-test", written)
    assert found.answered_at == 1_795_507_200


@pytest.mark.parametrize(
    "changed",
    [
        {"pipeline": "1433982", "something": {"new": True}},
        {"messages": ABSENT, "see_also": ABSENT, "version": ABSENT, "time": ABSENT, "query_id": ABSENT},
        {"data_call_status": "supported - connecting to Flow"},
        {"time": "some other day"},
        {"status": ABSENT},
        {"status_code": ABSENT},
        {"messages": None},
    ],
)
def test_members_may_come_and_go(changed: dict[str, Any]) -> None:
    found = read_envelope("it", body(network(["64500"], **changed)))

    assert found.data["asns"] == ["64500"]
    assert found.warnings == ()


def test_messages_are_kept_and_what_is_more_than_information_is_a_warning() -> None:
    messages = [["info", "routes that few see are left out"], ["warning", "aligned"], ["error", "half"], "odd"]
    found = read_envelope("it", body(network([], messages=messages, data_call_status="deprecated - use another")))

    assert found.messages[0] == Message("info", "routes that few see are left out")
    assert found.warnings == (
        "warning: aligned", "error: half", "warning: odd", "warning: the data call is deprecated - use another",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "status", "expected"),
    [
        ({"status": "maintenance"}, 200, ServerFailed),
        ({"status": "error", "status_code": 500}, 200, ServerFailed),
        ({"status_code": 503}, 200, ServerFailed),
        ({"status": "error", "status_code": 400}, 200, Refused),
        ({"status": "error", "status_code": 429}, 200, TooMany),
        ({"status": "error", "status_code": 400}, 400, Refused),
        ({}, 404, Refused),
        ({}, 429, TooMany),
        ({}, 502, ServerFailed),
        ({}, 302, Refused),
        ({"data": ABSENT}, 200, Unreadable),
        ({"data": None}, 200, Unreadable),
        ({"data": []}, 200, Unreadable),
    ],
)
def test_whatever_says_that_it_is_no_answer_is_believed(
    changed: dict[str, Any], status: int, expected: type[RipestatFailure]
) -> None:
    """The question's number is kept, by which RIPEstat can find it."""
    spoilt = network(["64500"], messages=[["error", "this went wrong"]], **changed)
    with pytest.raises(RipestatFailure) as raised:
        read_envelope("it", body(spoilt), status)

    assert type(raised.value) is expected
    assert raised.value.query_id == "20261124080000-test"
    if expected is not Unreadable:
        assert "this went wrong" in str(raised.value)


@pytest.mark.parametrize(
    ("content", "status", "expected"),
    [
        (b"<html>Bad Gateway</html>", 502, ServerFailed),
        (b"<html>Welcome</html>", 200, ServerFailed),
        (b"", 503, ServerFailed),
        (b"", 301, Refused),
        (b'{"data": {"prefixes": [', 200, CutOff),
        (b"", 200, Unreadable),
        (b"[1, 2]", 200, Unreadable),
        (b"null", 200, Unreadable),
        (b"callback({})", 200, Unreadable),
    ],
)
def test_what_is_no_envelope_is_named(content: bytes, status: int, expected: type[RipestatFailure]) -> None:
    with pytest.raises(RipestatFailure) as raised:
        read_envelope("it", content, status)

    assert type(raised.value) is expected
