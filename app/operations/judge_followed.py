"""Judge what is followed: who should report, and of whom nothing is heard."""

from typing import NamedTuple

from sqlalchemy import Connection

from app.store.find_vantage import find_measurements
from app.store.followed import Followed, list_followed
from measurements.campaigns.measurement import Measurement
from measurements.campaigns.silence import Silence, judge_silence
from measurements.results.outcome import Label


class Judged(NamedTuple):
    """A followed measurement, and how silent it is."""

    followed: Followed
    measurement: Measurement | None
    """What the platform says of it; None where it never said anything."""
    participants: frozenset[int] | None
    """Of whom results are expected; None where the platform does not list them."""
    silence: Silence


def judge_followed(connection: Connection, label: Label, now_at: int) -> list[Judged]:
    """Everything that is followed under a label and not settled, by number."""
    followed = list_followed(connection, label, only_unsettled=True)
    held = {one.atlas_id: one for one in find_measurements(connection, [one.atlas_id for one in followed], label)}
    return [judge(one, held.get(one.atlas_id), now_at) for one in followed]


def judge(followed: Followed, measurement: Measurement | None, now_at: int) -> Judged:
    """One of them."""
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
    return Judged(followed, measurement, participants, silence)
