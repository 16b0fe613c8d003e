"""What people asked for, and which dispatches came of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, insert, select

from app.store import tables
from app.store.bulk import next_id
from measurements.canonical import written
from measurements.requests.request import Request, request_digest, request_document
from measurements.results.outcome import Label


class HeldRequest(NamedTuple):
    """A request as it is held. Instants are seconds since the epoch, UTC."""

    request_id: int
    label: Label
    person_id: int
    request: Request
    digest: str
    wishes: tuple[str, ...]
    """What it comes to, by their keys."""
    stop_at: int
    """As it was asked for, or put off since."""
    asked_at: int
    cloned_from: int | None
    cancelled_at: int | None
    cancelled_by: int | None

    @property
    def as_extended(self) -> Request:
        """With the end that it has now."""
        return self.request.lasting(self.request.from_at, self.stop_at)


class Link(NamedTuple):
    """A dispatch that came of a request."""

    dispatch_id: int
    wish: str
    """The key of the wish it is for."""


def add_request(
    connection: Connection,
    label: Label,
    person_id: int,
    request: Request,
    wishes: Iterable[str],
    now: int,
    cloned_from: int | None = None,
) -> int:
    """Note what somebody asks for; gives its number."""
    number = next_id(connection, tables.requests)
    row = {
        "label": label,
        "person_id": person_id,
        "request": written(request_document(request)),
        "digest": request_digest(request),
        "wishes": orjson.dumps(list(wishes)).decode(),
        "stop_at": request.until_at,
        "asked_at": now,
        "cloned_from": cloned_from,
    }
    connection.execute(insert(tables.requests).values(id=number, **row))
    return number


def link_dispatch(connection: Connection, request_id: int, dispatch_id: int, wish: str) -> None:
    """Note that a dispatch came of a request."""
    row = {"request_id": request_id, "dispatch_id": dispatch_id, "wish": wish}
    connection.execute(insert(tables.request_dispatches).values(row))


def put_off(connection: Connection, request_id: int, stop_at: int) -> None:
    """Note that a request ends later."""
    _update(connection, request_id, stop_at=stop_at)


def cancel(connection: Connection, request_id: int, person_id: int, now: int) -> None:
    """Note that a request was cancelled."""
    _update(connection, request_id, cancelled_at=now, cancelled_by=person_id)


def find_request(connection: Connection, request_id: int) -> HeldRequest | None:
    """One of them; None where there is none with that number."""
    return next(iter(_find(connection, tables.requests.c.id == request_id)), None)


def find_requests(
    connection: Connection, *, person_id: int | None = None, after: int | None = None, limit: int
) -> list[HeldRequest]:
    """Some requests in order of their numbers: all, or those of one person; those behind `after` only."""
    column = tables.requests.c
    condition = column.id > (after or 0)
    if person_id is not None:
        condition &= column.person_id == person_id
    return _find(connection, condition, limit)


def find_open(connection: Connection, label: Label, now: int) -> list[HeldRequest]:
    """Those of a label that are neither cancelled nor over."""
    column = tables.requests.c
    return _find(connection, (column.label == label) & column.cancelled_at.is_(None) & (column.stop_at > now))


def find_links(connection: Connection, request_ids: Collection[int]) -> dict[int, list[Link]]:
    """Number of a request -> what came of it, in order of the dispatches."""
    column, found = tables.request_dispatches.c, defaultdict[int, list[Link]](list)
    query = select(tables.request_dispatches).where(column.request_id.in_(request_ids)).order_by(column.dispatch_id)
    for row in connection.execute(query):
        found[row.request_id].append(Link(row.dispatch_id, row.wish))
    return found


def is_called_off(connection: Connection, dispatch_id: int) -> bool:
    """Whether the request that a dispatch came of was cancelled."""
    column = tables.request_dispatches.c
    query = select(tables.requests.c.cancelled_at).join(
        tables.request_dispatches, column.request_id == tables.requests.c.id
    )
    return connection.execute(query.where(column.dispatch_id == dispatch_id)).scalar() is not None


def _update(connection: Connection, request_id: int, **values: int) -> None:
    connection.execute(tables.requests.update().where(tables.requests.c.id == request_id).values(values))


def _find(connection: Connection, condition: ColumnElement[bool], limit: int | None = None) -> list[HeldRequest]:
    query = select(tables.requests).where(condition).order_by(tables.requests.c.id).limit(limit)
    return [_held(row) for row in connection.execute(query)]


def _held(row: Any) -> HeldRequest:
    return HeldRequest(
        request_id=row.id,
        label=Label(row.label),
        person_id=row.person_id,
        request=Request.model_validate(orjson.loads(row.request)),
        digest=row.digest,
        wishes=tuple(orjson.loads(row.wishes)),
        stop_at=row.stop_at,
        asked_at=row.asked_at,
        cloned_from=row.cloned_from,
        cancelled_at=row.cancelled_at,
        cancelled_by=row.cancelled_by,
    )
