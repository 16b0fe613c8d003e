"""When the worker wakes: APScheduler wiring only. What is due, and whose turn it is, others decide."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler

RETRY_S = 5
"""After an error that nobody expected, the worker wakes again so many seconds later."""


def worker_schedule(wake: Callable[[], None]) -> BackgroundScheduler:
    """A schedule, not started yet, that calls `wake` again whenever it has returned: it sleeps until something is due.

    An error is logged by APScheduler, and the worker goes on.
    """
    schedule = BackgroundScheduler(timezone=UTC)
    _add(schedule, wake, 0)
    return schedule


def _wake(schedule: BaseScheduler, wake: Callable[[], None]) -> None:
    delay_s = RETRY_S
    try:
        wake()
        delay_s = 0
    finally:
        _add(schedule, wake, delay_s)


def _add(schedule: BaseScheduler, wake: Callable[[], None], delay_s: int) -> None:
    at = datetime.now(UTC) + timedelta(seconds=delay_s)  # APScheduler knows no other clock than the computer's
    # each time is a job of its own: one that begins before its namesake has quite ended would be skipped, for good
    schedule.add_job(_wake, "date", args=[schedule, wake], run_date=at, misfire_grace_time=None)
