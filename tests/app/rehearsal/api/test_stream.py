"""The stream: what is said over it, and what never gets lost on it while it lasts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
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
