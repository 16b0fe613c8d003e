"""The schedule of the worker: it wakes again and again, whatever comes between."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.scheduler import worker_schedule

PATIENCE_S = 10


@contextmanager
def _ends_late(begun: threading.Event) -> Iterator[None]:
    """APScheduler says that a job has run before it counts it as ended; there it waits until another one has begun."""

    def wait(record: logging.LogRecord) -> bool:
        if "executed" in record.msg:
            begun.wait(PATIENCE_S)
        return False

    logger = logging.getLogger("apscheduler.executors.default")
    usual = logger.level
    logger.setLevel(logging.INFO)
    logger.addFilter(wait)
    try:
        yield
    finally:
        logger.removeFilter(wait)
        logger.setLevel(usual)


def test_it_wakes_again_though_the_last_time_has_not_quite_ended() -> None:
    """A worker that woke for the last time would look alive, and collect nothing."""
    woken: list[int] = []
    is_again, is_over = threading.Event(), threading.Event()

    def wake() -> None:
        woken.append(len(woken))
        if len(woken) > 1:
            is_again.set()
            is_over.wait(PATIENCE_S)

    schedule = worker_schedule(wake)
    with _ends_late(is_again):
        schedule.start()
        try:
            assert is_again.wait(PATIENCE_S)
        finally:
            schedule.get_jobs()  # returns when the schedule is done with the job that it has just begun
            schedule.shutdown(wait=False)  # to wait would hold a lock that the job in hand needs to end
            is_over.set()
