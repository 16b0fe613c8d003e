"""Collecting: which stretches of time to ask the platform for, so that a followed measurement becomes complete.

The platform has no cursor, and results come late: minutes as a rule, days after a probe was cut off. So

- a *poll* asks for everything from a little before the last poll on;
- a *watermark* per probe says up to where its results are held without a hole. A probe that was silent while others
  were polled is asked for from its own watermark on once it is heard again: a *catch-up*;
- a *re-check* asks once more for what is an hour old, four hours, and so on up to eight days, and finds what came
  later than all of that. Every result is asked for again once an age, so the cost is bounded;
- what a probe measured while it was cut off for long is *owed*: it may upload the newest first, and be past those ages
  with the rest. So it is asked for again at the same ages counted from its return.

Pure decisions: instants are whole seconds since the epoch, UTC, and now is an argument.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

OVERLAP_S = 900
"""How far before the last poll a poll begins: uploads take up to some minutes."""
CATCH_UP_AFTER_S = 7_200
"""A probe that was silent for less owes nothing that the first re-checks do not find: rounds may be half an hour apart.
Probes that fell silent within the same stretch of this length are asked for together."""
OWED_AFTER_S = 36 * 3_600
"""A probe that was silent for less is found by the later re-checks, should it upload its newest results first."""
RECHECK_AGES_S = (3_600, 4 * 3_600, 12 * 3_600, 36 * 3_600, 4 * 86_400, 8 * 86_400)
"""The ages at which results are asked for once more."""
SETTLED_AFTER_S = RECHECK_AGES_S[-1] + 86_400
"""So long after its end nothing new comes of a measurement."""
LONGEST_S = 86_400
"""No window is longer: very long ranges are slow on the platform."""
LONGEST_OF_ONE_S = 30 * LONGEST_S
"""Nor that of a single probe; of several together accordingly less."""
SHORTEST_S = 60
"""No window is halved below this."""
SHORTEST_OF_SILENCE_S = 3 * 3_600
"""Nor below this where nothing came at all: it may be too much to be gathered in time, or nobody may be at home."""


class Window(NamedTuple):
    """A stretch of time to ask for."""

    from_at: int
    to_at: int | None
    """Exclusive; None for everything from `from_at` on, also from probes whose clocks are ahead."""
    probe_ids: tuple[int, ...] | None = None
    """Of these probes; None for all participants."""


class Owed(NamedTuple):
    """What a probe measured while it was cut off, and may upload for some time after its return."""

    from_at: int
    returned_at: int
    """When it was heard again."""
    asked_s: int
    """It was asked for again at this age, counted from the return; 0 for not yet."""


class Reminder(NamedTuple):
    """Questions for what some probes owe, at an age counted from their return."""

    age_s: int
    windows: list[Window]


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
    owed: Mapping[int, Owed] = {}
    """Probe id -> what it owes since it came back."""


def begin(since_at: int, stop_at: int | None, probe_ids: tuple[int, ...] | None, now_at: int) -> Position:
    """The position of a measurement that is followed from now on; what is older than an age needs no such re-check."""
    rechecked = {age_s: max(since_at, now_at - age_s) for age_s in RECHECK_AGES_S}
    return Position(since_at, stop_at, since_at, rechecked, {}, probe_ids)


def poll_windows(position: Position, now_at: int) -> list[Window]:
    """What to ask for at every poll: from the last one on, with an overlap. The last window is open."""
    from_at = _polled_again_from(position)
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
    together: dict[int, list[int]] = {}
    for probe_id, from_at in _behind(position, heard).items():
        together.setdefault(from_at, []).append(probe_id)
    to_at = _polled_again_from(position)
    return [window for from_at, ids in sorted(together.items()) for window in _windows_of(from_at, to_at, ids)]


def advance(position: Position, newest: Mapping[int, int], now_at: int) -> Position:
    """The position after a poll and its catch-ups. `newest`: probe id -> measured last, of what was heard.

    A probe whose clock is ahead does not carry its watermark past now.
    """
    owed = dict(position.owed)
    for probe_id, from_at in _behind(position, newest).items():
        if now_at - from_at > OWED_AFTER_S:
            earlier = owed.get(probe_id)
            owed[probe_id] = Owed(min(from_at, earlier.from_at) if earlier else from_at, now_at, 0)
    watermarks = dict(position.watermarks)
    for probe_id, measured_at in newest.items():
        mark = watermarks.get(probe_id, position.since_at)
        watermarks[probe_id] = max(mark, min(measured_at, now_at))
    return position._replace(polled_until_at=max(position.polled_until_at, now_at), watermarks=watermarks, owed=owed)


def reminders(position: Position, now_at: int) -> list[Reminder]:
    """What to ask for again of probes that have been back for an age."""
    together: dict[tuple[int, int, int], list[int]] = {}
    for probe_id, owed in sorted(position.owed.items()):
        reached = [age_s for age_s in RECHECK_AGES_S if owed.asked_s < age_s <= now_at - owed.returned_at]
        if reached:
            together.setdefault((owed.from_at, owed.returned_at, reached[-1]), []).append(probe_id)
    return [
        Reminder(age_s, _windows_of(from_at, returned_at, probe_ids))
        for (from_at, returned_at, age_s), probe_ids in sorted(together.items())
    ]


def after_reminder(position: Position, reminder: Reminder) -> dict[int, Owed | None]:
    """What its probes owe after they were reminded: None for nothing any more."""
    asked = {probe_id for window in reminder.windows for probe_id in window.probe_ids or ()}
    is_last = reminder.age_s == RECHECK_AGES_S[-1]
    return {
        probe_id: None if is_last else position.owed[probe_id]._replace(asked_s=reminder.age_s) for probe_id in asked
    }


def _polled_again_from(position: Position) -> int:
    return max(position.since_at, position.polled_until_at - OVERLAP_S)


def _behind(position: Position, heard: Iterable[int]) -> dict[int, int]:
    """Probe id -> from when on it was silent, of the probes heard that were silent for long; alike for neighbours."""
    behind = {}
    for probe_id in sorted(heard):
        mark = position.watermarks.get(probe_id, position.since_at)
        if _polled_again_from(position) - mark > CATCH_UP_AFTER_S:
            behind[probe_id] = max(position.since_at, mark - mark % CATCH_UP_AFTER_S)
    return behind


def _windows_of(from_at: int, to_at: int, probe_ids: Sequence[int]) -> list[Window]:
    """Windows for some probes alone, the longer the fewer they are."""
    longest_s = max(1, LONGEST_OF_ONE_S // LONGEST_S // len(probe_ids)) * LONGEST_S
    return list(_cut(from_at, to_at, tuple(probe_ids), longest_s))


def halves(window: Window, now_at: int, least_s: int = SHORTEST_S) -> tuple[Window, Window] | None:
    """A window that was cut off or too slow, as two of at least that length; None for one that is too short for it."""
    to_at = now_at if window.to_at is None else window.to_at
    if to_at - window.from_at < 2 * least_s:
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
    owed = {probe_id: one._replace(returned_at=min(one.returned_at, now_at)) for probe_id, one in position.owed.items()}
    return position._replace(rechecked=rechecked, watermarks=watermarks, owed=owed)


def is_past_polling(position: Position, now_at: int) -> bool:
    """Whether it ended so long ago that re-checks alone find what may still come."""
    return position.stop_at is not None and now_at >= position.stop_at + LONGEST_S + OVERLAP_S


def is_settled(position: Position, now_at: int) -> bool:
    """Whether nothing more is to be expected: it ended, the last re-check is done, and no probe owes anything."""
    return not position.owed and position.stop_at is not None and now_at >= position.stop_at + SETTLED_AFTER_S


def cut_days(from_at: int, to_at: int, probe_ids: tuple[int, ...] | None) -> Iterator[Window]:
    """Windows of at most a day, ending with UTC days."""
    return _cut(from_at, to_at, probe_ids, LONGEST_S)


def _cut(from_at: int, to_at: int, probe_ids: tuple[int, ...] | None, longest_s: int) -> Iterator[Window]:
    while from_at < to_at:
        end = min(to_at, (from_at // longest_s + 1) * longest_s)
        yield Window(from_at, end, probe_ids)
        from_at = end
