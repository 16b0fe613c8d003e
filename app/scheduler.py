"""When the worker wakes: APScheduler wiring only. What is due, and whose turn it is, others decide."""

from collections.abc import Callable, Mapping
from datetime import UTC

from apscheduler.schedulers.background import BackgroundScheduler

from measurements.clock import Clock

RETRY_S = 5
"""After an error that nobody expected, what it ended is begun again within so many seconds."""


def worker_schedule(
    jobs: Mapping[str, Callable[[], None]], clock: Clock, should_stop: Callable[[], bool]
) -> BackgroundScheduler:
    """A schedule, not started yet, that calls each job, in a thread of its own, again whenever it has returned.

    An error is logged by APScheduler, which then begins anew. `clock` is this computer's: APScheduler knows no other.
    """
    schedule = BackgroundScheduler(timezone=UTC)

    def again_and_again(job: Callable[[], None]) -> None:
        while not should_stop():
            job()

    for name, job in jobs.items():
        schedule.add_job(
            again_and_again,
            "interval",
            args=(job,),
            seconds=RETRY_S,
            next_run_time=clock.now(),
            max_instances=1,  # as long as it works, it is not begun a second time
            coalesce=True,
            misfire_grace_time=None,
            id=name,
        )
    return schedule
