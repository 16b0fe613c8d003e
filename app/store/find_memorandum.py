"""What was told of the memorandum, row by row, to be shown: with who told it, when, and in which words."""

from collections import defaultdict
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, select

from app.store import tables
from measurements.agreements.parties import Party


class SignatureRow(NamedTuple):
    """A party signed. Days are texts such as 2026-03-02, in Dushanbe; instants are seconds since the epoch."""

    party: Party
    signed_on: str
    recorded_at: int


class RulingRow(NamedTuple):
    """What somebody ruled about a notice."""

    is_in_time: bool
    reason: str
    ruled_by: int
    ruled_at: int


class NoticeRow(NamedTuple):
    """A party gave notice."""

    notice_id: int
    party: Party
    sent_at: int
    recipients: tuple[Party, ...]
    channel: str
    recorded_at: int
    ruling: RulingRow | None


class ConfirmationRow(NamedTuple):
    """A party's representative confirmed that no notice was given."""

    ends_on: str
    party: Party
    confirmed_at: int


class AmendmentRow(NamedTuple):
    """An amendment, and when which party approved of it."""

    amendment_id: int
    text: str
    ends_on: str | None
    is_reading_allowed: bool | None
    proposed_at: int
    approvals: tuple[tuple[Party, int], ...]


def find_signatures(connection: Connection) -> list[SignatureRow]:
    """In order of the days."""
    held = tables.signatures.c
    query = select(held.party, held.signed_on, held.recorded_at).order_by(held.signed_on, held.party)
    return [SignatureRow(Party(row.party), row.signed_on, row.recorded_at) for row in connection.execute(query)]


def find_notices(connection: Connection) -> list[NoticeRow]:
    """In order of their numbers."""
    ruled = {
        row.notice_id: RulingRow(row.is_in_time, row.reason, row.ruled_by, row.ruled_at)
        for row in connection.execute(select(tables.rulings))
    }
    return [
        NoticeRow(
            row.id, Party(row.party), row.sent_at, tuple(map(Party, orjson.loads(row.recipients))), row.channel,
            row.recorded_at, ruled.get(row.id),
        )
        for row in connection.execute(select(tables.notices).order_by(tables.notices.c.id))
    ]  # fmt: skip


def find_confirmations(connection: Connection) -> list[ConfirmationRow]:
    """In order of time."""
    confirmed, designated = tables.confirmations, tables.designations
    query = select(confirmed.c.ends_on, designated.c.party, confirmed.c.confirmed_at).join(
        designated, designated.c.id == confirmed.c.designation_id
    )
    return [
        ConfirmationRow(row.ends_on, Party(row.party), row.confirmed_at)
        for row in connection.execute(query.order_by(confirmed.c.confirmed_at, designated.c.id))
    ]


def find_amendments(connection: Connection) -> list[AmendmentRow]:
    """In order of their numbers."""
    votes: dict[int, list[tuple[Party, int]]] = defaultdict(list)
    column = tables.amendment_votes.c
    for row in connection.execute(select(tables.amendment_votes).order_by(column.cast_at, column.party)):
        votes[row.amendment_id].append((Party(row.party), row.cast_at))
    return [
        AmendmentRow(row.id, row.text, row.ends_on, row.is_reading_allowed, row.proposed_at, tuple(votes[row.id]))
        for row in connection.execute(select(tables.amendments).order_by(tables.amendments.c.id))
    ]
