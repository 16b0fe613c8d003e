"""Accounts of credits, and their entries."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from app.store import tables
from app.store.bulk import next_id
from measurements.agreements.parties import Party
from measurements.campaigns.treasury import EFFECTS, Account, Entry, EntryKind, Holding, held_together
from measurements.results.outcome import Label


def find_accounts(
    connection: Connection, *, label: Label | None = None, agreement_id: int | None = None, lock: bool = False
) -> list[Account]:
    """Accounts in order of their numbers, with what is in them; of an agreement alone, if asked for.

    With `lock` their rows are locked until the unit of work ends, so that what is there now is there to be spent. The
    agreement is locked first, as it is by whoever sends: two that lock the other way round would wait for each other.
    """
    column = tables.accounts.c
    query = select(tables.accounts).order_by(column.id)
    if label is not None:
        query = query.where(column.label == label.value)
    if agreement_id is not None:
        query = query.where(column.agreement_id == agreement_id)
    if lock and agreement_id is not None:
        agreement = tables.agreements.c.id
        connection.execute(select(agreement).where(agreement == agreement_id).with_for_update())
    if lock:
        query = query.with_for_update()  # on SQLite the writer is alone anyway
    return [_account(connection, row) for row in connection.execute(query).all()]


def find_account(connection: Connection, account_id: int) -> Account:
    """One of them, which is there."""
    query = select(tables.accounts).where(tables.accounts.c.id == account_id).with_for_update()
    return _account(connection, connection.execute(query).one())


def open_account(
    connection: Connection, label: Label, agreement_id: int, payer: Party, campaign: str | None, opened_at: int
) -> Account:
    """The account of a signatory for an agreement, or for a campaign of it; opened where there is none."""
    held = find_accounts(connection, label=label, agreement_id=agreement_id, lock=True)
    for one in held:
        if (one.payer, one.campaign) == (payer, campaign):
            return one
    number = next_id(connection, tables.accounts)
    row = {"label": label.value, "agreement_id": agreement_id, "payer": payer.value, "campaign": campaign or ""}
    connection.execute(insert(tables.accounts).values(id=number, opened_at=opened_at, **row))
    return Account(number, label, agreement_id, payer, campaign, 0)


def add_entry(
    connection: Connection,
    account_id: int,
    kind: EntryKind,
    credits_: int,
    entered_at: int,
    *,
    dispatch_id: int | None = None,
    person_id: int | None = None,
) -> Entry:
    """Enter something; the database aborts what would leave less than nothing. The account's row is locked."""
    before = find_account(connection, account_id).available
    entry = Entry(
        entry_id=next_id(connection, tables.credit_entries),
        account_id=account_id,
        kind=kind,
        credits=credits_,
        available=before + EFFECTS.get(kind, 0) * credits_,
        dispatch_id=dispatch_id,
        entered_at=entered_at,
        person_id=person_id,
    )
    row = entry._asdict()
    connection.execute(insert(tables.credit_entries).values(id=row.pop("entry_id"), **row | {"kind": kind.value}))
    return entry


def sum_entries(connection: Connection) -> dict[int, dict[EntryKind, int]]:
    """Credits of each kind of entry, by account."""
    column = tables.credit_entries.c
    query = select(column.account_id, column.kind, func.sum(column.credits)).group_by(column.account_id, column.kind)
    found: dict[int, dict[EntryKind, int]] = defaultdict(lambda: dict.fromkeys(EntryKind, 0))
    for account_id, kind, total in connection.execute(query):
        found[account_id][EntryKind(kind)] = int(total)
    return found


def find_entries(connection: Connection, *, after: int | None = None, limit: int | None = None) -> list[Entry]:
    """Some entries in order of their numbers."""
    column = tables.credit_entries.c
    query = select(tables.credit_entries).where(column.id > (after or 0)).order_by(column.id).limit(limit)
    return [_entry(row) for row in connection.execute(query)]


def find_holdings(
    connection: Connection, *, dispatch_ids: Collection[int] | None = None, label: Label | None = None
) -> dict[int, Holding]:
    """What became of the credits of dispatches, by their numbers: of some, or of all."""
    column = tables.credit_entries.c
    query = select(tables.credit_entries).where(column.dispatch_id.is_not(None)).order_by(column.id)
    if dispatch_ids is not None:
        query = query.where(column.dispatch_id.in_(dispatch_ids))
    if label is not None:
        query = query.join(tables.accounts).where(tables.accounts.c.label == label.value)
    return held_together([_entry(row) for row in connection.execute(query)])


def _account(connection: Connection, row: Row[Any]) -> Account:
    column = tables.credit_entries.c
    last = select(column.available).where(column.account_id == row.id).order_by(column.id.desc()).limit(1)
    available = connection.execute(last).scalar()
    return Account(
        row.id, Label(row.label), row.agreement_id, Party(row.payer), row.campaign or None, int(available or 0)
    )


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        row.id, row.account_id, EntryKind(row.kind), row.credits, row.available, row.dispatch_id, row.entered_at,
        row.person_id,
    )  # fmt: skip
