"""What was dispatched and is not over, and what waits to be: what a further dispatch has to fit beside."""

from functools import lru_cache
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, select

from app.store import tables
from app.store.dispatches import Dispatch
from measurements.agreements.intent import read_intent
from measurements.campaigns.limits import Load, load_of


class Held(NamedTuple):
    """A dispatch and what it adds. Instants are seconds since the epoch."""

    dispatch_id: int
    sent_at: int | None
    load: Load


def find_load_before(connection: Connection, dispatch: Dispatch, now: int) -> list[Load]:
    """What comes before a dispatch: was sent earlier, or waits for longer, and is not over.

    So that where a limit becomes narrower those are refused that came last, and not all of them.
    """
    held = [one for one in _find_held(connection, dispatch, now) if one.dispatch_id != dispatch.dispatch_id]
    if dispatch.sent_at is not None:
        own = dispatch.sent_at, dispatch.dispatch_id
        return [one.load for one in held if one.sent_at is not None and (one.sent_at, one.dispatch_id) < own]
    is_noted = dispatch.dispatch_id > 0
    return [
        one.load for one in held if one.sent_at is not None or not is_noted or one.dispatch_id < dispatch.dispatch_id
    ]


def _find_held(connection: Connection, dispatch: Dispatch, now: int) -> list[Held]:
    column, decision = tables.dispatches.c, tables.decisions.c
    of_it = select(decision.is_permitted).where(decision.dispatch_id == column.id).order_by(decision.id.desc())
    is_permitted = of_it.limit(1).correlate(tables.dispatches).scalar_subquery()
    query = (
        select(column.id, column.sent_at, column.intent)
        .where(column.label == dispatch.label.value, column.failure.is_(None), column.stopped_at.is_(None))
        .where(column.stop_at > now)
        .where(column.sent_at.is_not(None) | is_permitted)
    )
    return [Held(row.id, row.sent_at, _load(row.intent)) for row in connection.execute(query)]


@lru_cache(maxsize=20_000)
def _load(intent: str) -> Load:
    return load_of(read_intent(orjson.loads(intent)))
