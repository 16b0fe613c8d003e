"""Faults of requests and streams, as clients meet them over real connections."""

import json
from typing import Any

import httpx
import pytest
import websockets.exceptions
from websockets.sync.client import connect

from tests.app.rehearsal.asking import create, wanted
from tests.rehearsing import EPOCH, RehearsedAtlas, rehearsing

PATH = "/measurements/1001/results/"
LONG = {"start": EPOCH - 86_400}


def _statuses(client: httpx.Client, count: int, path: str = "/probes/") -> list[int]:
    return [client.get(path).status_code for _ in range(count)]


def test_every_third_request_of_a_kind(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """Others do not count; a limit ends it."""
    atlas.faults({"kind": "server_error", "every": 3, "path": "/api/v2/probes*", "limit": 2})
    client.get("/anchors/")
    assert _statuses(client, 10) == [200, 200, 500, 200, 200, 500, 200, 200, 200, 200]


def test_chance_is_the_same_every_time() -> None:
    """By seed; about as often as said."""
    rule = {"kind": "too_many_requests", "probability": 0.3}
    runs: list[list[int]] = []
    for _ in range(2):
        with rehearsing(rules=(rule,)) as atlas, atlas.client() as client:
            runs.append(_statuses(client, 60, "/anchors/"))
    assert runs[0] == runs[1]
    assert 8 < runs[0].count(429) < 30


@pytest.mark.parametrize("retry_after_s", [None, 17])
def test_too_many_requests(atlas: RehearsedAtlas, client: httpx.Client, retry_after_s: int | None) -> None:
    """With a word on when to come back, or without."""
    atlas.faults({"kind": "too_many_requests", "retry_after_s": retry_after_s})
    answer = client.get("/probes/")
    assert (answer.status_code, answer.json()["error"]["status"]) == (429, 429)
    assert answer.headers.get("retry-after") == (str(retry_after_s) if retry_after_s else None)


def test_a_gateway_that_speaks_html(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """No JSON at all."""
    atlas.faults({"kind": "bad_gateway"})
    answer = client.get("/probes/")
    assert answer.status_code == 502
    assert "<html>" in answer.text


def test_windows_of_virtual_time(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """From an instant until before another."""
    atlas.faults({"kind": "server_error", "from": 60, "to": 120})
    assert _statuses(client, 1) == [200]
    atlas.advance(60)
    assert _statuses(client, 1) == [500]
    atlas.advance(60)
    assert _statuses(client, 1) == [200]


def test_a_server_that_hangs(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """Not a byte comes; others are answered meanwhile."""
    atlas.faults({"kind": "hang", "path": "*/probes/*"})
    with pytest.raises(httpx.ReadTimeout):
        client.get("/probes/", timeout=0.3)
    assert client.get("/anchors/").status_code == 200


def test_a_slow_body(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """It comes in small pieces, and comes whole."""
    whole = client.get("/probes/").content
    atlas.faults({"kind": "slow_body", "piece_bytes": 3000, "pause_s": 0.1})
    with client.stream("GET", "/probes/") as answer:
        pieces = list(answer.iter_raw())
    assert b"".join(pieces) == whole
    assert len(pieces) > 1


@pytest.mark.parametrize("path", [PATH, "/probes/", "/measurements/4711/"])
@pytest.mark.parametrize("is_tls", [True, False])
def test_a_cut_body(atlas: RehearsedAtlas, path: str, caplog: pytest.LogCaptureFixture, *, is_tls: bool) -> None:
    """The beginning comes, then the connection is gone: no client can take it for whole, and no server complains."""
    atlas.faults({"kind": "cut_body", "after_bytes": 5000})
    base = f"{atlas.https if is_tls else atlas.http}/api/v2"
    received: list[bytes] = []
    with (
        httpx.Client(base_url=base, verify=atlas.tls(), trust_env=False) as client,
        pytest.raises(httpx.TransportError),
    ):
        _read(client, path, received)
    assert len(b"".join(received)) <= 5000
    assert _complaints(atlas, caplog) == []


def _complaints(atlas: RehearsedAtlas, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the server logged, once it has answered another request."""
    atlas.calls()
    return [record.getMessage() for record in caplog.records if record.name in ("uvicorn.error", "asyncio")]


def _read(client: httpx.Client, path: str, received: list[bytes]) -> None:
    with client.stream("GET", path, params=LONG if path == PATH else {}) as answer:
        received.extend(answer.iter_raw())


def test_a_reply_lost_after_something_was_created(
    atlas: RehearsedAtlas, client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """The measurement is there; who created it does not know its number."""
    atlas.faults({"kind": "reply_lost", "limit": 1})
    with pytest.raises(httpx.TransportError):
        client.post(
            "/measurements/", json=wanted({"type": "ping", "af": 4, "target": "193.0.14.129", "description": "lost"})
        )
    assert _complaints(atlas, caplog) == []
    (found,) = client.get("/measurements/my/").json()["results"]
    assert found["description"] == "lost"
    assert create(client) == found["id"] + 1


def _until_end(atlas: RehearsedAtlas) -> Any:
    with connect(f"{atlas.http.replace('http', 'ws')}/stream/", proxy=None) as stream:
        stream.send(json.dumps(["atlas_subscribe", {"streamType": "result", "msm": 1001}]))
        assert json.loads(stream.recv(timeout=20))[0] == "atlas_subscribed"
        with pytest.raises(websockets.exceptions.ConnectionClosed) as ended:
            stream.recv(timeout=20)
    return ended.value.rcvd


def test_streams_that_end(atlas: RehearsedAtlas) -> None:
    """As agreed with a last word, or broken off without one."""
    atlas.faults({"kind": "stream_closed", "after_s": 0.2, "probability": 1})
    assert _until_end(atlas).code == 1000
    atlas.faults({"kind": "stream_broken", "after_s": 0.2})
    assert _until_end(atlas) is None


def test_the_ground_truth_of_requests(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """What was injected, when and where; the levers themselves are never struck."""
    atlas.faults({"kind": "server_error", "every": 2})
    _statuses(client, 4)
    atlas.advance(10)
    truth = atlas.control.get("/faults").json()
    assert truth["counts"] == {"server_error": 2}
    assert (
        truth["injected"]
        == [{"at": EPOCH, "kind": "server_error", "method": "GET", "path": "/api/v2/probes/", "rule": 0}] * 2
    )
    assert atlas.calls() == {"GET /api/v2/probes": {"200": 2, "500": 2}}
