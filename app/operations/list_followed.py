"""List what is followed: how far collecting is, and who is silent."""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.operations.judge_followed import judge
from app.operations.sight import Sight, Withheld, in_order, provenance_of
from app.store.find_vantage import find_measurements
from app.store.followed import Followed, list_followed
from measurements.agreements.release import Detail, Held
from measurements.campaigns.measurement import Measurement
from measurements.campaigns.silence import Silence
from measurements.results.outcome import Label
from measurements.units import iso


class FollowedEntry(NamedTuple):
    """A followed measurement, what the platform says of it, and how silent it is."""

    followed: Followed
    measurement: Measurement | None
    silence: Silence
    held: Held
    """Under which data class and agreement its results are."""


class FollowedList(NamedTuple):
    """Some followed measurements, and what is left out: which probes answer, and when, is told of each."""

    entries: list[FollowedEntry]
    withheld: tuple[Withheld, ...]

    @property
    def n_held(self) -> int:
        """How many of them are not public."""
        return sum(not entry.held.is_public for entry in self.entries)


def followed_entries(connection: Connection, label: Label, now_at: int, sight: Sight) -> FollowedList:
    """Everything followed under a label whose probes somebody sees one by one, by number."""
    everything = list_followed(connection, label)
    held_as = {one.atlas_id: _held_as(one, sight) for one in everything}
    rulings = {atlas_id: sight.rules(held, Detail.PROBE) for atlas_id, held in held_as.items()}
    followed = [one for one in everything if rulings[one.atlas_id].is_given]
    hidden = (
        Withheld(held_as[atlas_id].agreement_id, one.ground) for atlas_id, one in rulings.items() if not one.is_given
    )
    held = {one.atlas_id: one for one in find_measurements(connection, [one.atlas_id for one in followed], label)}
    entries = [_entry(one, held.get(one.atlas_id), held_as[one.atlas_id], now_at) for one in followed]
    return FollowedList(entries, in_order(hidden))


def _held_as(followed: Followed, sight: Sight) -> Held:
    return sight.as_held(followed.label.value, followed.atlas_id, followed.data_class.value, followed.agreement_id)


def _entry(followed: Followed, measurement: Measurement | None, held: Held, now_at: int) -> FollowedEntry:
    return FollowedEntry(followed, measurement, judge(followed, measurement, now_at).silence, held)


def followed_on_the_wire(entry: FollowedEntry) -> dict[str, Any]:
    """The entry in plain values under the names of the wire."""
    followed, measurement, silence, _ = entry
    position = followed.position
    return {
        "atlas_id": followed.atlas_id,
        "label": followed.label.value,
        **provenance_of(entry.held),
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
