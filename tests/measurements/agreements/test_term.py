"""The memorandum's clock: terms, notices, confirmations, amendments, and the days on which zones disagree."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.agreements.parties import Party
from measurements.agreements.term import (
    About,
    Amendment,
    Confirmation,
    Memorandum,
    Notice,
    Outlook,
    State,
    Term,
    Timing,
    reminders,
    standing,
    timing,
)

DUSHANBE, AMSTERDAM = ZoneInfo("Asia/Dushanbe"), ZoneInfo("Europe/Amsterdam")
EVERYBODY = frozenset(Party)
SIGNED = tuple((party, date(2026, 3, day)) for party, day in zip(Party, (2, 9, 16), strict=True))
FIRST = Term(date(2026, 12, 31))
TODAY = datetime(2026, 11, 23, 12, tzinfo=DUSHANBE)


def at(*moment: int, zone: ZoneInfo = DUSHANBE) -> int:
    year, month, day, hour, minute = (*moment, 0, 0)[:5]
    return int(datetime(year, month, day, hour, minute, tzinfo=zone).timestamp())


def notice(sent_at: int, **of: object) -> Notice:
    given = {"notice_id": 1, "party": Party.TOJIKTELECOM, "recipients": EVERYBODY - {Party.TOJIKTELECOM}, **of}
    return Notice(sent_at=sent_at, **given)  # type: ignore[arg-type] # what a test does not care about


def confirmed(year: int, at_: int) -> Confirmation:
    return Confirmation(date(year, 12, 31), Party.RIPE_NCC, at_)


def stands(now: int, **known: object) -> tuple[State, Outlook, date]:
    found = standing(Memorandum(**{"signed_on": SIGNED, **known}), now)  # type: ignore[arg-type] # as `notice`
    return found.state, found.outlook, found.term.ends_on


NOW = int(TODAY.timestamp())
IN_TIME, LATE = at(2026, 9, 30, 23, 59), at(2026, 10, 1, 3)
"""03:00 in Dushanbe is the first of October in Amsterdam as well."""
BETWEEN = at(2026, 9, 30, 23, 30, zone=AMSTERDAM)
Y2026, Y2027, Y2028 = (date(year, 12, 31) for year in (2026, 2027, 2028))


@pytest.mark.acceptance("agreement.5")
@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"signed_on": SIGNED[:2]}, (State.NOT_IN_FORCE, Outlook.UNCONFIRMED, Y2026)),
        ({}, (State.IN_FORCE, Outlook.UNCONFIRMED, Y2026)),
        ({"confirmations": (confirmed(2026, NOW),)}, (State.IN_FORCE, Outlook.OPEN, Y2027)),
        ({"notices": (notice(IN_TIME),)}, (State.ENDING, Outlook.ENDING, Y2026)),
        ({"notices": (notice(BETWEEN),)}, (State.IN_FORCE, Outlook.AMBIGUOUS, Y2026)),
        ({"notices": (notice(BETWEEN, ruled=Timing.IN_TIME),)}, (State.ENDING, Outlook.ENDING, Y2026)),
        ({"notices": (notice(BETWEEN, ruled=Timing.LATE),)}, (State.IN_FORCE, Outlook.UNCONFIRMED, Y2026)),
        ({"notices": (notice(NOW),)}, (State.IN_FORCE, Outlook.UNCONFIRMED, Y2026)),
        (
            {"notices": (notice(NOW),), "confirmations": (confirmed(2026, NOW),)},
            (State.ENDING, Outlook.ENDING, Y2027),  # it came too late for 2026, and in time for 2027
        ),
    ],
)
def test_how_it_stands_on_the_23rd_of_november_2026(known: dict[str, object], expected: object) -> None:
    assert stands(NOW, **known) == expected


@pytest.mark.acceptance("agreement.5")
@pytest.mark.parametrize(
    ("known", "state"),
    [
        ({}, State.EXTENSION_UNCONFIRMED),
        ({"notices": (notice(IN_TIME),)}, State.ENDED),
        ({"notices": (notice(BETWEEN),)}, State.NOTICE_AMBIGUOUS),
        ({"notices": (notice(BETWEEN, ruled=Timing.LATE),)}, State.EXTENSION_UNCONFIRMED),
        ({"confirmations": (confirmed(2026, NOW),)}, State.IN_FORCE),
    ],
)
def test_what_is_refused_from_the_first_of_january_in_dushanbe(known: dict[str, object], state: State) -> None:
    midnight = at(2027, 1, 1)

    assert stands(midnight - 1, **known)[0] in {State.IN_FORCE, State.ENDING}
    assert stands(midnight, **known)[0] is state


@pytest.mark.acceptance("agreement.5")
@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (at(2026, 9, 29, 12), Timing.IN_TIME),
        (at(2026, 9, 29, 23, 59, zone=AMSTERDAM), Timing.IN_TIME),
        (at(2026, 9, 30, 0), Timing.IN_TIME),
        (at(2026, 9, 30, 23, 59), Timing.IN_TIME),
        (at(2026, 10, 1, 0), Timing.AMBIGUOUS),
        (at(2026, 9, 30, 23, 59, zone=AMSTERDAM), Timing.AMBIGUOUS),
        (at(2026, 10, 1, 0, zone=AMSTERDAM), Timing.LATE),
        (at(2026, 10, 2, 0), Timing.LATE),  # 90 days before the end: not what "three months" means
    ],
)
def test_a_notice_is_in_time_until_the_30th_of_september_is_over_in_dushanbe(sent: int, expected: Timing) -> None:
    assert timing(notice(sent), FIRST) is expected


def test_a_ruling_counts_only_where_the_calendars_disagree() -> None:
    assert timing(notice(IN_TIME, ruled=Timing.LATE), FIRST) is Timing.IN_TIME
    assert timing(notice(LATE, ruled=Timing.IN_TIME), FIRST) is Timing.LATE


@pytest.mark.acceptance("agreement.5")
@given(year=st.integers(2026, 2100))
def test_three_months_before_the_end_is_the_30th_of_september_of_every_year(year: int) -> None:
    """Leap years too. And a day more is less than three months."""
    term = Term(date(year, 12, 31))

    assert term.last_notice_on == date(year, 9, 30)
    assert term.next.ends_on == date(year + 1, 12, 31)
    assert term.end_at == at(year + 1, 1, 1) == at(year, 12, 31, 20, zone=AMSTERDAM)


@pytest.mark.acceptance("agreement.5")
def test_it_rolls_over_year_by_year_only_as_far_as_is_confirmed() -> None:
    known = {"confirmations": (confirmed(2026, NOW), confirmed(2027, at(2027, 10, 2)))}

    assert stands(at(2028, 2, 29), **known) == (State.IN_FORCE, Outlook.OPEN, Y2028)
    assert stands(at(2028, 12, 31), **known) == (State.IN_FORCE, Outlook.UNCONFIRMED, Y2028)
    assert stands(at(2029, 1, 1), **known)[0] is State.EXTENSION_UNCONFIRMED


def test_nobody_can_confirm_before_the_last_day_is_over_everywhere() -> None:
    early = {"confirmations": (confirmed(2026, at(2026, 10, 1, 1)),)}

    assert stands(NOW, **early) == (State.IN_FORCE, Outlook.UNCONFIRMED, Y2026)


def test_a_notice_that_comes_to_light_wins_over_a_confirmation() -> None:
    known = {"confirmations": (confirmed(2026, NOW),), "notices": (notice(IN_TIME),)}

    assert stands(NOW, **known) == (State.ENDING, Outlook.ENDING, Y2026)


@pytest.mark.acceptance("agreement.5")
def test_it_is_in_force_from_the_day_on_which_the_last_party_signed() -> None:
    assert stands(at(2026, 3, 15, 23, 59))[0] is State.NOT_IN_FORCE
    assert stands(at(2026, 3, 16))[0] is State.IN_FORCE


def test_an_amendment_needs_all_three_and_sets_the_end() -> None:
    two = Amendment(date(2028, 6, 30), EVERYBODY - {Party.RIPE_NCC}, NOW)
    three = two._replace(approvals=EVERYBODY)

    assert stands(NOW, amendments=(two,)) == (State.IN_FORCE, Outlook.UNCONFIRMED, Y2026)
    assert stands(NOW - 1, amendments=(three,))[2] == Y2026
    assert stands(NOW, amendments=(three,)) == (State.IN_FORCE, Outlook.OPEN, date(2028, 6, 30))
    confirmation = Confirmation(date(2028, 6, 30), Party.RIPE_NCC, at(2028, 4, 2))
    assert stands(at(2028, 5, 1), amendments=(three,), confirmations=(confirmation,))[2] == date(2029, 6, 30)


def test_an_amendment_settles_the_notices_before_it() -> None:
    """They were about an end that is no more; whoever wants the new one not to be extended says so anew."""
    amendment = Amendment(Y2027, EVERYBODY, NOW)
    before, after = notice(IN_TIME), notice(at(2027, 1, 5), notice_id=2)

    assert stands(NOW, amendments=(amendment,), notices=(before,)) == (State.IN_FORCE, Outlook.OPEN, Y2027)
    later = at(2027, 2, 1)
    assert stands(later, amendments=(amendment,), notices=(before, after)) == (State.ENDING, Outlook.ENDING, Y2027)


def test_an_end_on_a_leap_day_is_followed_by_one_on_the_28th() -> None:
    assert Term(date(2028, 2, 29)).next.ends_on == date(2029, 2, 28)
    assert Term(date(2028, 5, 31)).last_notice_on == date(2028, 2, 29)


def test_a_notice_that_went_to_one_party_only_says_to_whom_it_did_not_go() -> None:
    sent = notice(IN_TIME, recipients=frozenset({Party.RIPE_NCC}))

    assert sent.not_sent_to == {Party.COMMUNICATIONS_SERVICE}
    assert stands(NOW, notices=(sent,))[0] is State.ENDING


def test_the_representatives_are_reminded_on_these_days() -> None:
    days = [(one.on.isoformat()[5:], one.about) for one in reminders(FIRST)]

    assert days == [
        ("06-01", About.NOTICE), ("08-01", About.NOTICE), ("09-01", About.NOTICE), ("09-15", About.NOTICE),
        ("09-30", About.LAST_DAY), ("10-01", About.OUTCOME), ("12-01", About.END),
    ]  # fmt: skip


facts = st.builds(
    Memorandum,
    signed_on=st.just(SIGNED),
    notices=st.lists(
        st.builds(
            notice,
            st.integers(at(2026, 1, 1), at(2030, 1, 1)),
            ruled=st.sampled_from([None, Timing.IN_TIME, Timing.LATE]),
        ),
        max_size=3,
    ).map(tuple),
    confirmations=st.lists(
        st.builds(confirmed, st.integers(2026, 2029), st.integers(at(2026, 1, 1), at(2030, 1, 1))), max_size=4
    ).map(tuple),
    amendments=st.lists(
        st.builds(
            Amendment,
            st.dates(date(2026, 6, 1), date(2030, 12, 31)),
            st.sampled_from([EVERYBODY, EVERYBODY - {Party.TOJIKTELECOM}]),
            st.integers(at(2026, 1, 1), at(2030, 1, 1)),
        ),
        max_size=2,
    ).map(tuple),
)


@given(known=facts, now=st.integers(at(2026, 3, 16), at(2031, 1, 1)))
def test_it_is_never_in_force_past_the_term_that_is_certain(known: Memorandum, now: int) -> None:
    """Whatever was told in whatever order; and without a confirmation or an amendment never past 2026."""
    found = standing(known, now)

    assert found.is_in_force == (now < found.stop_at)
    if not known.confirmations and not any(one.approvals == EVERYBODY for one in known.amendments):
        assert found.term == FIRST
    if found.term.ends_on > Y2026 and not known.amendments:
        assert any(one.confirmed_at <= now for one in known.confirmations)


@given(known=facts, now=st.integers(at(2026, 3, 16), at(2031, 1, 1)))
def test_what_has_not_happened_yet_changes_nothing(known: Memorandum, now: int) -> None:
    heard = Memorandum(
        known.signed_on,
        tuple(one for one in known.notices if one.sent_at <= now),
        tuple(one for one in known.confirmations if one.confirmed_at <= now),
        tuple(one for one in known.amendments if one.agreed_at <= now),
    )

    assert standing(known, now) == standing(heard, now)
