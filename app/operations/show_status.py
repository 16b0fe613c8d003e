"""Show in one answer how everything stands: what was agreed on, what runs, what comes in, and what is wrong."""

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from app.operations.count_operations import LABELS, count_followed, value_of
from app.operations.gather_facts import Times, is_alive, is_connected
from app.operations.judge_followed import judge_followed
from app.operations.keep_memorandum import find_standing
from app.store.agreements import find_agreements, find_designations
from app.store.alerts import HeldAlert, find_open, find_unsent
from app.store.count_operations import count_dispatches
from app.store.decisions import find_reserved
from app.store.decisions import find_unsent as find_unsent_dispatches
from app.store.dispatches import find_under_way
from app.store.reminders import count_open
from app.store.vital_signs import Noted, Sign, find_signs
from measurements.agreements.agreement import Agreement, Designations, State, cards_in_force, effective, state_of
from measurements.campaigns.alerts import Severity
from measurements.results.outcome import Label
from measurements.units import iso

SOON = 6
"""So many of the things that come next are told."""


class Health(StrEnum):
    """How it stands, in a word."""

    WELL = "well"
    WARNING = "warning"
    CRITICAL = "critical"
    """Something critical is wrong, or no worker is alive although something is followed or dispatched."""
    DOWN = "down"
    """The database cannot be used."""


def show_status(connection: Connection, label: Label, times: Times) -> dict[str, Any]:
    """How everything stands, in plain values; of a label in detail, of the other one where there is something."""
    standing = find_standing(connection, times.now_at)
    designations, agreements = find_designations(connection), find_agreements(connection)
    alerts = find_open(connection)
    labels = [_of_label(connection, one, times) for one in LABELS]
    shown = [one for one in labels if one["label"] == label.value or one["followed"] or one["last_seen_at"]]
    return {
        "health": _health(alerts, shown),
        "checked_at": iso(times.here_at),
        "memorandum": {
            "state": standing.state,
            "outlook": standing.outlook,
            "ends_on": standing.term.ends_on.isoformat(),
        },
        "agreements": dict(Counter(state_of(one, designations, times.now_at).value for one in agreements)),
        "dispatches": _dispatches(connection),
        "labels": shown,
        "alerts": [
            {"key": one.key, "label": one.label.value, "severity": one.severity.value, "words": one.words,
             "began_at": iso(one.began_at)}
            for one in alerts
        ],
        "n_undelivered": len(find_unsent(connection)),
        "n_reminders": count_open(connection),
        "next": _next(connection, agreements, designations, times.now_at),
    }  # fmt: skip


def down(reason: str, here_at: int) -> dict[str, Any]:
    """What can be told where the database cannot be used."""
    return {"health": Health.DOWN, "checked_at": iso(here_at), "reason": reason}


def _health(alerts: Iterable[HeldAlert], labels: Iterable[dict[str, Any]]) -> Health:
    severities = {one.severity for one in alerts}
    is_idle = any(not one["is_alive"] and one["has_work"] for one in labels)
    if is_idle or Severity.CRITICAL in severities:
        return Health.CRITICAL
    return Health.WARNING if severities else Health.WELL


def _dispatches(connection: Connection) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for (_, state), count in count_dispatches(connection).items():
        counted[state] += count
    return dict(sorted(counted.items()))


def _of_label(connection: Connection, label: Label, times: Times) -> dict[str, Any]:
    signs = find_signs(connection, label)
    counted = {one.atlas_id: one for one in count_followed(connection, label, times.now_at, tells_all=True)}
    followed = []
    for one in judge_followed(connection, label, times.now_at):
        hour = counted.get(one.followed.atlas_id)
        followed.append(
            {
                "atlas_id": one.followed.atlas_id,
                "type": one.measurement.type if one.measurement else None,
                "target": one.measurement.target if one.measurement else None,
                "age_s": one.silence.age_s,
                "is_late": one.silence.is_stale,
                "n_silent": len(one.silence.silent),
                "n_expected": hour.n_expected if hour else None,
                "n_received": hour.n_received if hour else None,
                "failure": one.followed.failure,
            }
        )
    is_busy = bool(find_under_way(connection, label) or find_unsent_dispatches(connection, label))
    return {
        "label": label.value,
        "is_alive": is_alive(signs, times.here_at),
        "last_seen_at": _last_seen_at(signs),
        "has_work": bool(followed) or is_busy,
        "is_connected": is_connected(signs, times.here_at),
        "followed": followed,
        "n_late": sum(one["is_late"] for one in followed),
        "credits": {
            "balance": value_of(signs, Sign.BALANCE),
            "spent_past_day": value_of(signs, Sign.SPENT_PAST_DAY),
            "reserved": find_reserved(connection, label),
        },
    }


def _last_seen_at(signs: Iterable[Noted]) -> str | None:
    seen = [one.noted_at for one in signs if one.sign is Sign.ALIVE]
    return iso(max(seen)) if seen else None


def _next(
    connection: Connection, agreements: Iterable[Agreement], designations: Designations, now: int
) -> list[dict[str, str]]:
    """What comes next, the earliest first."""
    term_ends = (find_standing(connection, now).stop_at, "the memorandum's term ends")
    found = (term_ends, *_of_dispatches(connection), *_of_agreements(agreements, designations, now))
    return [{"at": iso(at), "what": what} for at, what in sorted(found) if at > now][:SOON]


def _of_dispatches(connection: Connection) -> Iterator[tuple[int, str]]:
    for label in LABELS:
        for one in find_unsent_dispatches(connection, label):
            yield one.intent.start_at, f"dispatch {one.dispatch_id} begins"
        for one in find_under_way(connection, label):
            if one.intent.stop_at is not None:
                yield one.intent.stop_at, f"dispatch {one.dispatch_id} ends"


def _of_agreements(agreements: Iterable[Agreement], designations: Designations, now: int) -> Iterator[tuple[int, str]]:
    for one in agreements:
        version = effective(one, designations, now)
        if version is not None and state_of(one, designations, now) in (State.AGREED, State.SUSPENDED):
            yield min(card.until_at for card in cards_in_force(one, version, now)), f"agreement {one.agreement_id} ends"
