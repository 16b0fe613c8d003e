"""Remind the parties of what is due, and keep who acknowledged it. Looked at daily, and by hand."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection

from app.notifying import Receiver
from app.operations.acting import Acting, require, require_role
from app.operations.agree import speaking
from app.store import reminders as store
from app.store.agreements import find_agreements, find_designations
from app.store.alerts import add_messages
from app.store.catalogue import find_entries
from app.store.engine import Transaction
from app.store.memorandum import find_memorandum
from app.store.people import find_people
from app.store.reminders import Reminder
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.people import Act
from measurements.agreements.reminders import Due, Known, due
from measurements.clock import Clock
from measurements.errors import NotFound
from measurements.results.outcome import Label
from measurements.units import iso, seconds

_log = structlog.get_logger("rasad.reminders")


class Page(NamedTuple):
    """Some reminders in plain values, and behind which number the next page begins."""

    entries: list[dict[str, Any]]
    next_after: int | None


class Telling(NamedTuple):
    """Whom reminders are told."""

    label: Label
    receivers: tuple[Receiver, ...]
    """Mail servers, by which the party's representatives are written to; and webhooks."""
    here_at: int
    """By the clock of the computer."""


def remind(transaction: Transaction, clock: Clock, telling: Telling | None = None) -> list[Reminder]:
    """Keep what is due and was not kept yet; gives the new ones. Safe to repeat: each is made once.

    What is to be told of them is kept with them, and delivered afterwards.
    """
    with transaction() as connection:
        now = seconds(clock.now())
        made = store.add_reminders(connection, find_due(connection, now), now)
        n_open = count_open(connection)
        say = _log.warning if find_designations(connection) else _log.debug  # of none, nobody has to do anything yet
        if telling is not None:
            _tell(connection, made, telling, now)
    for one in made:
        told = {"party": one.party.value, "topic": one.topic.value, "subject": one.subject, "at": iso(one.at)}
        say("a party is reminded", id=one.reminder_id, **told)
    if n_open:
        _log.info("reminders that nobody acknowledged", n_open=n_open)
    return made


def _tell(connection: Connection, made: Iterable[Reminder], telling: Telling, now: int) -> None:
    """Write to whoever represents the party now, each once."""
    held = [one for one in find_designations(connection).values() if one.holds_at(now)]
    people = find_people(connection, {one.person_id for one in held})
    for reminder in made:
        persons = dict.fromkeys(one.person_id for one in held if one.party is reminder.party)
        mails = [people[person_id].contact for person_id in persons if "@" in people[person_id].contact]
        told = [
            (receiver.digest, contact)
            for receiver in telling.receivers
            for contact in (dict.fromkeys(mails) if receiver.is_mail else (None,))
        ]
        title = f"Rasad: {reminder.party.full_name} is reminded: {reminder.topic.value} {reminder.subject}"
        body = (
            f"{reminder.topic.explanation}\n\nIt is about {iso(reminder.at)}. Whoever represents the party says that "
            f"it was seen: rasad reminders acknowledge {reminder.reminder_id}"
        )
        add_messages(connection, telling.label, told, title, body, telling.here_at, reminder_id=reminder.reminder_id)


def find_due(connection: Connection, now: int) -> tuple[Due, ...]:
    """What is due now, by all that is held."""
    known = Known(
        memorandum=find_memorandum(connection),
        designations=find_designations(connection),
        agreements=tuple(find_agreements(connection)),
        targets=tuple(find_entries(connection)),
    )
    return due(known, now)


def count_open(connection: Connection) -> int:
    """How many nobody has acknowledged."""
    return store.count_open(connection)


def reminders_page(acting: Acting, *, only_open: bool = False, after: int | None = None, limit: int = 100) -> Page:
    """One page of what the parties were reminded of."""
    require_role(acting.caller, Act.READ_REMINDERS)
    found = store.list_reminders(acting.connection, only_open=only_open, after=after, limit=limit + 1)
    shown = found[:limit]
    return Page([reminder_entry(one) for one in shown], shown[-1].reminder_id if len(found) > limit else None)


def acknowledge_reminder(acting: Acting, reminder_id: int) -> Reminder:
    """Note that somebody who speaks for the party has seen it. Said again, the first word stays."""
    require_role(acting.caller, Act.ACKNOWLEDGE_REMINDER)
    hidden = f"reminder {reminder_id}"
    reminder = store.find_reminder(acting.connection, reminder_id)
    if reminder is None:
        raise NotFound(f"there is no {hidden}")
    require(acting, Act.ACKNOWLEDGE_REMINDER, party=reminder.party, hidden=hidden)
    speaking(acting, Act.ACKNOWLEDGE_REMINDER)
    if not reminder.is_open:
        return reminder
    person_id = acting.caller.person.person_id
    store.acknowledge(acting.connection, reminder_id, person_id, acting.now_at)
    told = {"reminder_id": reminder_id, "topic": reminder.topic, "subject": reminder.subject}
    acting.note(Done.REMINDER_ACKNOWLEDGED, SubjectKind.REMINDER, reminder_id, details=told)
    return reminder._replace(acknowledged_at=acting.now_at, acknowledged_by=person_id)


def reminder_entry(reminder: Reminder) -> dict[str, Any]:
    """The reminder in plain values under the names of the wire."""
    acknowledged_at = reminder.acknowledged_at
    return {
        "id": reminder.reminder_id,
        "party": reminder.party.value,
        "due_on": reminder.due_on.isoformat(),
        "topic": reminder.topic.value,
        "subject": reminder.subject,
        "at": iso(reminder.at),
        "explanation": reminder.topic.explanation,
        "acknowledged_at": None if acknowledged_at is None else iso(acknowledged_at),
        "acknowledged_by": reminder.acknowledged_by,
    }
