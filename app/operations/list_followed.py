"""List what is followed: how far collecting is, and who is silent."""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.store.find_vantage import find_measurements
from app.store.followed import Followed, list_followed
from measurements.campaigns.measurement import Measurement
from measurements.campaigns.silence import Silence, judge_silence
from measurements.results.outcome import Label
from measurements.units import iso


class FollowedEntry(NamedTuple):
    """A followed measurement, what the platform says of it, and how silent it is."""

    followed: Followed
    measurement: Measurement | None
    silence: Silence


def followed_entries(connection: Connection, label: Label, now_at: int) -> list[FollowedEntry]:
    """Everything followed under a label, by number."""
    followed = list_followed(connection, label)
    held = {one.atlas_id: one for one in find_measurements(connection, [one.atlas_id for one in followed], label)}
    return [_entry(one, held.get(one.atlas_id), now_at) for one in followed]


def _entry(followed: Followed, measurement: Measurement | None, now_at: int) -> FollowedEntry:
    position = followed.position
    participants = measurement.participants if measurement else None
    if position.probe_ids is not None:
        participants = frozenset(position.probe_ids)
    began_at = measurement.start_at if measurement and measurement.start_at else position.since_at
    silence = judge_silence(
        participants,
        position.watermarks,
        interval_s=measurement.interval_s if measurement else None,
        enlisted_at=max(began_at, position.since_at, followed.followed_at),
        stop_at=position.stop_at,
        now_at=now_at,
    )
    return FollowedEntry(followed, measurement, silence)


def followed_on_the_wire(entry: FollowedEntry) -> dict[str, Any]:
    """The entry in plain values under the names of the wire."""
    followed, measurement, silence = entry
    position = followed.position
    return {
        "atlas_id": followed.atlas_id,
        "label": followed.label.value,
        "data_class": followed.data_class.value,
        "agreement_id": followed.agreement_id,
        "type": measurement.type if measurement else None,
        "target": (measurement.target or None) if measurement else None,
        "address_family": (measurement.address_family or None) if measurement else None,
        "interval_s": measurement.interval_s if measurement else None,
        "status": measurement.status if measurement else None,
        "followed_at": iso(followed.followed_at),
        "since_at": iso(position.since_at),
        "stop_at": _iso(position.stop_at),
        "polled_until_at": iso(position.polled_until_at),
        "settled_at": _iso(followed.settled_at),
        "failing_since_at": _iso(followed.failing_since_at),
        "failure": followed.failure,
        "newest_at": _iso(silence.newest_at),
        "age_s": silence.age_s,
        "is_stale": silence.is_stale,
        "n_participants": silence.n_participants,
        "n_heard": silence.n_heard,
        "n_silent": len(silence.silent),
        "silent": [
            {"probe_id": one.probe_id, "heard_at": _iso(one.heard_at), "silent_for_s": one.silent_for_s}
            for one in silence.silent
        ],
    }


def _iso(at: int | None) -> str | None:
    return None if at is None else iso(at)
