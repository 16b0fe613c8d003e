"""The virtual clock: runs at its speed, and jumps when everybody who takes part only waits."""

import pytest

from app.rehearsal.clock import LEASE_S, VirtualClock


class RealTime:
    """Real seconds, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 50.0

    def __call__(self) -> float:
        """Now."""
        return self.seconds


@pytest.fixture
def real() -> RealTime:
    """Real time that stands."""
    return RealTime()


def test_time_runs_at_its_speed(real: RealTime) -> None:
    """Sixty virtual seconds a second; another speed holds from when it is set."""
    clock = VirtualClock(real, 1000.0, speed=60)
    real.seconds += 2
    assert clock.now() == 1120.0
    clock.set_speed(0)
    real.seconds += 100
    assert clock.now() == 1120.0


def test_one_who_waits_alone_is_taken_there_at_once(real: RealTime) -> None:
    """Nobody else has anything to do before."""
    clock = VirtualClock(real, 1000.0, speed=0)
    clock.wait("worker", 5000.0)
    assert clock.settle() == 5000.0


def test_time_jumps_to_the_first_instant_that_somebody_waits_for(real: RealTime) -> None:
    """And not past it, as that one may then do something."""
    clock = VirtualClock(real, 1000.0, speed=0)
    late = clock.wait("late", 9000.0)
    early = clock.wait("early", 2000.0)
    assert clock.settle() == 2000.0
    clock.finish(early)
    assert clock.settle() == 2000.0, "the early one is busy now"
    clock.wait("early", 20_000.0)
    assert clock.settle() == 9000.0
    clock.finish(late)
    assert clock.participants() == {"late": None, "early": 20_000.0}


def test_it_jumps_up_to_an_instant_and_runs_from_then_on(real: RealTime) -> None:
    """A night is over within a minute; the day after it takes a day."""
    clock = VirtualClock(real, 1000.0, jumps_until=6000.0)
    first = clock.wait("worker", 5000.0)
    assert clock.settle() == 5000.0
    clock.finish(first)
    clock.wait("worker", 9000.0)
    assert clock.settle() == 6000.0, "not as far as the worker waits for"
    assert clock.settle() == 6000.0
    real.seconds += 10
    assert clock.settle() == 6010.0


def test_a_busy_participant_holds_time_for_its_lease(real: RealTime) -> None:
    """After it, it is taken for dead."""
    clock = VirtualClock(real, 1000.0, speed=0)
    clock.touch("busy")
    clock.wait("idle", 3000.0)
    assert clock.settle() == 1000.0
    assert clock.next_change_s() == LEASE_S
    real.seconds += LEASE_S
    assert clock.settle() == 3000.0
    assert clock.participants() == {"idle": 3000.0}


def test_a_lease_can_be_longer_for_one_who_works_long(real: RealTime) -> None:
    """It asks for that with its words to the clock, and keeps it."""
    clock = VirtualClock(real, 1000.0, speed=0)
    clock.touch("busy", lease_s=60)
    clock.wait("idle", 3000.0)
    real.seconds += 59
    assert clock.settle() == 1000.0
    real.seconds += 1
    assert clock.settle() == 3000.0


def test_one_who_dies_waiting_is_forgotten_at_once(real: RealTime) -> None:
    """Nobody is taken to where only the dead wanted to go."""
    clock = VirtualClock(real, 1000.0, speed=0)
    clock.touch("busy")
    dying = clock.wait("dying", 2000.0)
    clock.wait("idle", 7000.0)
    clock.forget(dying)
    clock.leave("busy")
    assert clock.settle() == 7000.0


def test_a_wait_that_was_replaced_ends_nothing(real: RealTime) -> None:
    """Whose connection broke asks again; the old request then ends, and the new one goes on."""
    clock = VirtualClock(real, 1000.0, speed=0)
    clock.touch("busy")
    before = clock.wait("worker", 2000.0)
    clock.wait("worker", 4000.0)
    clock.forget(before)
    clock.leave("busy")
    assert clock.settle() == 4000.0


def test_it_is_known_when_something_changes_by_itself(real: RealTime) -> None:
    """Time that runs reaches the instant; with nobody there, nothing changes."""
    clock = VirtualClock(real, 1000.0, speed=10)
    assert clock.next_change_s() is None
    clock.touch("busy", lease_s=100)
    clock.wait("idle", 1050.0)
    assert clock.next_change_s() == pytest.approx(5.0)


def test_time_never_goes_back(real: RealTime) -> None:
    """Whoever asks for an instant that has passed gets now."""
    clock = VirtualClock(real, 1000.0, speed=0)
    assert clock.advance(500.0) == 1000.0
    assert clock.advance(1500.0) == 1500.0


def test_listeners_hear_of_every_change_until_they_leave(real: RealTime) -> None:
    """So that nobody needs to ask again and again."""
    clock = VirtualClock(real, 1000.0, speed=0)
    heard: list[float] = []
    end = clock.on_change(lambda: heard.append(clock.now()))
    clock.advance(2000.0)
    end()
    clock.advance(3000.0)
    assert heard == [2000.0]
