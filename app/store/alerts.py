"""Alerts that began and ended, and the messages that tell of them until they are delivered."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select

from app.store import tables
from app.store.bulk import next_id
from measurements.campaigns.alerts import Alert, Severity
from measurements.results.outcome import Label


class HeldAlert(NamedTuple):
    """An alert. Instants are seconds since the epoch, by the clock that goes with its label."""

    alert_id: int
    label: Label
    key: str
    severity: Severity
    words: str
    began_at: int
    told_at: int
    ended_at: int | None


class Message(NamedTuple):
    """What somebody is told. Instants by the clock of the computer."""

    message_id: int
    label: Label
    alert_id: int | None
    reminder_id: int | None
    receiver: str
    contact: str | None
    title: str
    body: str
    made_at: int
    due_at: int
    n_tries: int
    failure: str | None
    sent_at: int | None


def begin_alert(connection: Connection, label: Label, alert: Alert, now_at: int) -> HeldAlert:
    """Keep one that has begun."""
    number = next_id(connection, tables.alerts)
    held = HeldAlert(number, label, *alert, began_at=now_at, told_at=now_at, ended_at=None)
    values = held._asdict()
    connection.execute(tables.alerts.insert().values(id=values.pop("alert_id"), **values))
    return held


def change_alert(connection: Connection, alert_id: int, **what: int | str) -> None:
    """Note what is different: severity, words, told_at, ended_at."""
    connection.execute(tables.alerts.update().where(tables.alerts.c.id == alert_id).values(what))


def find_open(connection: Connection, label: Label | None = None) -> list[HeldAlert]:
    """Those that have not ended, of one label or of all, in order of their number."""
    query = _alerts().where(tables.alerts.c.ended_at.is_(None))
    if label is not None:
        query = query.where(tables.alerts.c.label == label.value)
    return [_alert(row) for row in connection.execute(query.order_by(tables.alerts.c.id))]


def list_alerts(
    connection: Connection, *, only_open: bool = False, before: int | None = None, limit: int = 100
) -> list[HeldAlert]:
    """Alerts, the newest first, from before a number on."""
    column = tables.alerts.c
    query = _alerts().order_by(column.id.desc()).limit(limit)
    if only_open:
        query = query.where(column.ended_at.is_(None))
    if before is not None:
        query = query.where(column.id < before)
    return [_alert(row) for row in connection.execute(query)]


def add_messages(
    connection: Connection,
    label: Label,
    receivers: Iterable[tuple[str, str | None]],
    title: str,
    body: str,
    now_at: int,
    *,
    alert_id: int | None = None,
    reminder_id: int | None = None,
) -> None:
    """Keep what each receiver is to be told: a digest of its address, and a contact where it has one."""
    first = next_id(connection, tables.messages)
    rows = [
        {
            "id": number, "label": label.value, "alert_id": alert_id, "reminder_id": reminder_id, "receiver": receiver,
            "contact": contact, "title": title, "body": body, "made_at": now_at, "due_at": now_at, "n_tries": 0,
        }
        for number, (receiver, contact) in enumerate(receivers, first)
    ]  # fmt: skip
    if rows:
        connection.execute(tables.messages.insert(), rows)


def find_unsent(connection: Connection, label: Label | None = None) -> list[Message]:
    """What is not delivered, of one label or of all, in order."""
    column = tables.messages.c
    query = select(tables.messages).where(column.sent_at.is_(None)).order_by(column.id)
    if label is not None:
        query = query.where(column.label == label.value)
    return [_message(row) for row in connection.execute(query)]


def find_messages_of(connection: Connection, alert_ids: Iterable[int]) -> list[Message]:
    """What was or is to be told of some alerts, in order."""
    column = tables.messages.c
    query = select(tables.messages).where(column.alert_id.in_(list(alert_ids))).order_by(column.id)
    return [_message(row) for row in connection.execute(query)]


def note_message(connection: Connection, message_id: int, **what: int | str | None) -> None:
    """Note a try: n_tries, failure, due_at, sent_at."""
    connection.execute(tables.messages.update().where(tables.messages.c.id == message_id).values(what))


def count_open(connection: Connection) -> dict[tuple[str, str], int]:
    """Label and severity -> how many alerts have not ended."""
    column = tables.alerts.c
    query = select(column.label, column.severity, func.count()).where(column.ended_at.is_(None))
    found = connection.execute(query.group_by(column.label, column.severity))
    return {(row[0], row[1]): row[2] for row in found}


def _alerts() -> Select[Any]:
    return select(tables.alerts)


def _alert(row: Any) -> HeldAlert:
    number, label, key, severity, *rest = row
    return HeldAlert(number, Label(label), key, Severity(severity), *rest)


def _message(row: Any) -> Message:
    number, label, *rest = row
    return Message(number, Label(label), *rest)
