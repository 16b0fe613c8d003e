"""What the parties are reminded of, and from which day of Dushanbe's calendar on."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.agreements.agreement import Narrowing, Withdrawal
from measurements.agreements.catalogue import Consent
from measurements.agreements.parties import Party
from measurements.agreements.reminders import AHEAD_S, Due, Known, Topic, day_of, due
from measurements.agreements.term import EARLIEST_ZONE, LATEST_ZONE, Confirmation, Memorandum, day_end
from measurements.units import DAY_S
from tests.measurements.agreements.making import DESIGNATIONS, NOW, make_card, make_consent, make_entry

SIGNED = tuple((party, date(2026, 3, 2)) for party in Party)
CONFIRMED = Confirmation(date(2026, 12, 31), Party.RIPE_NCC, day_end(date(2026, 10, 5), EARLIEST_ZONE))
YEAR = [
    (date(2026, 6, 1), Topic.NOTICE),
    (date(2026, 8, 1), Topic.NOTICE),
    (date(2026, 9, 1), Topic.NOTICE),
    (date(2026, 9, 15), Topic.NOTICE),
    (date(2026, 9, 30), Topic.LAST_DAY),
    (date(2026, 10, 1), Topic.OUTCOME),
    (date(2026, 12, 1), Topic.TERM_ENDS),
]
OF_MEMORANDUM = {topic for _, topic in YEAR}


def known(**changes: Any) -> Known:
    return Known(Memorandum(SIGNED), {}, (), ())._replace(**changes)


def found(topic: Topic, now: int, **changes: Any) -> list[Due]:
    return [one for one in due(known(**changes), now) if one.topic is topic]


def begins(on: date) -> int:
    """The first second of a day in Dushanbe."""
    return day_end(on, EARLIEST_ZONE) - DAY_S


def of_memorandum(now: int, memorandum: Memorandum) -> list[tuple[date, Topic]]:
    return [(one.on, one.topic) for one in due(known(memorandum=memorandum), now) if one.topic in OF_MEMORANDUM]


@pytest.mark.acceptance("agreement.5")
@pytest.mark.parametrize(
    "memorandum", [Memorandum(SIGNED), Memorandum(), Memorandum(SIGNED, confirmations=(CONFIRMED,))]
)
def test_whoever_looks_daily_is_reminded_of_each_day_of_the_memorandum_once(memorandum: Memorandum) -> None:
    """Signed or not, and although the next term is certain already once nobody gave notice."""
    first = begins(date(2026, 1, 1))
    seen = dict.fromkeys(pair for day in range(365) for pair in of_memorandum(first + day * DAY_S, memorandum))

    assert list(seen) == YEAR


@pytest.mark.acceptance("agreement.5")
@pytest.mark.parametrize(("on", "topic"), YEAR)
def test_a_reminder_begins_with_its_day_in_dushanbe(on: date, topic: Topic) -> None:
    """In Amsterdam it is the evening before."""
    before, at = of_memorandum(begins(on) - 1, Memorandum(SIGNED)), of_memorandum(begins(on), Memorandum(SIGNED))

    assert (on, topic) not in before
    assert at == of_memorandum(begins(on) + 1, Memorandum(SIGNED)) == [(on, topic)]
    assert datetime.fromtimestamp(begins(on), LATEST_ZONE).date() < on


@pytest.mark.acceptance("agreement.5")
def test_who_was_away_is_reminded_of_what_can_still_be_done() -> None:
    """On 24 November 2026: the last day is over, and nobody has said whether notice was given."""
    [one] = [one for one in due(known(), begins(date(2026, 11, 24))) if one.topic in OF_MEMORANDUM]

    assert (one.on, one.topic, one.subject) == (date(2026, 10, 1), Topic.OUTCOME, "2026-12-31")
    assert one.parties == frozenset(Party)


@pytest.mark.parametrize(("year", "month", "expected"), [(2027, 1, "2027 quarter 1"), (2028, 2, "2028 quarter 1")])
def test_a_review_is_due_every_quarter(year: int, month: int, expected: str) -> None:
    memorandum = Memorandum(SIGNED, confirmations=(CONFIRMED,))
    now = begins(date(year, month, 29 if month == 2 else 1))
    reviews = found(Topic.REVIEW, now, memorandum=memorandum)

    assert [one.subject for one in reviews] == ([expected] if year == 2027 else []), "not after the term"
    assert found(Topic.REVIEW, begins(date(2027, 1, 1)) - 1, memorandum=memorandum)[0].subject == "2026 quarter 4"
    assert found(Topic.REVIEW, now, memorandum=Memorandum()) == []


ENDS = st.integers(NOW + 1, NOW + 4_000 * DAY_S)


@given(end_at=ENDS, ahead_s=st.integers(1, 3 * AHEAD_S))
def test_the_end_of_a_designation_is_told_a_month_before_and_until_it_has_come(end_at: int, ahead_s: int) -> None:
    """To the party whose it is; on whole days of Dushanbe."""
    one = DESIGNATIONS[1]._replace(from_at=0, until_at=end_at)
    now = end_at - ahead_s
    reminded = found(Topic.DESIGNATION_ENDS, now, designations={1: one})

    assert bool(reminded) == ((day_of(end_at) - day_of(now)).days <= 30)
    assert all(each == Due(each.on, Topic.DESIGNATION_ENDS, "1", end_at, frozenset({one.party})) for each in reminded)
    assert found(Topic.DESIGNATION_ENDS, end_at, designations={1: one}) == []
    assert found(Topic.DESIGNATION_ENDS, now, designations={1: one._replace(until_at=None)}) == []


def test_the_end_of_an_agreement_is_told_and_a_narrower_one_earlier() -> None:
    agreement, designations = make_consent()
    end_at = make_card().until_at
    earlier = make_card(ends_at="2027-04-30T00:00:00+05:00")
    narrowed = agreement._replace(narrowings=(Narrowing(earlier, Party.RIPE_NCC, NOW),))

    def ends(now: int, one: Any = agreement) -> list[tuple[str, int]]:
        given = {"agreements": (one,), "designations": designations}
        return [(each.subject, each.at) for each in found(Topic.AGREEMENT_ENDS, now, **given)]

    assert ends(end_at - AHEAD_S - DAY_S) == []
    assert ends(end_at - AHEAD_S) == ends(end_at - 1) == [("1", end_at)]
    assert ends(end_at) == []
    assert ends(earlier.until_at - 1, narrowed) == [("1", earlier.until_at)]
    assert ends(end_at - 1, agreement._replace(withdrawals=(Withdrawal(Party.RIPE_NCC, NOW),))) == []


def test_a_target_is_due_for_review_until_somebody_looked() -> None:
    target = make_entry(review_at=NOW)

    assert found(Topic.TARGET_REVIEW, NOW - AHEAD_S - DAY_S, targets=(target,)) == []
    for now in (NOW - AHEAD_S, NOW, NOW + 900 * DAY_S):
        assert [one.subject for one in found(Topic.TARGET_REVIEW, now, targets=(target,))] == ["k-root"]
    assert found(Topic.TARGET_REVIEW, NOW, targets=(target._replace(opted_out_at=NOW),)) == []


def test_the_end_of_an_owners_consent_is_told_while_it_holds() -> None:
    target = make_entry(consent=Consent("mail", 0, NOW))

    assert found(Topic.CONSENT_ENDS, NOW - AHEAD_S - DAY_S, targets=(target,)) == []
    assert [one.at for one in found(Topic.CONSENT_ENDS, NOW - 1, targets=(target,))] == [NOW]
    assert found(Topic.CONSENT_ENDS, NOW, targets=(target,)) == []


def test_every_topic_is_explained_and_days_are_those_of_dushanbe() -> None:
    assert len({topic.explanation for topic in Topic}) == len(Topic)
    assert day_of(int(datetime(2026, 9, 30, 19, tzinfo=UTC).timestamp())) == date(2026, 10, 1)
