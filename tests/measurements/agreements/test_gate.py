"""The gate refuses by default: one thing wrong at a time, and each has its own reason."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from measurements.agreements.agreement import Cause, Choice, Suspension, Withdrawal
from measurements.agreements.card import Allowed, Selected, digest
from measurements.agreements.catalogue import Consent as OwnersConsent
from measurements.agreements.catalogue import Publicness
from measurements.agreements.gate import Case, Consent, ReadingPolicy, decide, explained, objections
from measurements.agreements.parties import Party
from measurements.agreements.reasons import Reason
from measurements.agreements.scope import Finding, Ground
from measurements.agreements.term import State
from measurements.campaigns.limits import Limit
from measurements.units import DAY_S
from tests.measurements.agreements.making import (
    CARD,
    DESIGNATIONS,
    NOW,
    SUBMITTED_AT,
    make_card,
    make_consent,
    make_entry,
    make_intent,
    make_memorandum,
    make_surroundings,
    make_version,
    vote,
)

OUT_OF_SCOPE, IN_SCOPE = Finding((), frozenset()), Finding((Ground.SOURCE_COUNTRY,), frozenset())
OF_READING = {Reason.OUT_OF_SCOPE, Reason.READING_AGREED, Reason.READING_NOT_AGREED}


def case(**changes: Any) -> Case:
    """What is permitted, with one thing changed."""
    permitted = Case(make_intent(), make_consent(), make_memorandum(), make_surroundings(), NOW)
    return permitted._replace(**changes)


def test_what_the_three_agreed_to_is_permitted() -> None:
    decision = decide(*case())

    assert decision == (True, Reason.AGREED, digest(make_card()), NOW)


EVERYBODY = frozenset(Party)
ALLOWED = ReadingPolicy(is_allowed=True, approvals=EVERYBODY, agreed_at=NOW)


def intending(**changes: Any) -> dict[str, Any]:
    return {"intent": make_intent(**changes)}


def measuring(**changes: Any) -> dict[str, Any]:
    entry = CARD["measurements"][0] | changes
    return {"intent": make_intent(allowed=Allowed.model_validate(entry))}


def voting(*votes: Any) -> dict[str, Any]:
    return {"consent": make_consent(make_version(votes=votes))}


def entering(**changes: Any) -> dict[str, Any]:
    return {"surroundings": make_surroundings(target=make_entry(**changes))}


def standing_beside(**changes: Any) -> dict[str, Any]:
    return {"surroundings": make_surroundings(beside=(make_entry(name="193.0.14.129", **changes),))}


def consented(from_at: int, until_at: int | None) -> dict[str, Any]:
    consent = OwnersConsent("mail", from_at, until_at)
    return entering(publicness=Publicness.BY_CONSENT, owner_party=None, consent=consent)


def serving_the_public(**changes: Any) -> dict[str, Any]:
    return entering(publicness=Publicness.PUBLIC_SERVICE, owner_party=None, **changes)


def standing_at(state: State) -> dict[str, Any]:
    return {"memorandum": make_memorandum(state=state)}


FIRST_TWO = tuple(vote(party, make_card()) for party in list(Party)[:2])
LAST = Party.TOJIKTELECOM
SECRET = make_card(is_public=False)

REFUSALS: Mapping[str, tuple[Reason, dict[str, Any]]] = {
    "a signature is missing": (Reason.MEMORANDUM_NOT_IN_FORCE, standing_at(State.NOT_IN_FORCE)),
    "notice was given": (Reason.MEMORANDUM_ENDED, standing_at(State.ENDED)),
    "nobody confirmed the extension": (Reason.EXTENSION_UNCONFIRMED, standing_at(State.EXTENSION_UNCONFIRMED)),
    "nobody ruled on the notice": (Reason.NOTICE_AMBIGUOUS, standing_at(State.NOTICE_AMBIGUOUS)),
    "it would never end": (Reason.NO_END, intending(stop_at=None)),
    "it would outlive the memorandum": (
        Reason.ENDS_AFTER_MEMORANDUM,
        intending(stop_at=make_memorandum().stop_at + 1),
    ),
    "it cites no agreement": (Reason.NO_AGREEMENT, {"consent": None}),
    "it was not submitted": (
        Reason.NOT_SUBMITTED,
        {"consent": make_consent(make_version(submitted_at=None, votes=()))},
    ),
    "two of three approved": (Reason.VOTES_MISSING, voting(*FIRST_TWO)),
    "nobody was consulted": (Reason.VOTES_MISSING, {"consent": make_consent(make_version(consultations=()))}),
    "a vote is on another digest": (Reason.VOTES_MISSING, voting(*FIRST_TWO, vote(LAST, SECRET))),
    "a vote came before submission": (
        Reason.VOTES_MISSING,
        voting(*FIRST_TWO, vote(LAST, make_card(), cast_at=SUBMITTED_AT - 1)),
    ),
    "a vote was cast for another party": (
        Reason.VOTES_MISSING,
        voting(*FIRST_TWO, vote(LAST, make_card(), designation_id=1)),
    ),
    "a vote was cast by nobody known": (
        Reason.VOTES_MISSING,
        voting(*FIRST_TWO, vote(LAST, make_card(), designation_id=9)),
    ),
    "a vote lies ahead": (Reason.VOTES_MISSING, voting(*FIRST_TWO, vote(LAST, make_card(), cast_at=NOW + 1))),
    "one party voted twice": (Reason.VOTES_MISSING, voting(*FIRST_TWO, FIRST_TWO[0])),
    "its designation had ended": (
        Reason.VOTES_MISSING,
        {
            "consent": Consent(
                make_consent().agreement, DESIGNATIONS | {3: DESIGNATIONS[3]._replace(until_at=SUBMITTED_AT + DAY_S)}
            )
        },
    ),
    "a party asked for changes": (
        Reason.CHANGES_REQUESTED,
        voting(*FIRST_TWO, vote(LAST, make_card(), Choice.REQUEST_CHANGES)),
    ),
    "a party declined": (Reason.DECLINED, voting(*FIRST_TWO, vote(LAST, make_card(), Choice.DECLINE))),
    "it is suspended": (
        Reason.SUSPENDED,
        {"consent": make_consent(suspensions=(Suspension(Cause.DISPUTE, LAST, NOW, None),))},
    ),
    "a party withdrew": (Reason.WITHDRAWN, {"consent": make_consent(withdrawals=(Withdrawal(LAST, NOW),))}),
    "its time is over": (Reason.EXPIRED, {"now": make_card().until_at}),
    "it cites an older version": (
        Reason.SUPERSEDED,
        {"consent": make_consent(versions=(make_version(), make_version(make_card(purpose="other"), number=2)))},
    ),
    "it cites something else": (Reason.OTHER_DIGEST, intending(digest="0" * 64)),
    "publicity has no approval of its own": (
        Reason.PUBLICITY_NOT_APPROVED,
        voting(*FIRST_TWO, vote(LAST, make_card(), approves_publicity=False)),
    ),
    "it would begin too early": (Reason.BEGINS_BEFORE_AGREEMENT, intending(start_at=make_card().from_at - 1)),
    "it would end too late": (Reason.ENDS_AFTER_AGREEMENT, intending(stop_at=make_card().until_at + 1)),
    "another target": (Reason.OTHER_TARGET, measuring(target="193.0.9.117")),
    "another type": (Reason.OTHER_TYPE, measuring(type="dns", parameters={"query_type": "SOA", "query_argument": "."})),
    "another address family": (Reason.OTHER_ADDRESS_FAMILY, measuring(address_family=6)),
    "other parameters": (Reason.OTHER_PARAMETERS, measuring(parameters={"packets": 4})),
    "more often": (Reason.TOO_OFTEN, measuring(interval_s=239)),
    "a one-off where rounds were agreed": (Reason.TOO_OFTEN, measuring(interval_s=None)),
    "other probes": (
        Reason.OTHER_PROBES,
        intending(selections=(Selected.model_validate({"by": "country", "value": "UZ", "requested": 1}),)),
    ),
    "probes that nobody knows": (
        Reason.PROBES_UNKNOWN,
        intending(selections=(Selected.model_validate({"by": "probes", "value": "7", "requested": 1}),)),
    ),
    "too many probes": (Reason.TOO_MANY_PROBES, intending(selections=make_card().selections * 2)),
    "too many credits": (
        Reason.TOO_MANY_CREDITS,
        {"surroundings": make_surroundings(credits_committed=10_000_001 - make_intent().credits)},
    ),
    "too many packets": (
        Reason.TOO_MANY_PACKETS,
        {"surroundings": make_surroundings(packets_per_s_committed=Decimal("0.2501"))},
    ),
    "not as public as agreed": (Reason.OTHER_PUBLICITY, intending(is_public=False)),
    "what was agreed for practice only": (
        Reason.ONLY_PRACTICE,
        {"surroundings": make_surroundings(is_only_practice=True)},
    ),
    "nobody accepted the platform's terms": (
        Reason.TERMS_NOT_ACCEPTED,
        {"surroundings": make_surroundings(are_terms_accepted=False)},
    ),
    "a target that is in no catalogue": (Reason.TARGET_UNKNOWN, {"surroundings": make_surroundings(target=None)}),
    "its owner opted out": (Reason.OWNER_OPTED_OUT, entering(opted_out_at=NOW)),
    "its owner opted out by another name": (Reason.OWNER_OPTED_OUT, standing_beside(opted_out_at=NOW)),
    "its owner takes less by another name": (
        Reason.TOO_MANY_PACKETS_FOR_OWNER,
        standing_beside(max_packets_per_s=Decimal("0.1")),
    ),
    "its owner was not asked": (
        Reason.OWNER_NOT_ASKED,
        entering(publicness=Publicness.BY_CONSENT, owner_party=None),
    ),
    "its owner's consent is over": (Reason.OWNER_CONSENT_OVER, consented(0, NOW)),
    "its owner's consent has not begun": (Reason.OWNER_CONSENT_OVER, consented(NOW + 1, None)),
    "it would outlast its owner's consent": (Reason.ENDS_AFTER_OWNER_CONSENT, consented(0, NOW + 30 * DAY_S - 1)),
    "the owner of a public service was not told": (Reason.OWNER_NOT_NOTIFIED, serving_the_public()),
    "the owner of a public service will be told": (Reason.OWNER_NOT_NOTIFIED, serving_the_public(notified_at=NOW + 1)),
    "a network in the place of a target": (Reason.TARGET_UNKNOWN, entering(name="as24722")),
    "nobody said where its name leads": (
        Reason.TARGET_NOT_PINNED,
        entering(name="ns1.nic.tj", pinned_addresses=frozenset()),
    ),
    "its entry allows other types": (Reason.TYPE_NOT_ALLOWED_BY_OWNER, entering(allowed_types=frozenset({"dns"}))),
    "its name leads elsewhere": (Reason.TARGET_DRIFTED, entering(drifted_at=NOW)),
    "nobody looked at its entry": (Reason.TARGET_NOT_REVIEWED, entering(review_at=NOW)),
    "too many packets for its owner": (Reason.TOO_MANY_PACKETS_FOR_OWNER, entering(max_packets_per_s=Decimal("0.249"))),
    "an operator in the country wants no probes asked": (
        Reason.NETWORK_OPTED_OUT,
        {"surroundings": make_surroundings(networks=(make_entry(name="as24722", is_tajik=True, opted_out_at=NOW),))},
    ),
    **{
        f"its campaign says {reason}": (reason, {"surroundings": make_surroundings(campaign=reason)})
        for reason in Reason
        if reason.startswith("campaign_")
    },
    "whoever asked for it does not want it any more": (
        Reason.REQUEST_CANCELLED,
        {"surroundings": make_surroundings(is_called_off=True)},
    ),
    **{
        f"it would exceed: {reason}": (reason, {"surroundings": make_surroundings(exceeded={reason: "2 of 1."})})
        for reason in (Reason.OVER_BUDGET, *(one.reason for one in Limit))
    },
}


@pytest.mark.acceptance("agreement.1")
@pytest.mark.parametrize("name", REFUSALS)
def test_it_refuses_and_says_why(name: str) -> None:
    reason, changes = REFUSALS[name]

    decision = decide(*case(**changes))

    assert (decision.is_permitted, decision.reason) == (False, reason)


@pytest.mark.acceptance("agreement.1")
def test_every_refusal_has_a_test_and_an_explanation() -> None:
    refused = {reason for reason, _ in REFUSALS.values()}

    assert refused == set(Reason) - {Reason.AGREED} - OF_READING
    assert len({reason.explanation for reason in Reason}) == len(Reason)


def test_a_limit_is_told_with_its_figures() -> None:
    beside = case(surroundings=make_surroundings(exceeded={Reason.TOO_MANY_AT_ONCE: "101 of 100."}))

    assert explained(beside, Reason.TOO_MANY_AT_ONCE) == f"{Reason.TOO_MANY_AT_ONCE.explanation} 101 of 100."
    assert explained(beside, Reason.NO_END) == Reason.NO_END.explanation


@pytest.mark.parametrize(
    "changes",
    [
        consented(NOW, NOW + 30 * DAY_S),
        consented(0, None),
        serving_the_public(notified_at=NOW),
        entering(name="ns1.nic.tj"),
        entering(publicness=Publicness.BY_CONSENT),
        entering(publicness=Publicness.PUBLIC_SERVICE),
        entering(name="193.0.9.117", pinned_addresses=frozenset()),
    ],
)
def test_a_target_is_measured_with_its_owners_word_or_where_none_is_needed(changes: dict[str, Any]) -> None:
    """To the last second of the consent; a party's vote is its word, and an address leads nowhere else."""
    assert decide(*case(**changes)).is_permitted


def test_everything_that_speaks_against_it_is_told() -> None:
    wrong = case(
        intent=make_intent(stop_at=None, selections=make_card().selections * 2),
        surroundings=make_surroundings(target=make_entry(opted_out_at=NOW)),
    )

    assert list(objections(wrong)) == [Reason.NO_END, Reason.TOO_MANY_PROBES, Reason.OWNER_OPTED_OUT]
