"""What is measured while consent holds, and what is not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.agreements.agreement import Cause, Narrowing, Suspension, Withdrawal
from measurements.agreements.catalogue import CatalogueEntry, Consent, Publicness, Said
from measurements.agreements.consent_periods import Facts, Period, consent_periods, is_inside
from measurements.agreements.gate import decide
from measurements.agreements.parties import Party
from measurements.agreements.reasons import Reason
from measurements.units import DAY_S, iso
from tests.measurements.agreements.making import (
    CARD,
    NOW,
    make_card,
    make_consent,
    make_entry,
    make_intent,
    make_told,
    make_version,
    vote,
)
from tests.measurements.agreements.timelines import EVENTS, Timeline

FROM, UNTIL = make_card().from_at, make_card().until_at
HERE = frozenset({"193.0.14.129"})
OTHERS = {Reason.TOO_MANY_CREDITS, Reason.TOO_MANY_PACKETS, Reason.TOO_MANY_PACKETS_FOR_OWNER}
"""What the gate also refuses by what else runs: that is nobody's word about the dispatch itself."""


def k_root(**changes: Any) -> CatalogueEntry:
    """Its entry, which need not be reviewed while the card holds."""
    return make_entry(**{"review_at": UNTIL} | changes)


def periods(
    *said: Said, intent: Any = None, memorandum: Any = None, terms_at: int | None = 0, **changes: Any
) -> tuple[Period, ...]:
    """Of the pinging of K-root, where nothing was ever said but this."""
    catalogue = said or (Said(0, k_root()),)
    facts = Facts(make_consent(**changes), memorandum or make_told(), catalogue, terms_at)
    return consent_periods(intent or make_intent(), facts)


def suspended(from_at: int, until_at: int | None) -> Suspension:
    return Suspension(Cause.DISPUTE, Party.RIPE_NCC, from_at, until_at)


def since(at: int, **changes: Any) -> tuple[Said, Said]:
    """What was said of K-root from an instant on; before, nothing was in the way."""
    return Said(0, k_root()), Said(at, k_root(**changes))


def test_a_card_covers_its_time_and_a_vote_in_between_begins_it() -> None:
    assert periods() == (Period(FROM, UNTIL),)
    late = make_version(votes=tuple(vote._replace(cast_at=NOW) for vote in make_version().votes))
    assert periods(versions=(late,)) == (Period(NOW, UNTIL),)
    assert periods(versions=(make_version(votes=()),)) == ()
    assert periods(intent=make_intent(digest="0" * 64)) == ()


def test_a_withdrawal_ends_it_and_a_suspension_interrupts_it() -> None:
    assert periods(withdrawals=(Withdrawal(Party.RIPE_NCC, NOW),)) == (Period(FROM, NOW),)
    assert periods(suspensions=(suspended(NOW, None),)) == (Period(FROM, NOW),)
    assert periods(suspensions=(suspended(NOW, NOW + 60),)) == (Period(FROM, NOW), Period(NOW + 60, UNTIL))
    assert periods(withdrawals=(Withdrawal(Party.RIPE_NCC, FROM - 1),)) == ()


def narrowed(at: int, **changes: Any) -> Narrowing:
    return Narrowing(make_card(**changes), Party.RIPE_NCC, at)


PING, TRACEROUTE = CARD["measurements"]


@pytest.mark.acceptance("agreement.4")
@pytest.mark.parametrize(
    "less",
    [
        {"measurements": [TRACEROUTE]},
        {"measurements": [PING | {"interval_s": 480}]},
        {"selections": [{"by": "asn", "value": "24722", "requested": 20}]},
        {"selections": [{"by": "country", "value": "TJ", "requested": 10}]},
        {"max_probes": 10},
        {"is_public": False},
        {"ends_at": iso(NOW + 60)},
        {"starts_at": iso(NOW + DAY_S)},
        {"max_packets_per_s": "0.2"},
        {"max_credits": 10},
    ],
    ids=str,
)
def test_a_narrower_card_ends_what_it_has_no_room_for(less: dict[str, Any]) -> None:
    """From that second on, as the gate has it: the dispatch is stopped, and what comes until then is not used."""
    assert periods(narrowings=(narrowed(NOW, **less),)) == (Period(FROM, NOW),)


