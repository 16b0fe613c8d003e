"""What is asked for, and when, finds every result that the platform comes to have, however late."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measurements.campaigns.collecting import (
    CATCH_UP_AFTER_S,
    LONGEST_S,
    OVERLAP_S,
    RECHECK_AGES_S,
    SETTLED_AFTER_S,
    Owed,
    Position,
    Window,
    advance,
    after_reminder,
    begin,
    catch_up_windows,
    halves,
    is_settled,
    poll_windows,
    recheck_windows,
    reminders,
)

DAY = 86_400
T0 = 20_000 * DAY


@dataclass
class Platform:
    """Results as (probe, measured at, stored at), and what was asked for and found."""

    results: frozenset[tuple[int, int, int]]
    found: set[tuple[int, int]] = field(default_factory=set)
    n_returned: int = 0

    def ask(self, windows: Iterable[Window], now: int) -> dict[int, int]:
        newest: dict[int, int] = {}
        for window in windows:
            for probe, measured, stored in self.results:
                is_wanted = window.probe_ids is None or probe in window.probe_ids
                is_inside = window.from_at <= measured and (window.to_at is None or measured < window.to_at)
                if stored <= now and is_wanted and is_inside:
                    self.n_returned += 1
                    self.found.add((probe, measured))
                    newest[probe] = max(newest.get(probe, measured), measured)
        return newest


def collect(platform: Platform, position: Position, instants: Iterable[int]) -> Position:
    """Poll and re-check at each instant, as the worker does."""
    for now in instants:
        newest = platform.ask(poll_windows(position, now), now)
        platform.ask(catch_up_windows(position, newest), now)
        position = advance(position, newest, now)
        rechecked = dict(position.rechecked)
        for age, windows in recheck_windows(position, now).items():
            platform.ask(windows, now)
            rechecked[age] = windows[-1].to_at or now
        position = position._replace(rechecked=rechecked)
        owed = dict[int, Owed | None](position.owed)
        for reminder in reminders(position, now):
            platform.ask(reminder.windows, now)
            owed |= after_reminder(position, reminder)
        position = position._replace(owed={probe: one for probe, one in owed.items() if one})
    return position


results = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.integers(0, 3 * DAY),
        st.one_of(st.integers(1, 600), st.integers(1, 8 * DAY)),
    ),
    max_size=30,
)
pauses = st.lists(st.integers(60, 12 * 3_600), min_size=1, max_size=20)


@given(results=results, pauses=pauses)
@settings(deadline=None)
def test_every_result_is_found_however_late_within_eight_days(
    results: list[tuple[int, int, int]], pauses: list[int]
) -> None:
    """Polls at any distance, workers that were away for half a day, uploads in any order."""
    stored = frozenset((probe, T0 + at, T0 + at + late) for probe, at, late in results)
    platform = Platform(stored)
    position = begin(T0, T0 + 3 * DAY, None, T0)
    now = T0
    instants: list[int] = []
    while now < T0 + 3 * DAY + SETTLED_AFTER_S:
        now += pauses[len(instants) % len(pauses)]
        instants.append(now)
    position = collect(platform, position, instants)
    assert is_settled(position, now)
    assert platform.found == {(probe, measured) for probe, measured, _ in stored}


def test_a_probe_that_was_cut_off_for_two_days_is_caught_up_at_the_next_poll() -> None:
    away = frozenset((7, T0 + at, T0 + 2 * DAY) for at in range(0, 2 * DAY, 600))
    others = frozenset((8, T0 + at, T0 + at + 60) for at in range(0, 2 * DAY + 1200, 600))
    back = frozenset({(7, T0 + 2 * DAY + 300, T0 + 2 * DAY + 360)})
    platform = Platform(away | others | back)
    position = begin(T0, None, None, T0)
    collect(platform, position, range(T0 + 600, T0 + 2 * DAY + 601, 600))
    assert {(probe, at) for probe, at, _ in away} <= platform.found


@given(
    away_days=st.integers(1, 40),
    lateness=st.lists(st.integers(1, RECHECK_AGES_S[-1] - DAY), min_size=1, max_size=40),
    again_after=st.one_of(st.none(), st.integers(2, 6)),
)
@settings(deadline=None, max_examples=25)
def test_a_probe_that_was_away_for_weeks_may_upload_the_newest_first(
    away_days: int, lateness: list[int], again_after: int | None
) -> None:
    """What it owes is found, though it is past all ages by then; also if it goes away again while it owes."""
    back = T0 + away_days * DAY
    backlog = {(7, T0 + n * away_days * DAY // len(lateness), back + late) for n, late in enumerate(lateness)}
    new = {(7, back + n * 600, back + n * 600 + 60) for n in range(1, 4)}
    later = {(7, back + again_after * DAY, back + again_after * DAY + 60)} if again_after else set()
    platform = Platform(frozenset(backlog | new | later))

    position = collect(platform, begin(T0, None, None, T0), range(T0 + 3_600, back + 15 * DAY, 3_600))

    assert platform.found == {(probe, measured) for probe, measured, _ in platform.results}
    assert position.owed == {}


def test_a_probe_that_joins_late_is_not_asked_for_day_by_day() -> None:
    position = begin(T0, None, None, T0)._replace(polled_until_at=T0 + 365 * DAY)
    assert len(catch_up_windows(position, [7])) <= 14
    assert len(catch_up_windows(position, range(30))) == 365


def test_what_ended_is_not_settled_while_a_probe_owes() -> None:
    position = begin(T0, T0 + DAY, None, T0)
    owing = position._replace(owed={7: Owed(T0, T0 + DAY, 0)})
    assert is_settled(position, T0 + DAY + SETTLED_AFTER_S)
    assert not is_settled(owing, T0 + DAY + SETTLED_AFTER_S)


def test_a_silent_probe_is_not_asked_for_on_its_own() -> None:
    position = begin(T0, None, None, T0)
    position = advance(position, {7: T0 + 10}, T0 + DAY)
    assert catch_up_windows(position, heard=[]) == []
    assert catch_up_windows(position, heard=[7]) == [Window(T0, T0 + DAY - OVERLAP_S, (7,))]


def test_probes_that_fell_silent_together_are_asked_for_together() -> None:
    position = advance(begin(T0, None, None, T0), {7: T0 + 100, 8: T0 + 200, 9: T0 + 30_000}, T0 + DAY)
    end = T0 + DAY - OVERLAP_S
    first = CATCH_UP_AFTER_S * ((T0 + 30_000) // CATCH_UP_AFTER_S)
    assert catch_up_windows(position, [7, 8, 9]) == [Window(T0, end, (7, 8)), Window(first, end, (9,))]


def test_a_round_every_half_hour_is_no_silence() -> None:
    position = advance(begin(T0, None, None, T0), {7: T0 + DAY - 1_800}, T0 + DAY)
    assert catch_up_windows(position, [7]) == []


def test_a_probe_that_is_up_to_date_needs_no_catch_up() -> None:
    position = advance(begin(T0, None, None, T0), {7: T0 + DAY - 60}, T0 + DAY)
    assert catch_up_windows(position, heard=[7]) == []


def test_a_clock_that_is_ahead_does_not_carry_the_watermark_past_now() -> None:
    position = advance(begin(T0, None, None, T0), {7: T0 + 50 * DAY}, T0 + 600)
    assert position.watermarks == {7: T0 + 600}


def test_a_watermark_never_goes_back() -> None:
    position = advance(begin(T0, None, None, T0), {7: T0 + 500}, T0 + 600)
    assert advance(position, {7: T0 + 400}, T0 + 700).watermarks == {7: T0 + 500}


def test_the_last_poll_window_is_open_so_that_clocks_ahead_are_heard() -> None:
    windows = poll_windows(begin(T0, None, (1, 2), T0), T0 + 2 * DAY + 5)
    assert [window.from_at for window in windows] == [T0, T0 + DAY, T0 + 2 * DAY]
    assert windows[-1] == Window(T0 + 2 * DAY, None, (1, 2))


def test_what_is_polled_begins_a_little_before_the_last_poll() -> None:
    position = advance(begin(T0, None, None, T0), {}, T0 + DAY)
    assert poll_windows(position, T0 + DAY + 600)[0].from_at == T0 + DAY - OVERLAP_S


@pytest.mark.parametrize("age", RECHECK_AGES_S)
def test_every_instant_is_re_checked_once_an_age(age: int) -> None:
    position = begin(T0, T0 + 5 * DAY, None, T0)
    asked: list[Window] = []
    for now in range(T0, T0 + 20 * DAY, 1_800):
        windows = recheck_windows(position, now).get(age, [])
        asked += windows
        if windows:
            position = position._replace(rechecked={**position.rechecked, age: windows[-1].to_at or now})
    assert asked[0].from_at == T0
    assert all(one.to_at == following.from_at for one, following in pairwise(asked))
    assert asked[-1].to_at == T0 + 6 * DAY, "a day past its end, for clocks that are ahead"
    assert len(asked) <= 6 * DAY // min(age // 2, LONGEST_S // 2) + 10, "not more often than worth it"


def test_what_was_old_when_it_was_followed_is_not_re_checked_at_a_younger_age() -> None:
    position = begin(T0, None, None, T0 + 5 * DAY)
    assert recheck_windows(position, T0 + 5 * DAY) == {}


def test_a_window_is_halved_until_it_is_short() -> None:
    first, second = halves(Window(T0, T0 + 200, (3,)), T0) or ((), ())
    assert (first, second) == (Window(T0, T0 + 100, (3,)), Window(T0 + 100, T0 + 200, (3,)))
    assert halves(Window(T0, T0 + 119, None), T0) is None


def test_the_later_half_of_an_open_window_stays_open() -> None:
    first, second = halves(Window(T0, None), T0 + 1000) or ((), ())
    assert (first, second) == (Window(T0, T0 + 500), Window(T0 + 500, None))
