"""Whatever happens in whatever order: nothing is permitted but what a plain replay of events permits.

The replay goes through events one by one, as a clerk with a ledger would, and shares no code with the gate.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from measurements.agreements.agreement import (
    Agreement,
    Cause,
    Choice,
    Consultation,
    Suspension,
    Version,
    Vote,
    Withdrawal,
)
from measurements.agreements.card import digest
from measurements.agreements.gate import Consent, decide
from measurements.agreements.parties import Designation, Duty, Party
from measurements.agreements.reasons import Reason
from measurements.agreements.term import Amendment, Confirmation, Memorandum, Notice, standing
from measurements.units import DAY_S
from tests.measurements.agreements.making import NOW, make_card, make_entry, make_intent, make_surroundings

CARD = make_card()
DIGEST = digest(CARD)
AROUND = make_surroundings(target=make_entry(review_at=2 * NOW))
BEGIN, END = CARD.from_at, CARD.until_at
END_OF_2026, END_OF_2027 = 1_798_743_600, 1_830_279_600
NOTICE_2026_OVER, NOTICE_2027_OVER = 1_790_805_600, 1_822_341_600
"""The ends of 30 September in Amsterdam."""
NOTICE_2026_SURE, NOTICE_2027_SURE = NOTICE_2026_OVER - 3 * 3_600, NOTICE_2027_OVER - 3 * 3_600
"""And in Dushanbe."""
ASK_S = 3_600
"""What is asked for runs for an hour."""


class Event(NamedTuple):
    """Something that happened, or will."""

    at: int
    kind: str
    of: dict[str, Any]


parties = st.sampled_from(list(Party))
instants = st.one_of(
    st.integers(NOW - 130 * DAY_S, NOW + 400 * DAY_S),
    st.sampled_from([BEGIN, END, END_OF_2026, END_OF_2027, NOTICE_2026_SURE, NOTICE_2026_OVER]).flatmap(
        lambda at: st.integers(at - 1, at + 1)
    ),
)


def happens(kind: str, **of: st.SearchStrategy[Any]) -> st.SearchStrategy[Event]:
    return st.builds(Event, instants, st.just(kind), st.fixed_dictionaries(of))


anything = st.one_of(
    happens("designate", party=parties, until=st.one_of(st.none(), instants)),
    happens("consult", parties=st.frozensets(parties, min_size=1)),
    happens("vote", party=parties, by=st.integers(1, 6), choice=st.sampled_from(Choice), right=st.booleans()),
    happens("withdraw", party=parties),
    happens("suspend", party=parties, until=st.one_of(st.none(), instants)),
    happens("notice", party=parties),
    happens("confirm", party=parties, year=st.sampled_from([2026, 2027])),
    happens("amend", parties=st.frozensets(parties, min_size=2), on=st.dates(date(2026, 12, 1), date(2028, 12, 31))),
)
"""Anything at all; and, beneath, the course that things should take, so that many cases are permitted."""
COURSE = [
    *(Event(NOW - 100 * DAY_S + n, "designate", {"party": party, "until": None}) for n, party in enumerate(Party)),
    Event(NOW - 90 * DAY_S, "consult", {"parties": frozenset(Party)}),
    Event(NOW - 70 * DAY_S, "confirm", {"party": Party.RIPE_NCC, "year": 2026}),
    *(
        Event(NOW - 60 * DAY_S + n, "vote", {"party": party, "by": n, "choice": Choice.APPROVE, "right": True})
        for n, party in enumerate(Party, 1)
    ),
]
SUBMITTED_AT = NOW - 80 * DAY_S
courses = st.builds(
    lambda kept, more: sorted([*kept, *more], key=lambda event: event.at),
    st.one_of(st.just(COURSE), st.lists(st.sampled_from(COURSE), unique_by=lambda one: one.at)),
    st.lists(anything, max_size=3),
)


def facts_of(events: Sequence[Event]) -> tuple[Consent, Memorandum]:
    """What the gate is handed."""

    def of(kind: str) -> list[Event]:
        return [one for one in events if one.kind == kind]

    everyone = frozenset(Duty)
    designations = [
        Designation(n, one.of["party"], n, everyone, "letter", one.at, one.of["until"])
        for n, one in enumerate(of("designate"), 1)
    ]
    version = Version(
        1,
        CARD,
        tuple(Consultation(one.at, one.of["parties"], "the draft", "") for one in of("consult")),
        SUBMITTED_AT,
        tuple(
            Vote(one.of["party"], DIGEST if one.of["right"] else "other", one.of["choice"], True, one.of["by"], one.at)
            for one in of("vote")
        ),
    )
    agreement = Agreement(
        1,
        (version,),
        tuple(Suspension(Cause.DISPUTE, one.of["party"], one.at, one.of["until"]) for one in of("suspend")),
        tuple(Withdrawal(one.of["party"], one.at) for one in of("withdraw")),
    )
    memorandum = Memorandum(
        tuple((party, date(2026, 3, 2)) for party in Party),
        tuple(Notice(n, one.of["party"], one.at, frozenset(Party)) for n, one in enumerate(of("notice"))),
        tuple(Confirmation(date(one.of["year"], 12, 31), one.of["party"], one.at) for one in of("confirm")),
        tuple(Amendment(one.of["on"], one.of["parties"], one.at) for one in of("amend")),
    )
    return Consent(agreement, {one.designation_id: one for one in designations}), memorandum


def replay(events: Sequence[Event], now: int) -> bool:
    """Whether the ledger permits an hour of measuring from now on, as if there were no amendments."""
    past = [one for one in events if one.at <= now]
    is_quiet = not any(
        kind == "withdraw" or (kind == "suspend" and (of["until"] is None or now < of["until"])) for _, kind, of in past
    )
    ends = min(END, memorandum_end(past))
    return is_quiet and now >= BEGIN and now + ASK_S <= ends and is_agreed(events, past)


def is_agreed(events: Sequence[Event], past: Sequence[Event]) -> bool:
    """Whether each of three parties was consulted, and said yes first by whoever it had designated then."""
    designated = [(of["party"], at, of["until"] or 2 * NOW) for at, kind, of in events if kind == "designate"]
    consulted: set[str] = set()
    approvals: dict[str, bool] = {}
    for at, kind, of in past:
        if kind == "consult" and at <= SUBMITTED_AT:
            consulted |= set(of["parties"])
        if kind == "vote" and at >= SUBMITTED_AT and of["right"] and of["by"] <= len(designated):
            party, since, until = designated[of["by"] - 1]
            if party == of["party"] and since <= at < until:
                approvals.setdefault(of["party"], of["choice"] == "approve")
    return len(consulted) == len(approvals) == len(Party) and all(approvals.values())


def memorandum_end(past: Sequence[Event]) -> int:
    """When the memorandum ends, by what was told until now."""
    is_noticed = any(kind == "notice" and at < NOTICE_2026_OVER for at, kind, _ in past)
    is_confirmed = any(kind == "confirm" and of["year"] == 2026 and at >= NOTICE_2026_OVER for at, kind, of in past)
    return END_OF_2027 if is_confirmed and not is_noticed else END_OF_2026


@pytest.mark.acceptance("agreement.1")
@given(events=courses, now=st.one_of(instants, st.integers(BEGIN, BEGIN + 90 * DAY_S)))
@settings(max_examples=1500, deadline=None)
def test_nothing_is_permitted_but_what_the_ledger_permits(events: list[Event], now: int) -> None:
    events = [one for one in events if one.kind != "amend"]
    consent, memorandum = facts_of(events)
    intent = make_intent(start_at=now, stop_at=now + ASK_S)

    decision = decide(intent, consent, standing(memorandum, now), AROUND, now)

    event("permitted" if decision.is_permitted else "refused")
    assert decision.is_permitted == replay(events, now), decision.reason
    assert (decision.reason is Reason.AGREED) == decision.is_permitted


@pytest.mark.acceptance("agreement.1")
@given(events=courses, now=instants)
@settings(max_examples=500, deadline=None)
def test_an_amendment_permits_nothing_without_three_votes(events: list[Event], now: int) -> None:
    """It moves the memorandum's end, where all three approved of it, and nothing else."""
    consent, memorandum = facts_of(events)
    without = replay([one for one in events if one.kind not in ("amend", "notice", "confirm")], now)

    found = standing(memorandum, now)
    decision = decide(make_intent(start_at=now, stop_at=now + ASK_S), consent, found, AROUND, now)

    if decision.is_permitted:
        assert len({vote.party for vote in consent.agreement.versions[0].votes if vote.digest == DIGEST}) == 3
        assert now + ASK_S <= found.stop_at
    elif without and found.is_in_force and now + ASK_S <= found.stop_at:
        pytest.fail(f"refused for {decision.reason}")


@given(events=courses, now=st.integers(BEGIN, END - 1))
@settings(max_examples=300, deadline=None)
def test_the_order_in_which_things_were_told_changes_nothing(events: list[Event], now: int) -> None:
    """Only when they happened counts."""
    consent, memorandum = facts_of(events)
    version = consent.agreement.versions[0]
    turned = version._replace(votes=version.votes[::-1], consultations=version.consultations[::-1])
    other = Consent(consent.agreement._replace(versions=(turned,)), consent.designations)
    told = Memorandum(
        memorandum.signed_on[::-1],
        memorandum.notices[::-1],
        memorandum.confirmations[::-1],
        memorandum.amendments[::-1],
    )
    intent, around = make_intent(start_at=now, stop_at=now + ASK_S), AROUND
    times = [one.at for one in events]

    if len(set(times)) == len(times):
        decided = decide(intent, consent, standing(memorandum, now), around, now)
        assert decided == decide(intent, other, standing(told, now), around, now)
