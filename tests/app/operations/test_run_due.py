"""What is due is run, once, by one worker; what fails is due again."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from app.operations.run_due import LEASE_S, Lease, LeaseLost, Task, run_due
from app.store.engine import transactions
from measurements.errors import RasadError, Stopped
from tests.clocks import ManualClock

Run = Callable[[Lease], None]


def once(engine: Engine, clock: ManualClock, *tasks: Task, worker: str = "a") -> float:
    return run_due(transactions(engine), clock, tasks, worker=worker)


def task(run: Run, *, every_s: int = 600, offset_s: int = 0) -> Task:
    return Task("poll 1001", every_s, offset_s, run)


def test_a_task_is_run_once_an_instant_and_again_at_the_next(engine: Engine) -> None:
    clock, ran = ManualClock(), []
    poll = task(lambda lease: ran.append(lease.due_at))
    for _ in range(3):
        once(engine, clock, poll)
    clock.advance(600)
    once(engine, clock, poll, worker="b")
    assert len(ran) == 2
    assert ran[1] - ran[0] == 600


def test_missed_instants_are_not_made_up_for(engine: Engine) -> None:
    clock, ran = ManualClock(), []
    poll = task(lambda lease: ran.append(lease.due_at))
    once(engine, clock, poll)
    clock.advance(86_400)
    once(engine, clock, poll)
    assert len(ran) == 2


def test_the_gap_is_the_time_until_something_is_due_but_at_most_a_minute(engine: Engine) -> None:
    clock = ManualClock()
    assert once(engine, clock, task(lambda _: None)) == 60
    clock.advance(570)
    assert once(engine, clock, task(lambda _: None)) == 30


def test_a_task_that_fails_does_not_keep_others_from_running_and_is_due_again(engine: Engine) -> None:
    clock, ran = ManualClock(), []

    def fail(_: Lease) -> None:
        ran.append("failed")
        raise RasadError("the platform is away")

    tasks = (task(fail), Task("tend", 600, 0, lambda _: ran.append("tended")))
    once(engine, clock, *tasks)
    once(engine, clock, *tasks)
    assert ran == ["failed", "tended"]
    clock.advance(600)
    once(engine, clock, *tasks)
    assert ran == ["failed", "tended"] * 2


def test_a_lease_is_renewed_in_long_work_and_nobody_takes_over(engine: Engine) -> None:
    clock, taken = ManualClock(), []

    def work(lease: Lease) -> None:
        for _ in range(30):
            clock.advance(60)
            lease.renew()
            once(engine, clock, task(lambda _: taken.append("over"), every_s=86_400), worker="b")

    once(engine, clock, task(work, every_s=86_400))
    assert taken == []


def test_a_worker_that_was_too_slow_is_told_that_another_took_over(engine: Engine) -> None:
    clock, done = ManualClock(), []

    def work(lease: Lease) -> None:
        clock.advance(LEASE_S)
        once(engine, clock, task(lambda _: done.append("by b"), every_s=86_400), worker="b")
        with pytest.raises(LeaseLost):
            lease.renew()
        done.append("a heard of it")

    once(engine, clock, task(work, every_s=86_400))
    assert done == ["by b", "a heard of it"]


def test_nothing_more_is_begun_when_the_worker_is_told_to_stop(engine: Engine) -> None:
    ran: list[str] = []
    tasks = [task(lambda _: ran.append("ran"))]
    run_due(transactions(engine), ManualClock(), tasks, worker="a", should_stop=lambda: True)
    assert ran == []


def test_a_task_that_is_stopped_is_anybodys_at_once(engine: Engine) -> None:
    ran: list[str] = []
    asked = iter((False, True))
    poll = task(lambda lease: lease.renew())
    with pytest.raises(Stopped):
        run_due(transactions(engine), ManualClock(), [poll], worker="a", should_stop=lambda: next(asked))
    once(engine, ManualClock(), task(lambda _: ran.append("b")), worker="b")
    assert ran == ["b"]


def test_a_clock_that_was_ahead_once_does_not_stop_a_task(engine: Engine) -> None:
    clock = ManualClock()
    ran: list[int] = []
    poll = task(lambda lease: ran.append(lease.due_at))
    clock.advance(30 * 86_400)
    once(engine, clock, poll)
    once(engine, ManualClock(), poll)
    assert len(ran) == 2


def test_a_faster_clock_is_not_looked_at_more_often_than_once_a_minute_of_ours(engine: Engine) -> None:
    clock = ManualClock(socket_s=1 / 60)
    assert once(engine, clock, task(lambda _: None, every_s=7_200)) == 3_600
    assert once(engine, clock, task(lambda _: None, every_s=600)) == 600


def test_an_urgent_task_is_not_kept_waiting_by_a_long_list_of_others(engine: Engine) -> None:
    clock, done = ManualClock(), list[str]()

    def takes_a_minute(name: str) -> Callable[[Lease], None]:
        def run(_: Lease) -> None:
            done.append(name)
            clock.advance(60)

        return run

    slow = [Task(name, 3_600, 0, takes_a_minute(name)) for name in "abcd"]
    urgent = Task("urgent", 120, 0, lambda _: done.append("urgent"), is_urgent=True)
    run_due(transactions(engine), clock, [urgent, *slow], worker="w")

    assert done == ["urgent", "a", "b", "urgent", "c", "d"]


def test_an_urgent_task_is_run_in_the_middle_of_a_long_one(engine: Engine) -> None:
    """As often as it is due, whatever becomes of it, and never in the middle of another urgent one."""
    clock, ran = ManualClock(), []

    def be_urgent(lease: Lease) -> None:
        ran.append(lease.due_at)
        lease.renew()
        raise RasadError("the platform is away")

    def work(lease: Lease) -> None:
        for _ in range(10):
            clock.advance(30)
            lease.renew()
            lease.renew()

    urgent = [Task(name, 30, 0, be_urgent, is_urgent=True) for name in ("decide", "send")]
    once(engine, clock, *urgent, task(work, every_s=86_400))
    assert len(ran) == 2 * 11
    assert ran[-1] - ran[0] == 300
