"""Which operation runs how often: wiring only. In this version there is one: the database is tended every hour."""

import structlog
from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import Engine

from app.store.tend import refresh_statistics

log = structlog.get_logger(__name__)


def worker_schedule(engine: Engine) -> BlockingScheduler:
    """The worker's schedule, not started yet. Runs that were missed are made up for once."""
    schedule = BlockingScheduler(timezone="UTC")
    schedule.add_job(
        _tend,
        "interval",
        hours=1,
        args=[engine],
        id="tend_database",
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    return schedule


def _tend(engine: Engine) -> None:
    refresh_statistics(engine)
    log.info("database tended")
