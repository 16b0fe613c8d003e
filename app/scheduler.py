"""When the worker wakes: APScheduler wiring only. What is due, and whose turn it is, others decide."""

from collections.abc import Callable
from datetime import UTC

from apscheduler.schedulers.background import BackgroundScheduler

from measurements.clock import Clock

RETRY_S = 5
"""After an error that nobody expected, the worker wakes again within so many seconds."""


def worker_schedule(wake: Callable[[], None], clock: Clock, should_stop: Callable[[], bool]) -> BackgroundScheduler:
    """A schedule, not started yet, that calls `wake` again whenever it has returned: it sleeps until something is due.

    An error is logged by APScheduler, which then begins anew. `clock` is this computer's: APScheduler knows no other.
    """
    schedule = BackgroundScheduler(timezone=UTC)

    def work() -> None:
        while not should_stop():
            wake()

    schedule.add_job(
        work,
        "interval",
        seconds=RETRY_S,
        next_run_time=clock.now(),
        max_instances=1,  # as long as it works, it is not begun a second time
        coalesce=True,
        misfire_grace_time=None,
        id="work",
    )
    return schedule
