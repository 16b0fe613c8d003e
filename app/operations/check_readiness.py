"""Check readiness: whether the database can be reached and is what this version needs, and no secret is a default."""

from typing import NamedTuple

from sqlalchemy import Engine

from app.operations.check_secrets import find_weak_secrets
from app.settings import Settings
from app.store.migrate import require_current
from measurements.errors import RasadError, StoreError


class WeakSecret(RasadError):
    """A configured secret is a default, a placeholder, too short, or open to others. Never shows the secret."""


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


def require_secrets(settings: Settings) -> None:
    """Raise `WeakSecret` for secrets that anybody could guess or read."""
    if found := find_weak_secrets(settings):
        raise WeakSecret(" ".join(found))
