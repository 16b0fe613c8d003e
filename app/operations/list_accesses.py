"""List who read values of single probes that are not public, the last reading first."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.store.access_log import Access, list_accesses
from measurements.units import iso

WALK = 1000


class AccessPage(NamedTuple):
    """Some readings in plain values under the names of the wire, and before which number the next page begins."""

    entries: list[dict[str, Any]]
    next_before: int | None


def access_page(connection: Connection, *, before: int | None = None, limit: int = 100) -> AccessPage:
    """One page of them."""
    found = list_accesses(connection, before=before, limit=limit + 1)
    shown = found[:limit]
    return AccessPage([_entry(*one) for one in shown], shown[-1][0] if len(found) > limit else None)


def _entry(number: int, access: Access) -> dict[str, Any]:
    return {"number": number, **access._asdict(), "at": iso(access.at)}


def walk_accesses(connection: Connection) -> Iterator[dict[str, Any]]:
    """All of them."""
    page = access_page(connection, limit=WALK)
    yield from page.entries
    while page.next_before is not None:
        page = access_page(connection, before=page.next_before, limit=WALK)
        yield from page.entries
