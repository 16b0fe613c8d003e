"""Which activity of the Joint Activity Plan an agreement serves. It need not serve any: the plan is optional."""

from typing import Any

from sqlalchemy import Connection

from app.store.plans import find_activity
from measurements.agreements.card import Card
from measurements.agreements.plan import NON_BINDING
from measurements.errors import InvalidCard

UNBOUND: dict[str, Any] = {"is_binding": False, "standing": NON_BINDING}
"""Stands on everything that is told of a plan."""


def require_serves(connection: Connection, card: Card) -> None:
    """Raise `InvalidCard` where a card names an activity that it cannot serve. It need not name any."""
    if card.activity_id is None:
        return
    activity = find_activity(connection, card.activity_id)
    if activity is None:
        raise InvalidCard([("/activity_id", f"there is no activity {card.activity_id} in the Joint Activity Plan")])
    if activity.is_dropped:
        raise InvalidCard([("/activity_id", f"activity {card.activity_id} was dropped from the Joint Activity Plan")])


def served_activity(connection: Connection, activity_id: int | None) -> dict[str, Any] | None:
    """The activity that an agreement serves, in short; None where it names none."""
    activity = None if activity_id is None else find_activity(connection, activity_id)
    if activity is None:
        return None
    return {"activity_id": activity_id, "title": activity.title, "is_dropped": activity.is_dropped, **UNBOUND}
