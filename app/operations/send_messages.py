"""Deliver messages: each until it was delivered, later and later, in order for each receiver and each matter."""

from collections.abc import Iterable, Mapping

import structlog
from sqlalchemy import Connection

from app.notifying import NotDelivered, Notifier
from app.store.alerts import Message, find_unsent, note_message
from app.store.engine import Transaction
from measurements.clock import Clock
from measurements.results.outcome import Label
from measurements.units import HOUR_S, MINUTE_S, seconds

FIRST_WAIT_S = MINUTE_S
LONGEST_WAIT_S = HOUR_S
DELIVERING_S = 60
"""So long messages are delivered one after the other before something else has its turn."""
NO_ADDRESS = "its address is not configured any more"

_log = structlog.get_logger("rasad.alerts")


def send_messages(transaction: Transaction, notifiers: Iterable[Notifier], label: Label, clock: Clock) -> int:
    """Deliver what is due of a label; gives how many were. `clock` is the computer's.

    What could not be delivered is tried again after a minute, two, four, up to an hour, for as long as it takes, and
    what was to be told later of the same matter waits for it.
    """
    known = {one.digest: notifier for notifier in notifiers for one in notifier.receivers}
    with transaction() as connection:
        unsent = find_unsent(connection, label)
    enough, n_sent = clock.deadline(DELIVERING_S), 0
    held_up: set[tuple[str, str | None, int | None, int | None]] = set()
    for message in unsent:
        if enough.is_over():
            break
        matter = (message.receiver, message.contact, message.alert_id, message.reminder_id)
        if matter in held_up:
            continue
        is_sent = message.due_at <= seconds(clock.now()) and _send(transaction, known, message, clock)
        n_sent += is_sent
        if not is_sent:
            held_up.add(matter)
    return n_sent


def _send(transaction: Transaction, known: Mapping[str, Notifier], message: Message, clock: Clock) -> bool:
    notifier = known.get(message.receiver)
    try:
        if notifier is None:
            _note_failure(transaction, message, NO_ADDRESS, seconds(clock.now()))
            return False
        notifier.send(message.receiver, message.title, message.body, message.contact)
    except NotDelivered as failure:
        _note_failure(transaction, message, str(failure), seconds(clock.now()))
        return False
    with transaction() as connection:
        _note_sent(connection, message, seconds(clock.now()))
    return True


def _note_sent(connection: Connection, message: Message, now_at: int) -> None:
    note_message(connection, message.message_id, n_tries=message.n_tries + 1, failure=None, sent_at=now_at)


def _note_failure(transaction: Transaction, message: Message, failure: str, now_at: int) -> None:
    wait_s = min(FIRST_WAIT_S * 2 ** min(message.n_tries, 10), LONGEST_WAIT_S)
    with transaction() as connection:
        note_message(
            connection, message.message_id, n_tries=message.n_tries + 1, failure=failure, due_at=now_at + wait_s
        )
    told = {"message": message.message_id, "receiver": message.receiver, "n_tries": message.n_tries + 1}
    _log.warning("a message was not delivered; it is tried again", why=failure, wait_s=wait_s, **told)
