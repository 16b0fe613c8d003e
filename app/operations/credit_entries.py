"""Accounts and their entries as they are told."""

from typing import Any

from sqlalchemy import Connection

from app.operations.acting import Acting, require_role
from app.operations.plan_entries import Page
from app.store import treasury as store
from measurements.agreements.people import Act
from measurements.campaigns.treasury import Account, EntryKind
from measurements.units import iso


def account_entries(acting: Acting) -> list[dict[str, Any]]:
    """All accounts, in order of their numbers."""
    require_role(acting.caller, Act.READ_CREDITS)
    sums = store.sum_entries(acting.connection)
    return [_entry(one, sums[one.account_id]) for one in store.find_accounts(acting.connection)]


def account_entry(connection: Connection, account: Account) -> dict[str, Any]:
    """One of them."""
    return _entry(account, store.sum_entries(connection)[account.account_id])


def entry_page(acting: Acting, *, after: int | None = None, limit: int = 100) -> Page:
    """One page of what was done with credits, in order."""
    require_role(acting.caller, Act.READ_CREDITS)
    found = store.find_entries(acting.connection, after=after, limit=limit + 1)
    shown = found[:limit]
    entries = [{**one._asdict(), "entered_at": iso(one.entered_at)} for one in shown]
    return Page(entries, shown[-1].entry_id if len(found) > len(shown) else None)


def _entry(account: Account, sums: dict[EntryKind, int]) -> dict[str, Any]:
    return {
        **account._asdict(),
        "allotted": sums[EntryKind.ALLOT],
        "held": sums[EntryKind.RESERVE] - sums[EntryKind.SETTLE] - sums[EntryKind.RELEASE],
        "settled": sums[EntryKind.SETTLE],
    }
