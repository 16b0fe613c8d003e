"""List the audit trail, the last entry first, and show one entry with what proves it."""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.operations.audit_entries import entry_on_the_wire, entry_with_its_proof
from app.store.audit import Tip, Wanted, entries, find_entry, find_tip
from measurements.errors import NotFound


class AuditPage(NamedTuple):
    """Entries, the place behind them, and where the whole trail ends."""

    entries: list[dict[str, Any]]
    next_after: int | None
    tip: Tip


def list_audit(connection: Connection, wanted: Wanted, *, after: int | None, limit: int) -> AuditPage:
    """At most `limit` entries, of those before number `after` where it is given."""
    found = entries(connection, wanted, beyond=after, limit=limit + 1, is_newest_first=True)
    shown = found[:limit]
    next_after = shown[-1].number if len(found) > limit else None
    return AuditPage([entry_on_the_wire(entry) for entry in shown], next_after, find_tip(connection))


def show_audit_entry(connection: Connection, number: int) -> dict[str, Any]:
    """One entry with what proves it. Raises `NotFound`."""
    entry = find_entry(connection, number)
    if entry is None:
        raise NotFound(f"There is no entry {number} in the audit trail.")
    return entry_with_its_proof(entry)
