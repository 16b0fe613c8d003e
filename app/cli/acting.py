"""By whose right the command line manages people: a person's, whose key is set, or that of whoever has the machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from app.cli.context import database, prepared_settings
from app.dependencies import atlas_clock
from app.operations.acting import Acting
from app.operations.recognise_key import recognise_key
from app.store.engine import reading, transactions
from measurements.agreements.people import Caller, Person, Role, usable_scopes

MACHINE = Caller(
    person=Person(0, "command line", "", None, Role.ADMINISTRATOR),
    scopes=usable_scopes(Role.ADMINISTRATOR),
    is_designated=False,
)
"""Whoever can run commands here could change the database as well: as much as an administrator, and no party's word."""


@contextmanager
def acting() -> Iterator[Acting]:
    """One unit of work of the person whose key is in RASAD_KEY, or of the machine's own. Committed at the end."""
    settings = prepared_settings()
    with database(settings) as engine, atlas_clock(settings) as clock:
        now_at, caller = int(clock.now().timestamp()), MACHINE
        if settings.key is not None:
            key = settings.key.get_secret_value()
            snapshot = partial(reading, engine)
            caller = recognise_key(snapshot, transactions(engine), key, "command line", now_at).caller
        with transactions(engine)() as connection:
            yield Acting(connection, caller, now_at)
