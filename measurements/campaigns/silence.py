"""Silence: of whom nothing is heard, and since when. No reply is the network's silence; this is the probe's.

Some probes are enlisted and never report, though connected and counted; some begin more than an hour after the
others. So a probe is called silent only after a grace period, and every silence is given with its age.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

GRACE_S = 2 * 3_600
"""A probe may need this long to begin (observed: 100 minutes)."""
MISSED_ROUNDS = 3
"""And may miss so many rounds before it is called silent."""
UPLOAD_S = 900
"""Results reach the platform within minutes while a probe is connected."""
UNKNOWN_INTERVAL_S = 1_800


class SilentProbe(NamedTuple):
    """A participant that nothing is heard of."""

    probe_id: int
    heard_at: int | None
    """When its last result was measured; None for a probe that is enlisted but was never heard."""
    silent_for_s: int


class Silence(NamedTuple):
    """How it stands with a followed measurement."""

    newest_at: int | None
    """When its newest result was measured; None while there is none."""
    age_s: int
    """How long ago that was; without any result, how long it has been followed."""
    is_stale: bool
    """Whether the whole measurement is silent for longer than it should be."""
    n_participants: int | None
    """None where the platform does not list them."""
    n_heard: int
    silent: tuple[SilentProbe, ...]
    """By probe id."""


def judge_silence(
    participants: Collection[int] | None,
    watermarks: Mapping[int, int],
    *,
    interval_s: int | None,
    enlisted_at: int,
    stop_at: int | None,
    now_at: int,
) -> Silence:
    """Judge what is heard of a measurement. `enlisted_at`: when it began, or when it was followed if that was later.

    After its end nobody is silent: nothing is to be heard any more.
    """
    newest_at = max(watermarks.values(), default=None)
    until_at = now_at if stop_at is None else min(now_at, stop_at)
    patience_s = MISSED_ROUNDS * (interval_s or UNKNOWN_INTERVAL_S) + UPLOAD_S
    silent = tuple(
        SilentProbe(probe_id, heard_at, now_at - (enlisted_at if heard_at is None else heard_at))
        for probe_id in sorted(watermarks if participants is None else participants)
        if _is_silent(heard_at := watermarks.get(probe_id), enlisted_at, until_at, patience_s)
    )
    return Silence(
        newest_at=newest_at,
        age_s=max(0, now_at - (enlisted_at if newest_at is None else newest_at)),
        is_stale=_is_silent(newest_at, enlisted_at, until_at, patience_s),
        n_participants=None if participants is None else len(participants),
        n_heard=len(watermarks),
        silent=silent if stop_at is None or now_at < stop_at else (),
    )


def _is_silent(heard_at: int | None, enlisted_at: int, until_at: int, patience_s: int) -> bool:
    if heard_at is None:
        return until_at - enlisted_at > max(GRACE_S, patience_s)
    return until_at - heard_at > patience_s
