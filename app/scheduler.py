"""When the worker wakes: APScheduler wiring only. What is due, and whose turn it is, others decide."""

from collections.abc import Callable
from datetime import UTC, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from measurements.clock import Clock

RETRY_S = 5
"""After an error that nobody expected, the worker wakes again so many seconds later."""


def worker_schedule(wake: Callable[[], None], clock: Clock) -> BackgroundScheduler:
    """A schedule, not started yet, that calls `wake` again whenever it has returned: it sleeps until something is due.

    An error is logged by APScheduler, and the worker goes on. `clock` is this computer's: APScheduler knows no other.
    """
    schedule = BackgroundScheduler(timezone=UTC)

    def call() -> None:
        delay_s = RETRY_S
        try:
            wake()
            delay_s = 0
        finally:
            add(delay_s)

    def add(delay_s: int) -> None:
        at = clock.now() + timedelta(seconds=delay_s)
        # each time is a job of its own: one that begins before its namesake has quite ended would be skipped, for good
        schedule.add_job(call, "date", run_date=at, misfire_grace_time=None)

    add(0)
    return schedule
