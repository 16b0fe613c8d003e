"""The schedule of the worker: it wakes again and again, whatever comes between."""

import logging
import threading

import pytest

from app import scheduler
from app.scheduler import worker_schedule
from tests.clocks import RunningClock

PATIENCE_S = 30


def test_it_wakes_again_and_again_and_once_at_a_time() -> None:
    """A worker that woke for the last time would look alive, and collect nothing."""
    stop, at_work = threading.Event(), threading.Lock()
    woken: list[bool] = []

    def wake() -> None:
        woken.append(at_work.acquire(blocking=False))
        if len(woken) == 1_000:
            stop.set()
        at_work.release()

    schedule = worker_schedule({"work": wake}, RunningClock(), stop.is_set)
    schedule.start()
    try:
        assert stop.wait(PATIENCE_S)
    finally:
        schedule.shutdown(wait=True)
    assert woken == [True] * 1_000


def test_an_error_in_one_job_ends_no_other_and_itself_not_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that was listened to until a mistake of ours came would be missed by nobody."""
    monkeypatch.setattr(scheduler, "RETRY_S", 0.1)
    stop, is_again = threading.Event(), threading.Event()
    worked: list[int] = []
    heard: list[int] = []

    def listen() -> None:
        heard.append(1)
        if len(heard) == 1:
            raise ZeroDivisionError
        is_again.set()
        stop.wait(PATIENCE_S)

    def work() -> None:
        worked.append(1)
        stop.wait(0.01)

    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    schedule = worker_schedule({"work": work, "listen": listen}, RunningClock(), stop.is_set)
    schedule.start()
    try:
        assert is_again.wait(PATIENCE_S)
        n_worked = len(worked)
        while len(worked) == n_worked:
            assert not stop.wait(0.01)
    finally:
        stop.set()
        schedule.shutdown(wait=True)
        logging.getLogger("apscheduler").setLevel(logging.NOTSET)


def test_an_error_that_nobody_expected_is_logged_and_the_worker_wakes_again() -> None:
    is_again, stop = threading.Event(), threading.Event()
    calls: list[int] = []

    def wake() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError
        is_again.set()
        stop.set()

    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    schedule = worker_schedule({"work": wake}, RunningClock(), stop.is_set)
    schedule.start()
    try:
        assert is_again.wait(PATIENCE_S + scheduler.RETRY_S)
    finally:
        schedule.shutdown(wait=True)
        logging.getLogger("apscheduler").setLevel(logging.NOTSET)
    assert len(calls) == 2
