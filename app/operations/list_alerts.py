"""List alerts: what is wrong, what was, and whether whoever is to know was told."""

from typing import Any, NamedTuple

from app.operations.acting import Acting, require_role
from app.store.alerts import HeldAlert, Message, find_messages_of, list_alerts
from measurements.agreements.people import Act
from measurements.units import iso


class Page(NamedTuple):
    """Some alerts in plain values, and before which number the next page begins."""

    entries: list[dict[str, Any]]
    next_before: int | None


def alerts_page(acting: Acting, *, only_open: bool = False, before: int | None = None, limit: int = 100) -> Page:
    """One page of them, the newest first."""
    require_role(acting.caller, Act.READ_ALERTS)
    found = list_alerts(acting.connection, only_open=only_open, before=before, limit=limit + 1)
    shown = found[:limit]
    messages = find_messages_of(acting.connection, [one.alert_id for one in shown])
    entries = [alert_entry(one, [each for each in messages if each.alert_id == one.alert_id]) for one in shown]
    return Page(entries, shown[-1].alert_id if len(found) > limit else None)


def alert_entry(held: HeldAlert, messages: list[Message]) -> dict[str, Any]:
    """The alert in plain values under the names of the wire, without whom it was told."""
    unsent = [one for one in messages if one.sent_at is None]
    return {
        "id": held.alert_id,
        "label": held.label.value,
        "key": held.key,
        "severity": held.severity.value,
        "words": held.words,
        "began_at": iso(held.began_at),
        "ended_at": None if held.ended_at is None else iso(held.ended_at),
        "is_open": held.ended_at is None,
        "n_told": len(messages) - len(unsent),
        "n_undelivered": len(unsent),
        "failure": next((one.failure for one in unsent if one.failure), None),
    }
