"""Collecting: which stretches of time to ask the platform for, so that a followed measurement becomes complete.

The platform has no cursor, and results come late: minutes as a rule, days after a probe was cut off. So

- a *poll* asks for everything from a little before the last poll on;
- a *watermark* per probe says up to where its results are held without a hole. A probe that was silent while others
  were polled is asked for from its own watermark on once it is heard again: a *catch-up*;
- a *re-check* asks once more for what is an hour old, four hours, and so on up to eight days, and finds what came
  later than all of that. Every result is asked for again once an age, so the cost is bounded.

Pure decisions: instants are whole seconds since the epoch, UTC, and now is an argument.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

OVERLAP_S = 900
"""How far before the last poll a poll begins: uploads take up to some minutes."""
CATCH_UP_AFTER_S = 7_200
"""A probe that was silent for less owes nothing that the first re-checks do not find: rounds may be half an hour apart.
Probes that fell silent within the same stretch of this length are asked for together."""
RECHECK_AGES_S = (3_600, 4 * 3_600, 12 * 3_600, 36 * 3_600, 4 * 86_400, 8 * 86_400)
"""The ages at which results are asked for once more."""
SETTLED_AFTER_S = RECHECK_AGES_S[-1] + 86_400
"""So long after its end nothing new comes of a measurement."""
LONGEST_S = 86_400
"""No window is longer: very long ranges are slow on the platform."""
SHORTEST_S = 60
"""No window is halved below this."""


class Window(NamedTuple):
    """A stretch of time to ask for."""

    from_at: int
    to_at: int | None
    """Exclusive; None for everything from `from_at` on, also from probes whose clocks are ahead."""
    probe_ids: tuple[int, ...] | None = None
    """Of these probes; None for all participants."""


class Position(NamedTuple):
    """How far the collecting of one measurement is."""

    since_at: int
    """From when on its results are wanted."""
    stop_at: int | None
    """When it stops or stopped; None while it runs without end."""
    polled_until_at: int
    """Polls have asked for everything before."""
    rechecked: Mapping[int, int]
    """Age -> everything before this instant was asked for again at that age."""
    watermarks: Mapping[int, int]
    """Probe id -> its results are held without a hole up to here, as far as the platform had them."""
    probe_ids: tuple[int, ...] | None
    """Only these probes are followed; None for all participants."""


def begin(since_at: int, stop_at: int | None, probe_ids: tuple[int, ...] | None, now_at: int) -> Position:
    """The position of a measurement that is followed from now on; what is older than an age needs no such re-check."""
    rechecked = {age_s: max(since_at, now_at - age_s) for age_s in RECHECK_AGES_S}
    return Position(since_at, stop_at, since_at, rechecked, {}, probe_ids)


def poll_windows(position: Position, now_at: int) -> list[Window]:
    """What to ask for at every poll: from the last one on, with an overlap. The last window is open."""
    from_at = max(position.since_at, position.polled_until_at - OVERLAP_S)
    windows = list(cut_days(from_at, max(from_at, now_at), position.probe_ids))
    last = windows.pop() if windows else Window(from_at, None, position.probe_ids)
    return [*windows, last._replace(to_at=None)]


def recheck_windows(position: Position, now_at: int) -> dict[int, list[Window]]:
    """Age -> what has reached it since the last re-check. Not worth a question while it is short against the age."""
    due: dict[int, list[Window]] = {}
    end_at = None if position.stop_at is None else position.stop_at + LONGEST_S  # a probe's clock may be ahead
    for age_s in RECHECK_AGES_S:
        from_at = position.rechecked.get(age_s, position.since_at)
        is_last = end_at is not None and now_at - age_s >= end_at
        to_at = end_at if is_last and end_at is not None else now_at - age_s
        if to_at - from_at >= (1 if is_last else min(age_s // 2, LONGEST_S // 2)):
            due[age_s] = list(cut_days(from_at, to_at, position.probe_ids))
    return due


def catch_up_windows(position: Position, heard: Iterable[int]) -> list[Window]:
    """What to ask for of the probes heard in a poll that were silent in earlier ones: from their watermarks on."""
    from_at = max(position.since_at, position.polled_until_at - OVERLAP_S)
    behind: dict[int, list[int]] = {}
    for probe_id in sorted(heard):
        mark = position.watermarks.get(probe_id, position.since_at)
        if from_at - mark > CATCH_UP_AFTER_S:
            together_at = max(position.since_at, mark - mark % CATCH_UP_AFTER_S)
            behind.setdefault(together_at, []).append(probe_id)
    return [window for start, probes in sorted(behind.items()) for window in cut_days(start, from_at, tuple(probes))]


def advance(position: Position, newest: Mapping[int, int], now_at: int) -> Position:
    """The position after a poll and its catch-ups. `newest`: probe id -> measured last, of what was heard.

    A probe whose clock is ahead does not carry its watermark past now.
    """
    watermarks = dict(position.watermarks)
    for probe_id, measured_at in newest.items():
        mark = watermarks.get(probe_id, position.since_at)
        watermarks[probe_id] = max(mark, min(measured_at, now_at))
    return position._replace(polled_until_at=max(position.polled_until_at, now_at), watermarks=watermarks)


def halves(window: Window, now_at: int) -> tuple[Window, Window] | None:
    """A window that was cut off or too slow, as two; None for one that is too short to be halved."""
    to_at = now_at if window.to_at is None else window.to_at
    if to_at - window.from_at < 2 * SHORTEST_S:
        return None
    middle = (window.from_at + to_at) // 2
    return window._replace(to_at=middle), window._replace(from_at=middle)


def straightened(position: Position, now_at: int) -> Position:
    """The position without marks that lie ahead of now, which a clock that was wrong once has set.

    It begins again where the newest result in the past was measured; what is held already is found to be held.
    """
    past = [mark for mark in position.watermarks.values() if mark <= now_at]
    if position.polled_until_at > now_at:
        position = position._replace(polled_until_at=max(position.since_at, max(past, default=0)))
    reached = {age_s: max(position.since_at, now_at - age_s) for age_s in position.rechecked}
    rechecked = {age_s: min(until_at, reached[age_s]) for age_s, until_at in position.rechecked.items()}
    watermarks = {probe_id: min(mark, now_at) for probe_id, mark in position.watermarks.items()}
    return position._replace(rechecked=rechecked, watermarks=watermarks)


def is_past_polling(position: Position, now_at: int) -> bool:
    """Whether it ended so long ago that re-checks alone find what may still come."""
    return position.stop_at is not None and now_at >= position.stop_at + LONGEST_S + OVERLAP_S


def is_settled(position: Position, now_at: int) -> bool:
    """Whether nothing more is to be expected: it ended, and the last re-check is done."""
    return position.stop_at is not None and now_at >= position.stop_at + SETTLED_AFTER_S


def cut_days(from_at: int, to_at: int, probe_ids: tuple[int, ...] | None) -> Iterator[Window]:
    """Windows of at most a day, ending with UTC days."""
    while from_at < to_at:
        end = min(to_at, (from_at // LONGEST_S + 1) * LONGEST_S)
        yield Window(from_at, end, probe_ids)
        from_at = end
