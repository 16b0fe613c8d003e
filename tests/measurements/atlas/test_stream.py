"""The stream: it comes back, subscribes again, says little about it, and ends when it is told to."""

import resource
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from websockets.sync.server import ServerConnection

from measurements.atlas import stream as module
from measurements.atlas.frames import read_frame
from measurements.atlas.gateway import StreamEvent, Subscription
from measurements.atlas.stream import StreamLimits, StreamSupervisor
from tests.clocks import RunningClock
from tests.measurements.atlas.streaming import (
    PATIENCE_S,
    QUICK,
    Studio,
    Told,
    endpoint,
    silent_server,
    studio,
    take_one,
)
from tests.measurements.atlas.traps import Traps, answers

RESULT = b'{"msm_id": 7, "rtt": 35.0,  "text": "a]b"}'
FRAME = b'[ "atlas_result" , ' + RESULT + b" ]"


def opened(port: int, told: Told, *wanted: Subscription, limits: StreamLimits = QUICK) -> StreamSupervisor:
    """A stream of a server."""
    return StreamSupervisor(endpoint(port), RunningClock(), wanted, told, limits)


def gives_and_listens(server: Studio, connection: ServerConnection) -> None:
    """One result, then it listens."""
    connection.send(FRAME.decode())
    server.listen(connection)


def gives_and_says_goodbye(server: Studio, connection: ServerConnection) -> None:
    """One result, then it closes as it should."""
    server.heard.put((server.n_connections, connection.recv(timeout=PATIENCE_S)))
    connection.send(FRAME.decode())


def gives_and_is_gone(server: Studio, connection: ServerConnection) -> None:
    """One result, then the connection breaks."""
    server.heard.put((server.n_connections, connection.recv(timeout=PATIENCE_S)))
    connection.send(FRAME.decode())
    connection.socket.shutdown(socket.SHUT_RDWR)


def test_results_are_handed_on_as_they_came() -> None:
    """Not a byte is changed, and what was asked for is what the platform understands."""
    with studio(gives_and_listens) as server:
        told = Told()
        wanted = Subscription(atlas_id=7), Subscription(probe_id=9, has_backlog=False)
        with closing(opened(server.port, told, *wanted)) as stream:
            assert take_one(stream) == RESULT
            asked = [server.next_heard()[1] for _ in wanted]

    assert sorted(asked, key=str) == [
        ["atlas_subscribe", {"streamType": "result", "sendBacklog": False, "prb": 9}],
        ["atlas_subscribe", {"streamType": "result", "sendBacklog": True, "msm": 7}],
    ]
    assert [event for event, _ in told.events] == [StreamEvent.CONNECTED]


@pytest.mark.parametrize("behave", [gives_and_says_goodbye, gives_and_is_gone])
def test_it_comes_back_and_asks_for_what_it_missed(behave: Callable[[Studio, ServerConnection], None]) -> None:
    """Whether the server said goodbye or the connection broke; though no backlog was wanted at first."""
    told = Told()
    with studio(behave) as server, closing(opened(server.port, told, Subscription(7, has_backlog=False))) as stream:
        assert [take_one(stream) for _ in range(3)] == [RESULT] * 3
        asked = [server.next_heard() for _ in range(3)]
        assert stream.n_reconnects >= 2

    assert [number for number, _ in asked] == [1, 2, 3]
    assert ['"sendBacklog":true' in str(message) for _, message in asked] == [False, True, True]
    assert told.wait_for(StreamEvent.LOST)["n"] == 1


def test_other_results_can_be_wanted_while_it_runs() -> None:
    """The running connection is told."""
    with studio(Studio.listen) as server, closing(opened(server.port, Told(), Subscription(7))) as stream:
        assert server.next_heard()[1][1]["msm"] == 7
        stream.follow([Subscription(8)])
        asked = [server.next_heard() for _ in range(2)]

    assert [(number, kind, body["msm"]) for number, (kind, body) in asked] == [
        (1, "atlas_unsubscribe", 7),
        (1, "atlas_subscribe", 8),
    ]


def test_a_server_that_has_fallen_silent_is_left() -> None:
    """It does not even answer a ping; a connection that stands says nothing."""
    told = Told()
    with silent_server() as (port, accepted), closing(opened(port, told)):
        assert "silent for" in told.wait_for(StreamEvent.LOST)["reason"]
        assert len(accepted) >= 1


def test_a_quiet_server_that_lives_is_not_left() -> None:
    """No results for a while is nothing bad: it answers the ping."""
    told = Told()
    with studio(Studio.listen) as server, closing(opened(server.port, told)) as stream:
        told.wait_for(StreamEvent.CONNECTED)
        assert stream.take(5 * QUICK.silence_s) is None
        assert server.n_connections == 1


def test_a_server_that_lives_and_brings_nothing_is_asked_anew() -> None:
    """It may have forgotten what it was asked for, and would go on answering pings for ever."""
    told = Told()
    barren = replace(QUICK, barren_s=1)
    with (
        studio(Studio.listen) as server,
        closing(opened(server.port, told, Subscription(7), limits=barren)),
    ):
        assert [server.next_heard()[0] for _ in range(2)] == [1, 2]
    assert "brought nothing" in told.wait_for(StreamEvent.LOST)["reason"]


