"""The two clocks: what a worker is handed."""

from threading import Event, Thread

import pytest

from app.clocks import SHORTEST_S, NoClock, RehearsalClock, SystemClock
from measurements.clock import Clock
from measurements.errors import Stopped
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


def test_a_rehearsal_that_does_not_answer_is_named() -> None:
    with pytest.raises(NoClock, match="does not answer"):
        RehearsalClock("http://127.0.0.1:9", "a")
