"""What the command line sees: all that is held, or as much as the person whose key is set; and the log of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from rich.markup import escape
from sqlalchemy import Connection, Engine

from app.cli.acting import caller_of
from app.cli.context import database, errors
from app.dependencies import atlas_clock, make_clock
from app.operations.note_reading import Log
from app.operations.sight import MACHINE, Sight, Withheld, sight_of
from app.settings import Settings
from app.store.engine import reading, transactions
from measurements.agreements.release import Viewer
from measurements.clock import Clock


class Seeing(NamedTuple):
    """One snapshot of the database, and what is seen of it."""

    connection: Connection
    sight: Sight
    log: Log


@contextmanager
def seeing(settings: Settings) -> Iterator[Seeing]:
    """A unit of work that reads. A person's key is looked at by the clock that keys go by."""
    with database(settings) as engine:
        if settings.key is None:
            with looking(settings, engine, make_clock()) as seen:
                yield seen
            return
        with atlas_clock(settings) as clock, looking(settings, engine, clock) as seen:
            yield seen


@contextmanager
def looking(settings: Settings, engine: Engine, clock: Clock) -> Iterator[Seeing]:
    """The same on a database that is open already."""
    viewer = MACHINE if settings.key is None else Viewer(caller_of(settings, engine, clock))
    now_at = int(clock.now().timestamp())
    with reading(engine) as connection:
        yield Seeing(connection, sight_of(connection, viewer, now_at), Log(transactions(engine), viewer, now_at))


def tell_withheld(withheld: tuple[Withheld, ...]) -> None:
    """Say what was left out, and why."""
    for one in withheld:
        whose = "what no agreement covers" if one.agreement_id is None else f"agreement {one.agreement_id}"
        errors.print(f"left out: {whose}. {escape(one.ground.explanation)}", style="yellow")
