"""What the parties were reminded of: each of them once, kept, and acknowledged by a person."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select

from app.store import tables
from app.store.bulk import insert_missing, next_id
from measurements.agreements.parties import Party
from measurements.agreements.reminders import Due, Topic

COLUMNS = ("id", "party", "due_on", "topic", "subject", "at", "made_at")


class Reminder(NamedTuple):
    """One party's reminder. Instants are seconds since the epoch, UTC."""

    reminder_id: int
    party: Party
    due_on: date
    topic: Topic
    subject: str
    at: int
    """When that happens which it is about."""
    made_at: int
    acknowledged_at: int | None
    acknowledged_by: int | None

    @property
    def is_open(self) -> bool:
        """Whether nobody of the party has acknowledged it."""
        return self.acknowledged_at is None


def add_reminders(connection: Connection, found: Iterable[Due], made_at: int) -> list[Reminder]:
    """Keep those that are not kept yet, one for each party; gives the new ones."""
    held = {(one.party, one.due_on, one.topic, one.subject) for one in list_reminders(connection)}
    wanted = [(party, one) for one in found for party in Party if party in one.parties]
    missing = [(party, one) for party, one in wanted if (party, one.on, one.topic, one.subject) not in held]
    first = next_id(connection, tables.reminders)
    rows = [
        (number, party.value, one.on.isoformat(), one.topic.value, one.subject, one.at, made_at)
        for number, (party, one) in enumerate(missing, first)
    ]
    insert_missing(connection, tables.reminders, COLUMNS, rows)
    return [one for one in list_reminders(connection) if one.reminder_id >= first]


def list_reminders(
    connection: Connection, *, only_open: bool = False, after: int | None = None, limit: int | None = None
) -> list[Reminder]:
    """Reminders in order of their number."""
    column = tables.reminders.c
    query = _query().order_by(column.id).limit(limit)
    if only_open:
        query = query.where(column.acknowledged_at.is_(None))
    if after is not None:
        query = query.where(column.id > after)
    return [_reminder(row) for row in connection.execute(query)]


def count_open(connection: Connection) -> int:
    """How many nobody has acknowledged."""
    column = tables.reminders.c
    return int(connection.execute(select(func.count()).where(column.acknowledged_at.is_(None))).scalar_one())


def find_reminder(connection: Connection, reminder_id: int) -> Reminder | None:
    """One of them; None where none has that number."""
    row = connection.execute(_query().where(tables.reminders.c.id == reminder_id)).first()
    return None if row is None else _reminder(row)


def acknowledge(connection: Connection, reminder_id: int, person_id: int, at: int) -> None:
    """Note who acknowledged it, and when; the first who did."""
    column = tables.reminders.c
    said = {"acknowledged_at": at, "acknowledged_by": person_id}
    held = (column.id == reminder_id) & column.acknowledged_at.is_(None)
    connection.execute(tables.reminders.update().where(held).values(said))


def _query() -> Select[Any]:
    return select(tables.reminders)


def _reminder(row: Any) -> Reminder:
    return Reminder(
        reminder_id=row.id,
        party=Party(row.party),
        due_on=date.fromisoformat(row.due_on),
        topic=Topic(row.topic),
        subject=row.subject,
        at=row.at,
        made_at=row.made_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
    )
