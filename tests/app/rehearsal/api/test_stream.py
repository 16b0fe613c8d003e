"""The stream: what is said over it, and what never gets lost on it while it lasts."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socket import SHUT_RDWR, SO_LINGER, SOL_SOCKET
from struct import pack
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from app.rehearsal.contract import FIRST_PROBE_ID
from tests.app.rehearsal.asking import DNS, create
from tests.app.rehearsal.tiny import BUILTIN_PING
from tests.rehearsing import EPOCH, RehearsedAtlas

ALL = {"streamType": "result"}


@contextmanager
def _stream(atlas: RehearsedAtlas) -> Iterator[ClientConnection]:
    with connect(f"{atlas.http.replace('http', 'ws')}/stream/?client=test", proxy=None) as stream:
        yield stream


def _say(stream: ClientConnection, kind: str, parameters: Any) -> list[Any]:
    """Say something and give what comes next."""
    stream.send(json.dumps([kind, parameters]))
    return _next(stream)


def _next(stream: ClientConnection) -> list[Any]:
    message: list[Any] = json.loads(stream.recv(timeout=20))
    return message


def _results(stream: ClientConnection, count: int) -> list[Any]:
    found = [_next(stream) for _ in range(count)]
    assert {kind for kind, _ in found} == {"atlas_result"}
    return [body for _, body in found]


def test_both_spellings_are_understood(atlas: RehearsedAtlas) -> None:
    """And the parameters come back."""
    for parameters in (
        {"stream_type": "result", "msm": 1001},
        {"streamType": "probestatus"},
        {"streamType": "metadata"},
    ):
        with _stream(atlas) as stream:
            assert _say(stream, "atlas_subscribe", parameters) == ["atlas_subscribed", parameters]
            assert _say(stream, "atlas_unsubscribe", parameters) == ["atlas_unsubscribed", parameters]


def test_the_stream_gives_each_result_once(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """As it arrives: all that one reads later was streamed, in order of arrival."""
    number = create(client)
    with _stream(atlas) as stream:
        _say(stream, "atlas_subscribe", {**ALL, "msm": number})
        streamed: list[Any] = []
        for _ in range(5):
            atlas.advance(240)
            streamed += _results(stream, 3)
    assert streamed == sorted(streamed, key=lambda body: body["stored_timestamp"])
    key = ["prb_id", "timestamp"]
    read = client.get(f"/measurements/{number}/results/").json()
    assert sorted([body[name] for name in key] for body in streamed) == sorted(
        [body[name] for name in key] for body in read
    )


def test_filters(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """By probe, by type, and by several measurements; all there is without."""
    number = create(client, DNS)
    with _stream(atlas) as stream:
        _say(stream, "atlas_subscribe", {**ALL, "msm": [BUILTIN_PING, number], "prb": FIRST_PROBE_ID})
        atlas.advance(240)
        assert {body["msm_id"] for body in _results(stream, 2)} == {BUILTIN_PING, number}
    with _stream(atlas) as stream:
        _say(stream, "atlas_subscribe", {**ALL, "type": "dns"})
        atlas.advance(240)
        assert {body["msm_id"] for body in _results(stream, 3)} == {number}
    with _stream(atlas) as stream:
        _say(stream, "atlas_subscribe", ALL)
        atlas.advance(240)
        assert {body["msm_id"] for body in _results(stream, 14)} == {BUILTIN_PING, number}


def test_several_subscriptions_of_one_connection(atlas: RehearsedAtlas) -> None:
    """Each ends by itself."""
    first, second = {**ALL, "msm": 1001, "prb": FIRST_PROBE_ID}, {**ALL, "msm": 1001, "prb": FIRST_PROBE_ID + 1}
    with _stream(atlas) as stream:
        _say(stream, "atlas_subscribe", first)
        _say(stream, "atlas_subscribe", second)
        atlas.advance(240)
        assert {body["prb_id"] for body in _results(stream, 2)} == {FIRST_PROBE_ID, FIRST_PROBE_ID + 1}
        _say(stream, "atlas_unsubscribe", first)
        atlas.advance(240)
        assert {body["prb_id"] for body in _results(stream, 1)} == {FIRST_PROBE_ID + 1}


def test_the_backlog_comes_first(atlas: RehearsedAtlas) -> None:
    """Of a day, or from where it is asked for; its end is told."""
    parameters = {**ALL, "msm": 1001, "prb": FIRST_PROBE_ID, "sendBacklog": True}
    with _stream(atlas) as stream:
        _say(stream, "atlas_subscribe", parameters)
        backlog = _results(stream, 360)
        assert min(body["stored_timestamp"] for body in backlog) > EPOCH - 86_400
        assert _next(stream) == ["atlas_backlog_sent", parameters]
    parameters = {**ALL, "msm": 1001, "prb": FIRST_PROBE_ID, "startTime": EPOCH - 600}
    with _stream(atlas) as stream:
        _say(stream, "atlas_subscribe", parameters)
        assert len(_results(stream, 3)) == 3
        assert _next(stream) == ["atlas_backlog_sent", parameters]


def test_what_is_no_message(atlas: RehearsedAtlas) -> None:
    """Is told so, and the connection stays."""
    with _stream(atlas) as stream:
        for text in ("x", "[]", '["atlas_subscribe", 1]', '["atlas_sing", {}]', "[1, {}]", '{"a": 1}', "1e999", "[[]]"):
            stream.send(text)
            assert _next(stream)[0] == "atlas_error"
        stream.send(b'["atlas_subscribe", {}]')
        assert _next(stream)[0] == "atlas_error"
        for parameters in ({"streamType": "song"}, {**ALL, "msm": "x"}, {**ALL, "prb": {}}, {**ALL, "startTime": [[]]}):
            assert _say(stream, "atlas_subscribe", parameters)[0] == "atlas_error"
        assert _say(stream, "atlas_subscribe", ALL)[0] == "atlas_subscribed"


def test_private_results_are_not_streamed(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """Only what is public."""
    number = create(client, {**DNS, "is_public": False})
    with _stream(atlas) as stream:
        _say(stream, "atlas_subscribe", {**ALL, "msm": f"{number},1001", "prb": FIRST_PROBE_ID})
        atlas.advance(240)
        assert [body["msm_id"] for body in _results(stream, 1)] == [1001]


def test_nothing_is_said_of_a_client_that_breaks_off(atlas: RehearsedAtlas, caplog: pytest.LogCaptureFixture) -> None:
    """In the middle of a backlog: a server whose clients go must not fill its log."""
    with _stream(atlas) as stream:
        _say(stream, "atlas_subscribe", {**ALL, "msm": 1001, "sendBacklog": True})
        _results(stream, 1)
        stream.socket.setsockopt(SOL_SOCKET, SO_LINGER, pack("ii", 1, 0))
        stream.socket.shutdown(SHUT_RDWR)
        stream.socket.close()
    deadline = time.monotonic() + 20
    while not atlas.calls():
        assert time.monotonic() < deadline, "the server has not noticed"
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


def test_a_listener_who_joins_in_finds_what_others_were_told(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """Of one probe or of all, now or from its backlog, over hours at once: what can be read was told to everybody."""
    number = create(client)
    atlas.faults({"kind": "late", "every": 2, "least_s": 600, "most_s": 7200}, {"kind": "clock_skew", "offset_s": -900})
    one, everything = {**ALL, "msm": number, "prb": FIRST_PROBE_ID}, {**ALL, "msm": number, "sendBacklog": True}
    with _stream(atlas) as early, _stream(atlas) as late:
        _say(early, "atlas_subscribe", one)
        atlas.advance(3600)
        _say(late, "atlas_subscribe", everything)
        atlas.advance(4 * 3600)
        read = client.get(f"/measurements/{number}/results/", params={"start": 0}).json()
        mine = [body for body in read if body["prb_id"] == FIRST_PROBE_ID]
        assert _by_when(_results(early, len(mine))) == _by_when(mine)
        told = [_next(late) for _ in range(len(read) + 1)]
        assert ["atlas_backlog_sent", everything] in told
        assert _by_when([body for kind, body in told if kind == "atlas_result"]) == _by_when(read)


def _by_when(bodies: list[Any]) -> list[Any]:
    return sorted(bodies, key=lambda body: (body["stored_timestamp"], body["prb_id"], body["timestamp"]))