@pytest.mark.acceptance("agreement.4")
def test_a_narrower_card_is_judged_for_what_is_dispatched() -> None:
    """What it leaves room for goes on; what was narrowed before it was agreed to does not count."""
    assert periods(narrowings=(narrowed(NOW, measurements=[PING]),)) == (Period(FROM, UNTIL),)
    few = make_intent(selections=(make_card().selections[0].model_copy(update={"requested": 10}),))
    assert periods(intent=few, narrowings=(narrowed(NOW, max_probes=10),)) == (Period(FROM, UNTIL),)
    assert periods(narrowings=(narrowed(FROM - DAY_S * 365, ends_at=iso(NOW)),)) == (Period(FROM, UNTIL),)


@pytest.mark.acceptance("agreement.4")
def test_a_newer_version_ends_it_when_it_is_agreed_on_and_not_before() -> None:
    card = make_card(title="Another")
    votes = tuple(vote(party, card, cast_at=NOW) for party in Party)
    newer = make_version(card, number=2)._replace(votes=votes)
    assert periods(versions=(make_version(), newer)) == (Period(FROM, NOW),)
    assert periods(versions=(make_version(), newer._replace(votes=votes[:2]))) == (Period(FROM, UNTIL),)


@pytest.mark.acceptance("agreement.4")
@pytest.mark.parametrize(
    "refusal",
    [
        {"opted_out_at": NOW},
        {"drifted_at": NOW},
        {"review_at": NOW},
        {"allowed_types": frozenset({"dns"})},
        {"publicness": Publicness.BY_CONSENT, "owner_party": None},
        {"publicness": Publicness.PUBLIC_SERVICE, "owner_party": None},
    ],
    ids=str,
)
def test_what_is_refused_for_its_owners_sake_is_outside_from_then_on(refusal: dict[str, Any]) -> None:
    """Whenever it was stopped; and inside again from when nothing is in the way."""
    assert periods(*since(NOW, **refusal)) == (Period(FROM, NOW),)
    back = Said(NOW + 60, k_root())
    assert periods(*since(NOW, **refusal), back) == (Period(FROM, NOW), Period(NOW + 60, UNTIL))


@pytest.mark.acceptance("agreement.4")
def test_an_owners_consent_covers_its_time_and_its_end_is_heeded_from_when_it_was() -> None:
    """A consent counts from when it was told of; its end from when it was, however late it was told of."""
    asked = {"publicness": Publicness.BY_CONSENT, "owner_party": None}
    whole, ended = Consent("letter 8", FROM, None), Consent("letter 8", FROM, NOW + 60)
    told = Said(NOW, k_root(**asked, consent=whole))
    assert periods(Said(0, k_root(**asked)), told) == (Period(NOW, UNTIL),)
    taken_back = Said(NOW + 90, k_root(**asked, consent=ended))
    assert periods(told, taken_back) == (Period(NOW, NOW + 60),)
    other = Said(NOW + 90, k_root(**asked, consent=Consent("letter 9", NOW + 80, None)))
    assert periods(told, other) == (Period(NOW, UNTIL),)


@pytest.mark.acceptance("agreement.4")
def test_whose_owner_opted_out_and_consents_again_is_covered_while_that_lasts() -> None:
    """The opt-out stays, and holds again when the new consent is over."""
    out = Said(NOW, k_root(opted_out_at=NOW))
    again = k_root(opted_out_at=NOW, opted_in_at=NOW + 60, consent=Consent("letter 9", NOW + 60, NOW + 40 * DAY_S))
    long = Period(NOW + 60, NOW + 40 * DAY_S)
    assert periods(Said(0, k_root()), out, Said(NOW + 60, again)) == (Period(FROM, NOW), long)


