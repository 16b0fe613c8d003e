"""Check readiness: whether the database can be reached, and is what this version needs."""

from typing import NamedTuple

from sqlalchemy import Engine

from app.store.migrate import require_current
from measurements.errors import StoreError


class Readiness(NamedTuple):
    """Whether requests can be served; `reason` says why not, and what to do."""

    is_ready: bool
    reason: str | None


def check_readiness(engine: Engine) -> Readiness:
    """Look at the database. Never raises for a database that is missing, away or behind."""
    try:
        require_current(engine)
    except StoreError as error:
        return Readiness(is_ready=False, reason=str(error))
    return Readiness(is_ready=True, reason=None)
