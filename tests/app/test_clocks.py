"""The two clocks: what a worker is handed."""

import socket
import ssl
from pathlib import Path
from threading import Event, Thread

import pytest
import trustme

from app.clocks import NAP_S, SHORTEST_S, NoClock, RehearsalClock, SystemClock
from measurements.clock import Clock
from measurements.errors import Stopped
from tests.measurements.atlas.traps import answers, laid
from tests.rehearsing import EPOCH, rehearsing

HOUR = 3_600


def sleep_until_stopped(clock: Clock) -> None:
    with pytest.raises(Stopped):
        clock.sleep(HOUR)


def test_the_systems_clock_stops_sleeping_when_the_process_is_told_to_stop() -> None:
    stop = Event()
    clock = SystemClock(stop)
    sleeper = Thread(target=sleep_until_stopped, args=(clock,))
    sleeper.start()
    stop.set()
    sleeper.join(30)
    assert not sleeper.is_alive()


def test_a_deadline_is_over_when_its_time_has_passed() -> None:
    clock = SystemClock()
    assert not clock.deadline(HOUR).is_over()
    assert 0 < clock.deadline(HOUR).left() <= HOUR
    assert clock.deadline(0).is_over()


def test_an_hour_of_rehearsed_time_passes_at_once_where_nobody_else_is_busy() -> None:
    with rehearsing() as atlas:
        clock = RehearsalClock(atlas.https, "a", None, atlas.ca_file)
        clock.sleep(HOUR)
        assert clock.now().timestamp() == pytest.approx(EPOCH + HOUR)
        clock.leave()


def test_two_that_wait_meet_every_instant_that_one_of_them_waits_for() -> None:
    met: list[float] = []
    with rehearsing() as atlas:
        first, second = (RehearsalClock(atlas.http, name) for name in "ab")

        def meet() -> None:
            second.sleep(HOUR)
            met.append(second.monotonic())
            second.leave()

        waiter = Thread(target=meet)
        waiter.start()
        first.sleep(2 * HOUR)
        waiter.join(30)
        first.leave()
    assert met == [pytest.approx(EPOCH + HOUR)]


def test_a_process_that_is_told_to_stop_waits_no_longer() -> None:
    stop = Event()
    with rehearsing() as atlas:
        busy, clock = RehearsalClock(atlas.http, "busy"), RehearsalClock(atlas.http, "a", stop)
        sleeper = Thread(target=sleep_until_stopped, args=(clock,))
        sleeper.start()
        while atlas.now() == EPOCH and sleeper.is_alive():
            assert busy.now().timestamp() == pytest.approx(EPOCH)
            stop.set()
        sleeper.join(30)
        assert not sleeper.is_alive()
        for one in (busy, clock):
            one.leave()


def test_time_outs_are_scaled_with_time_but_never_to_nothing() -> None:
    with rehearsing(speed=60) as atlas:
        clock = RehearsalClock(atlas.http, "a")
        assert clock.real_seconds(600) == 10
        assert clock.real_seconds(3) == SHORTEST_S
        assert clock.real_seconds(0.1) == pytest.approx(0.1)
        clock.leave()


def test_time_never_goes_back_though_it_is_worked_out_between_two_questions() -> None:
    with rehearsing(speed=1000) as atlas:
        clock = RehearsalClock(atlas.http, "a")
        seen = [clock.monotonic() for _ in range(2_000)]
        clock.leave()
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


def test_a_handshake_may_take_longer_than_a_nap(tmp_path: Path) -> None:
    """A busy machine is no reason to say that the rehearsal is away."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 24\r\nConnection: close\r\n\r\n{"now": 5, "speed": 1.0}'
    closing = Event()

    def serve(listener: socket.socket) -> None:
        for _ in range(3):
            plain, _address = listener.accept()
            closing.wait(2 * NAP_S)  # a handshake that is slow
            with context.wrap_socket(plain, server_side=True) as connection:
                received = b""
                while not received.endswith((b"}", b"\r\n\r\n")) or (b"POST" in received and b"}" not in received):
                    received += connection.recv(65536)
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Thread(target=serve, args=(listener,))
        server.start()
        clock = RehearsalClock(f"https://127.0.0.1:{listener.getsockname()[1]}", "a", None, tmp_path / "ca.pem")
        clock.sleep(0)
        server.join(30)


@pytest.mark.parametrize("body", [{}, [], {"now": None}, {"now": "soon"}, "text", b"<html>"])
def test_a_server_that_says_no_time_is_no_rehearsal(body: object) -> None:
    """An error of ours, with what may be wrong."""
    with laid() as server:
        server.is_rehearsal = False
        server.will(answers(200, body))
        with pytest.raises(NoClock, match="is it a rehearsal"):
            RehearsalClock(f"http://127.0.0.1:{server.port}", "a")


def test_a_rehearsal_that_does_not_answer_is_named() -> None:
    with pytest.raises(NoClock, match="does not answer"):
        RehearsalClock("http://127.0.0.1:9", "a")