@pytest.mark.acceptance("agreement.4")
def test_what_networks_and_others_at_the_same_address_want_is_heeded_too() -> None:
    network = k_root(name="as24722", is_tajik=True, owner_party=None, pinned_addresses=frozenset())
    out = network._replace(opted_out_at=NOW)
    assert periods(Said(0, k_root()), Said(0, network), Said(NOW, out)) == (Period(FROM, NOW),)
    far = k_root(name="mirror.example", opted_out_at=NOW, pinned_addresses=frozenset({"192.0.2.1"}))
    assert periods(Said(0, k_root()), Said(NOW, far)) == (Period(FROM, UNTIL),)
    near = Said(NOW + 60, far._replace(pinned_addresses=HERE))
    assert periods(Said(0, k_root()), Said(NOW, far), near) == (Period(FROM, NOW + 60),)


def test_nothing_is_covered_before_the_platforms_terms_are_accepted_and_without_a_target() -> None:
    assert periods(terms_at=NOW) == (Period(NOW, UNTIL),)
    assert periods(terms_at=None) == ()
    assert periods(Said(NOW, k_root())) == (Period(NOW, UNTIL),)


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


@pytest.mark.acceptance("agreement.1")
@pytest.mark.acceptance("agreement.4")
@given(
    events=st.lists(st.tuples(st.integers(0, 40), st.sampled_from(sorted(EVENTS))), max_size=7), at=st.integers(-1, 42)
)
def test_whatever_the_gate_would_have_refused_is_outside_and_nothing_else(
    events: list[tuple[int, str]], at: int
) -> None:
    """As it was asked then, by what was known then; whatever else ran beside it is left out, and nothing more."""
    timeline = Timeline(sorted(events, key=lambda event: event[0]))
    covered = consent_periods(timeline.intent, timeline.facts())
    intent, consent, memorandum, surroundings, now = timeline.case(NOW + at)
    alone = decide(intent, consent, memorandum, surroundings, now)
    busy = surroundings._replace(
        credits_committed=10**9, packets_per_s_committed=surroundings.packets_per_s_committed + 9
    )
    beside_others = decide(intent, consent, memorandum, busy, now)

    assert is_inside(covered, now, None, is_clock_trusted=True) is alone.is_permitted
    assert not alone.is_permitted or beside_others.reason in OTHERS


def test_the_events_refuse_for_every_reason_that_may_come_up_while_something_runs() -> None:
    """So that none of them is forgotten among what the timelines are made of."""
    found = {decide(*Timeline([(1, name)]).case(NOW + at)).reason for name in EVENTS for at in (2, 12)}

    assert found >= {
        Reason.SUSPENDED, Reason.WITHDRAWN, Reason.SUPERSEDED, Reason.ENDS_AFTER_AGREEMENT, Reason.OTHER_TYPE,
        Reason.OTHER_PROBES, Reason.TOO_MANY_PROBES, Reason.TOO_OFTEN, Reason.OTHER_PUBLICITY, Reason.OWNER_OPTED_OUT,
        Reason.OWNER_NOT_ASKED, Reason.OWNER_CONSENT_OVER, Reason.OWNER_NOT_NOTIFIED, Reason.TYPE_NOT_ALLOWED_BY_OWNER,
        Reason.TARGET_DRIFTED, Reason.TARGET_NOT_REVIEWED, Reason.NETWORK_OPTED_OUT, Reason.ENDS_AFTER_MEMORANDUM,
        Reason.ENDS_AFTER_OWNER_CONSENT,
    }  # fmt: skip


def test_an_entry_says_since_when_its_owner_is_out() -> None:
    entry: CatalogueEntry = k_root(opted_out_at=NOW)
    assert [entry.has_opted_out(at) for at in (NOW - 1, NOW)] == [False, True]
    again = entry._replace(opted_in_at=NOW + 9, consent=Consent("letter", NOW, NOW + 20))
    assert [again.has_opted_out(at) for at in (NOW + 8, NOW + 9, NOW + 19, NOW + 20)] == [True, False, False, True]
    assert entry._replace(opted_in_at=NOW).has_opted_out(NOW), "without a consent it is a word and no more"
