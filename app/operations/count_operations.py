"""Count what the service does: what is expected and received, credits, the gate, dispatches, tasks, stream, alerts.

The values are the database's, since several processes share the work and none of them knows all of it.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from app.operations.gather_facts import Times, is_alive, is_connected
from app.operations.judge_followed import Judged, judge_followed
from app.store.alerts import count_open, find_unsent
from app.store.count_operations import (
    TaskCount,
    count_dispatches,
    count_received,
    count_refusals,
    count_tasks,
)
from app.store.decisions import find_reserved
from app.store.vital_signs import Noted, Sign, find_signs
from measurements.campaigns.rounds import expected_rounds
from measurements.campaigns.silence import UPLOAD_S
from measurements.results.outcome import DataClass, Label
from measurements.units import HOUR_S

MOST_TOLD = 500
"""So many measurements are told one by one; the others are counted together."""
FEWEST_TOLD = 5
"""Of what is not public, a measurement of fewer probes is not told by itself: that would tell of the probes."""
LABELS = (Label.MEASURED, Label.REHEARSED)


class FollowedCount(NamedTuple):
    """How complete a followed measurement is: the results of an hour that ended a quarter of an hour ago."""

    atlas_id: int | None
    """None for several that are not told one by one."""
    type: str
    target: str
    address_family: int
    n_expected: int
    n_received: int
    lag_s: int
    """How old its newest result is."""

    @property
    def n_missing(self) -> int:
        """Expected and not received."""
        return max(0, self.n_expected - self.n_received)


class Counted(NamedTuple):
    """What is counted of one label."""

    label: Label
    followed: list[FollowedCount]
    signs: list[Noted]
    reserved: int
    is_alive: bool
    is_connected: bool


class Operations(NamedTuple):
    """All of it; the keys are a label and a word of a closed set."""

    labels: list[Counted]
    dispatches: dict[tuple[str, str], int]
    refusals: dict[tuple[str, str], int]
    tasks: dict[tuple[str, str], TaskCount]
    alerts: dict[tuple[str, str], int]
    n_unsent: int


def count_operations(connection: Connection, times: Times) -> Operations:
    """Count it now."""
    return Operations(
        labels=[_counted(connection, label, times) for label in LABELS],
        dispatches=count_dispatches(connection),
        refusals=count_refusals(connection),
        tasks=count_tasks(connection),
        alerts=count_open(connection),
        n_unsent=len(find_unsent(connection)),
    )


def _counted(connection: Connection, label: Label, times: Times) -> Counted:
    signs = find_signs(connection, label)
    return Counted(
        label=label,
        followed=count_followed(connection, label, times.now_at),
        signs=signs,
        reserved=find_reserved(connection, label),
        is_alive=is_alive(signs, times.here_at),
        is_connected=is_connected(signs, times.here_at),
    )


def value_of(signs: Iterable[Noted], sign: Sign) -> int | None:
    """What was noted last of something; None where nothing was."""
    newest = max((one for one in signs if one.sign is sign), key=lambda one: one.noted_at, default=None)
    return None if newest is None else newest.value


def count_followed(
    connection: Connection, label: Label, now_at: int, *, tells_all: bool = False
) -> list[FollowedCount]:
    """What is followed: one by one what may be told to anybody, or all of it to whoever runs the service."""
    to_at = now_at - UPLOAD_S
    from_at = to_at - HOUR_S
    judged = judge_followed(connection, label, now_at)
    received = count_received(connection, label, from_at, to_at) if judged else {}
    told: list[FollowedCount] = []
    others: list[FollowedCount] = []
    for one in judged:
        counted = _followed(one, received.get(one.followed.atlas_id, 0), from_at, to_at)
        (told if tells_all or (_is_told(one) and len(told) < MOST_TOLD) else others).append(counted)
    return [*told, *_together(others)]


def _followed(one: Judged, n_received: int, from_at: int, to_at: int) -> FollowedCount:
    measurement, position = one.measurement, one.followed.position
    began_at = max(from_at, position.since_at)
    rounds = None if measurement is None else expected_rounds(measurement, began_at, max(began_at, to_at))
    return FollowedCount(
        atlas_id=one.followed.atlas_id,
        type=measurement.type if measurement else "",
        target=measurement.target if measurement else "",
        address_family=measurement.address_family if measurement else 0,
        n_expected=(rounds or 0) * len(one.participants or position.watermarks),
        n_received=n_received,
        lag_s=one.silence.age_s,
    )


def _is_told(one: Judged) -> bool:
    is_public = one.followed.data_class is DataClass.PUBLIC and one.followed.agreement_id is None
    return is_public or len(one.participants or ()) >= FEWEST_TOLD


def _together(others: list[FollowedCount]) -> list[FollowedCount]:
    if not others:
        return []
    n_expected, n_received = sum(one.n_expected for one in others), sum(one.n_received for one in others)
    return [FollowedCount(None, "", "", 0, n_expected, n_received, max(one.lag_s for one in others))]
