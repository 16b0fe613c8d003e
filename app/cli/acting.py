"""By whose right the command line manages people: a person's, whose key is set, or that of whoever has the machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy import Engine

from app.cli.context import database, prepared_settings
from app.dependencies import atlas_clock
from app.operations.acting import Acting
from app.operations.recognise_key import recognise_key
from app.settings import Settings
from app.store.engine import reading, transactions
from measurements.agreements.people import Caller, Person, Role, usable_scopes
from measurements.clock import Clock

MACHINE = Caller(
    person=Person(0, "command line", "", None, Role.ADMINISTRATOR),
    scopes=usable_scopes(Role.ADMINISTRATOR),
    designation_id=None,
)
"""Whoever can run commands here could change the database as well: as much as an administrator, and no party's word."""


@contextmanager
def acting() -> Iterator[Acting]:
    """One unit of work of the person whose key is in RASAD_KEY, or of the machine's own. Committed at the end."""
    settings = prepared_settings()
    with database(settings) as engine, atlas_clock(settings) as clock:
        caller = caller_of(settings, engine, clock)
        with transactions(engine)() as connection:
            yield Acting(connection, caller, int(clock.now().timestamp()))


def caller_of(settings: Settings, engine: Engine, clock: Clock) -> Caller:
    """The person whose key is in RASAD_KEY, or whoever has the machine."""
    if settings.key is None:
        return MACHINE
    key, now_at = settings.key.get_secret_value(), int(clock.now().timestamp())
    return recognise_key(partial(reading, engine), transactions(engine), key, "command line", now_at).caller
