"""Tell people what is wrong: once when it begins, daily while it lasts, and once when it has ended.

What is to be told is kept in the same commit as the alert, and delivered afterwards (`send_messages`): a process that
dies in between loses none of it. Where a message was delivered and the process died before that was noted, it is
delivered twice; no alert is lost.
"""

from collections.abc import Sequence
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from app.notifying import Receiver
from app.operations.gather_facts import Times
from app.store import alerts as store
from app.store.alerts import HeldAlert
from app.store.engine import Transaction
from measurements.campaigns.alerts import REMIND_S, Alert, Facts, alerts, duration
from measurements.results.outcome import Label
from measurements.units import iso

_log = structlog.get_logger("rasad.alerts")


class Changed(NamedTuple):
    """What is different since it was last looked at; keys."""

    begun: tuple[str, ...]
    reminded: tuple[str, ...]
    ended: tuple[str, ...]


def alert(transaction: Transaction, facts: Facts, label: Label, times: Times, receivers: Sequence[Receiver]) -> Changed:
    """Compare what is wrong with what was, and keep what is to be told. Safe to repeat."""
    found = {one.key: one for one in alerts(facts)}
    with transaction() as connection:
        held = {one.key: one for one in store.find_open(connection, label)}
        work = _Work(connection, label, times, receivers)
        for key in found.keys() - held.keys():
            work.take_up(found[key])
        for key in held.keys() - found.keys():
            work.end(held[key])
        reminded = [key for key in found.keys() & held.keys() if work.go_on(held[key], found[key])]
    changed = Changed(
        tuple(sorted(found.keys() - held.keys())), tuple(sorted(reminded)), tuple(sorted(held.keys() - found.keys()))
    )
    for key in changed.begun:
        _log.warning("alert", key=key, severity=found[key].severity.value, words=found[key].words)
    for key in changed.ended:
        _log.info("alert has ended", key=key)
    return changed


class _Work(NamedTuple):
    connection: Connection
    label: Label
    times: Times
    receivers: Sequence[Receiver]

    def take_up(self, found: Alert) -> None:
        held = store.begin_alert(self.connection, self.label, found, self.times.now_at)
        self._tell(held.alert_id, f"{found.severity}: {found.key}", found.words)

    def go_on(self, held: HeldAlert, found: Alert) -> bool:
        """It is still so; True where somebody is reminded, a day after having been told."""
        is_due = self.times.now_at - held.told_at >= REMIND_S
        what: dict[str, int | str] = {}
        if (held.severity, held.words) != found[1:]:
            what = {"severity": found.severity.value, "words": found.words}
        if is_due:
            what["told_at"] = self.times.now_at
            lasts = duration(self.times.now_at - held.began_at)
            self._tell(held.alert_id, f"still {found.severity}: {found.key}, for {lasts}", found.words)
        if what:
            store.change_alert(self.connection, held.alert_id, **what)
        return is_due

    def end(self, held: HeldAlert) -> None:
        ended_at = max(self.times.now_at, held.began_at)
        store.change_alert(self.connection, held.alert_id, ended_at=ended_at)
        words = f"It has ended. It began at {iso(held.began_at)}: {held.words}"
        self._tell(held.alert_id, f"ended: {held.key}", words)

    def _tell(self, alert_id: int, title: str, body: str) -> None:
        """Tell everybody; a reminder is left out for whom something of the same alert was not delivered yet."""
        waiting = {one.receiver for one in store.find_messages_of(self.connection, [alert_id]) if one.sent_at is None}
        is_reminder = title.startswith("still")
        told = [(one.digest, None) for one in self.receivers if not (is_reminder and one.digest in waiting)]
        where = "" if self.label is Label.MEASURED else f" ({self.label})"
        store.add_messages(
            self.connection, self.label, told, f"Rasad{where}: {title}", body, self.times.here_at, alert_id=alert_id
        )
