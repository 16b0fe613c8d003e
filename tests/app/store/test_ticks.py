"""A tick is one worker's, until its lease runs out."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine

from app.store import ticks
from app.store.engine import transactions

T0 = 1_800_000_000
TASK = "rehearsed poll 1001"


def claim(engine: Engine, worker: str, *, due_at: int = T0, now_at: int = T0, task: str = TASK) -> bool:
    with transactions(engine)() as connection:
        return ticks.claim(connection, task, due_at, worker=worker, now_at=now_at, lease_s=600)


def finish(engine: Engine, worker: str, *, due_at: int = T0, now_at: int = T0 + 5) -> None:
    with transactions(engine)() as connection:
        ticks.finish(connection, TASK, due_at, worker=worker, now_at=now_at)


def test_of_many_workers_one_gets_a_tick(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(lambda number: claim(engine, f"worker {number}"), range(8)))
    assert claimed.count(True) == 1


def test_a_finished_tick_is_nobodys(engine: Engine) -> None:
    assert claim(engine, "a")
    finish(engine, "a")
    assert not claim(engine, "a")
    assert not claim(engine, "b", now_at=T0 + 10_000)
    assert claim(engine, "b", due_at=T0 + 600, now_at=T0 + 600), "the next one is due"


def test_another_takes_over_when_the_lease_has_run_out_and_not_before(engine: Engine) -> None:
    assert claim(engine, "a")
    assert not claim(engine, "b", now_at=T0 + 599)
    assert claim(engine, "b", now_at=T0 + 600)
    assert not claim(engine, "a", now_at=T0 + 601)


def test_the_next_tick_waits_while_the_one_before_is_worked_on(engine: Engine) -> None:
    assert claim(engine, "a")
    with transactions(engine)() as connection:
        assert ticks.renew(connection, TASK, T0, worker="a", until_at=T0 + 1_200)
    assert not claim(engine, "b", due_at=T0 + 600, now_at=T0 + 700)
    assert claim(engine, "b", due_at=T0 + 1_200, now_at=T0 + 1_200)


def test_a_lease_that_was_taken_over_cannot_be_renewed_nor_finished(engine: Engine) -> None:
    assert claim(engine, "a")
    assert claim(engine, "b", now_at=T0 + 600)
    with transactions(engine)() as connection:
        assert not ticks.renew(connection, TASK, T0, worker="a", until_at=T0 + 2_000)
    finish(engine, "a", now_at=T0 + 601)
    assert not claim(engine, "c", now_at=T0 + 602), "b works on it still"


def test_old_ticks_are_forgotten(engine: Engine) -> None:
    assert claim(engine, "a")
    with transactions(engine)() as connection:
        assert ticks.forget_old(connection, "rehearsed", T0 + ticks.KEPT_S) == 0
        assert ticks.forget_old(connection, "measured", T0 + ticks.KEPT_S + 1) == 0
        assert ticks.forget_old(connection, "rehearsed", T0 + ticks.KEPT_S + 1) == 1


def test_a_worker_whose_clock_is_behind_takes_nothing_over(engine: Engine) -> None:
    """Two computers differ by a second or two, and both wake when something is due."""
    assert claim(engine, "a", now_at=T0 + 5)
    assert not claim(engine, "b", now_at=T0 + 1)
    assert not claim(engine, "b", now_at=T0 + 1, due_at=T0 - 600)


def test_a_lease_that_a_wrong_clock_gave_holds_nobody_up(engine: Engine) -> None:
    assert claim(engine, "a", now_at=T0 + 90 * 86_400)
    assert claim(engine, "b", now_at=T0)


def test_what_a_wrong_clock_finished_keeps_nothing_from_running(engine: Engine) -> None:
    assert claim(engine, "a", due_at=T0 + 90 * 86_400)
    finish(engine, "a", due_at=T0 + 90 * 86_400)
    with transactions(engine)() as connection:
        assert ticks.last_finished(connection, T0) == {}
        assert ticks.last_finished(connection, T0 + 90 * 86_400) == {TASK: T0 + 90 * 86_400}


def test_a_worker_that_is_overtaken_by_the_next_tick_cannot_renew(engine: Engine) -> None:
    """The lease is as long as the period, so that another row is claimed when it has run out."""
    assert claim(engine, "a")
    assert claim(engine, "b", due_at=T0 + 600, now_at=T0 + 600)
    with transactions(engine)() as connection:
        assert not ticks.renew(connection, TASK, T0, worker="a", until_at=T0 + 2_000)


def test_a_tick_that_is_given_back_is_anybodys_at_once(engine: Engine) -> None:
    assert claim(engine, "a")
    with transactions(engine)() as connection:
        ticks.release(connection, TASK, T0, worker="a")
    assert claim(engine, "b")