def test_a_redirect_is_not_followed(traps: Traps) -> None:
    """What a rehearsal's stream brings would come from somewhere else, and be taken for rehearsed."""
    told = Told()
    with studio(Studio.listen) as elsewhere:
        traps.will(answers(302, Location=f"ws://127.0.0.1:{elsewhere.port}/stream/"))
        with closing(opened(traps.port, told, Subscription(7))):
            told.wait_for(StreamEvent.LOST)
        assert elsewhere.n_connections == 0
    assert traps.requests[0].path == "/stream/"


def test_a_slow_reader_loses_what_the_poll_will_bring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory has an end; what was dropped is counted and told of."""
    monkeypatch.setattr(module, "MOST_WAITING", 10)

    def floods(server: Studio, connection: ServerConnection) -> None:
        for number in range(25):
            connection.send(f'["atlas_result", {{"n": {number}}}]')
        connection.send('["atlas_error", "the end"]')
        server.listen(connection)

    told = Told()
    with studio(floods) as server, closing(opened(server.port, told)) as stream:
        told.wait_for(StreamEvent.REFUSED)
        assert stream.n_dropped == 15
        assert [take_one(stream) for _ in range(10)] == [b'{"n": %d}' % number for number in range(10)]
        assert told.wait_for(StreamEvent.DROPPED) == {"n": 1, "n_dropped": 1}


def test_what_is_no_frame_is_told_of_and_harms_nothing() -> None:
    """The next result comes through."""

    def babbles(server: Studio, connection: ServerConnection) -> None:
        for text in ("", "{}", "hello", '["atlas_result", 1]', '["atlas_result"]', '["atlas_subscribed", {}]', "[]"):
            connection.send(text)
        connection.send(b"\xff\xfe")
        gives_and_listens(server, connection)

    told = Told()
    with studio(babbles) as server, closing(opened(server.port, told)) as stream:
        assert take_one(stream) == RESULT
        assert told.wait_for(StreamEvent.UNREADABLE)["n"] == 1


@pytest.mark.acceptance("atlas.6")
def test_being_cut_again_and_again_costs_little_and_says_little() -> None:
    """With the usual patience, before a server that closes every connection at once."""
    told = Told()
    cut: Callable[[Studio, ServerConnection], None] = lambda _server, connection: connection.socket.close()  # noqa: E731 - a line says it
    with studio(cut) as server, closing(opened(server.port, told, Subscription(7), limits=StreamLimits())) as stream:
        before = resource.getrusage(resource.RUSAGE_SELF)
        assert stream.take(6) is None
        after = resource.getrusage(resource.RUSAGE_SELF)
        assert 2 <= server.n_connections <= 6

    spent_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    assert spent_s < 0.6, "under 10 % of a core, the server's share included"
    assert len(told.events) <= 2


def nobody() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_it_ends_promptly_whatever_it_is_doing() -> None:
    """Connected, waiting to try again, and reading nothing."""
    patient = StreamLimits(first_wait_s=60, longest_wait_s=60)
    told = Told()
    waiting = opened(nobody(), told, limits=patient)
    told.wait_for(StreamEvent.LOST)
    with studio(Studio.listen) as server:
        connected = opened(server.port, told, limits=patient)
        told.wait_for(StreamEvent.CONNECTED)
        began = time.monotonic()
        for stream in (waiting, connected):
            stream.close()
            stream.close()
            assert stream.take(60) is None
            assert not stream._thread.is_alive()
    assert time.monotonic() - began < 2


def test_it_trusts_the_endpoints_authority_and_no_other(tmp_path: Path) -> None:
    """Over TLS, with a buffer that a `select` would not see."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)

    def gives_many(server: Studio, connection: ServerConnection) -> None:
        for _ in range(50):
            connection.send(FRAME.decode())
        server.listen(connection)

    told = Told()
    with studio(gives_many, context) as server:
        address = f"https://127.0.0.1:{server.port}"
        where = endpoint(server.port, stream_address=address, ca_file=ca_file)
        with closing(StreamSupervisor(where, RunningClock(), (), Told(), QUICK)) as stream:
            assert [take_one(stream) for _ in range(50)] == [RESULT] * 50
        where = endpoint(server.port, stream_address=address)
        with closing(StreamSupervisor(where, RunningClock(), (), told, QUICK)):
            assert "CERTIFICATE_VERIFY_FAILED" in told.wait_for(StreamEvent.LOST)["reason"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'["atlas_result",{"a":1}]', ("atlas_result", b'{"a":1}')),
        (b'\n[ "atlas_error" ,\t"no" ]\r\n', ("atlas_error", b'"no"')),
        (b'["atlas_backlog_sent"]', ("atlas_backlog_sent", b"")),
        (b'["atlas_result",{"a":1}', None),
        (b'["atlas_result",[1]]', None),
        (b"", None),
        (b'{"atlas_result":1}', None),
    ],
)
def test_frames_are_read(text: bytes, expected: tuple[str, bytes] | None) -> None:
    """However they are spaced."""
    assert read_frame(text) == expected
