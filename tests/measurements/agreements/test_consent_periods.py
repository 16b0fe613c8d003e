"""What is measured while consent holds, and what is not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.agreements.agreement import Cause, Narrowing, Suspension, Withdrawal
from measurements.agreements.consent_periods import Period, consent_periods, is_inside
from measurements.agreements.parties import Party
from measurements.units import DAY_S, iso
from tests.measurements.agreements.making import DESIGNATIONS, NOW, make_card, make_consent, make_version, vote

FROM, UNTIL = make_card().from_at, make_card().until_at


def periods(**changes: Any) -> tuple[Period, ...]:
    agreement, designations = make_consent(**changes)
    return consent_periods(agreement, agreement.versions[0], designations)


def suspended(from_at: int, until_at: int | None) -> Suspension:
    return Suspension(Cause.DISPUTE, Party.RIPE_NCC, from_at, until_at)


def test_a_card_covers_its_time_and_a_vote_in_between_begins_it() -> None:
    assert periods() == (Period(FROM, UNTIL),)
    late = make_version(votes=tuple(vote._replace(cast_at=NOW) for vote in make_version().votes))
    assert periods(versions=(late,)) == (Period(NOW, UNTIL),)
    assert periods(versions=(make_version(votes=()),)) == ()


def test_a_withdrawal_ends_it_and_a_suspension_interrupts_it() -> None:
    assert periods(withdrawals=(Withdrawal(Party.RIPE_NCC, NOW),)) == (Period(FROM, NOW),)
    assert periods(suspensions=(suspended(NOW, None),)) == (Period(FROM, NOW),)
    assert periods(suspensions=(suspended(NOW, NOW + 60),)) == (Period(FROM, NOW), Period(NOW + 60, UNTIL))
    assert periods(withdrawals=(Withdrawal(Party.RIPE_NCC, FROM - 1),)) == ()


def narrowed(at: int, from_at: int = FROM, until_at: int = UNTIL) -> Narrowing:
    return Narrowing(make_card(starts_at=iso(from_at), ends_at=iso(until_at)), Party.RIPE_NCC, at)


@pytest.mark.acceptance("agreement.4")
def test_a_narrower_card_ends_it_sooner_from_when_it_was_set_on() -> None:
    """As the gate has it: what goes on beyond it is stopped, and what comes of it until then is not used."""
    assert periods(narrowings=(narrowed(NOW),)) == (Period(FROM, UNTIL),)
    assert periods(narrowings=(narrowed(NOW, until_at=NOW + 60),)) == (Period(FROM, NOW + 60),)
    assert periods(narrowings=(narrowed(NOW + 60, until_at=NOW),)) == (Period(FROM, NOW + 60),)
    assert periods(narrowings=(narrowed(NOW, from_at=NOW + 60),)) == (Period(FROM, NOW), Period(NOW + 60, UNTIL))
    assert periods(narrowings=(narrowed(FROM - DAY_S * 365, until_at=NOW),)) == (Period(FROM, UNTIL),)


@pytest.mark.acceptance("agreement.4")
def test_a_newer_version_ends_it_when_it_is_agreed_on_and_not_before() -> None:
    card = make_card(title="Another")
    votes = tuple(vote(party, card, cast_at=NOW) for party in Party)
    newer = make_version(card, number=2)._replace(votes=votes)
    assert periods(versions=(make_version(), newer)) == (Period(FROM, NOW),)
    assert periods(versions=(make_version(), newer._replace(votes=votes[:2]))) == (Period(FROM, UNTIL),)


@pytest.mark.parametrize(
    ("measured_at", "stored_at", "is_clock_trusted", "expected"),
    [
        (NOW - 1, NOW + 9_000, True, True),  # uploaded late
        (NOW, NOW + 60, True, False),
        (FROM - 1, NOW, True, False),
        (NOW - 1, NOW - 1, False, True),
        (NOW - 1, NOW, False, False),
        (NOW - 1, None, False, False),
        (NOW - 1, None, True, True),
    ],
)
def test_consent_is_judged_by_when_it_was_measured_and_without_a_clock_by_when_it_was_stored_too(
    measured_at: int,
    stored_at: int | None,
    is_clock_trusted: object,
    expected: object,
) -> None:
    covered = (Period(FROM, NOW),)

    assert is_inside(covered, measured_at, stored_at, is_clock_trusted=bool(is_clock_trusted)) is expected


@given(
    suspensions=st.lists(
        st.tuples(st.integers(FROM - 5, FROM + 30), st.one_of(st.none(), st.integers(FROM - 5, FROM + 30))), max_size=3
    ),
    withdrawn_at=st.one_of(st.none(), st.integers(FROM - 5, FROM + 30)),
    at=st.integers(FROM - 5, FROM + 30),
)
def test_every_instant_is_covered_or_not_as_plain_loops_say(
    suspensions: list[tuple[int, int | None]], withdrawn_at: int | None, at: int
) -> None:
    found = consent_periods(
        make_consent(
            suspensions=tuple(suspended(start, end) for start, end in suspensions),
            withdrawals=() if withdrawn_at is None else (Withdrawal(Party.RIPE_NCC, withdrawn_at),),
        ).agreement,
        make_version(),
        DESIGNATIONS,
    )
    is_suspended = any(start <= at and (end is None or at < end) for start, end in suspensions)

    expected = FROM <= at < UNTIL and not is_suspended and (withdrawn_at is None or at < withdrawn_at)
    assert is_inside(found, at, None, is_clock_trusted=True) is expected
