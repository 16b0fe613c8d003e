"""The gate as time goes on: designations end, suspensions end, cards become narrower and newer."""

from typing import Any

from measurements.agreements.agreement import Cause, Narrowing, Suspension
from measurements.agreements.gate import Case, Consent, decide
from measurements.agreements.intent import trimmed
from measurements.agreements.parties import Party
from measurements.agreements.reasons import Reason
from measurements.agreements.scope import Finding, Ground
from measurements.units import DAY_S
from tests.measurements.agreements.making import (
    DESIGNATIONS,
    NOW,
    make_card,
    make_consent,
    make_intent,
    make_memorandum,
    make_surroundings,
    make_version,
)

OUT_OF_SCOPE, IN_SCOPE = Finding((), frozenset()), Finding((Ground.SOURCE_COUNTRY,), frozenset())
OF_READING = {Reason.OUT_OF_SCOPE, Reason.READING_AGREED, Reason.READING_NOT_AGREED}

LAST = Party.TOJIKTELECOM


def case(**changes: Any) -> Case:
    """What is permitted, with one thing changed."""
    permitted = Case(make_intent(), make_consent(), make_memorandum(), make_surroundings(), NOW)
    return permitted._replace(**changes)


def test_an_agreement_that_was_made_holds_although_a_designation_ends_later() -> None:
    """Running campaigns go on; what freezes is change."""
    ended = {number: one._replace(until_at=NOW - 1) for number, one in DESIGNATIONS.items()}

    assert decide(*case(consent=Consent(make_consent().agreement, ended))).is_permitted


def test_a_suspension_ends() -> None:
    over = Suspension(Cause.RESOURCES, LAST, NOW - DAY_S, NOW)

    assert decide(*case(consent=make_consent(suspensions=(over,)))).is_permitted


def test_a_narrower_card_holds_as_well_as_the_one_that_was_agreed_on() -> None:
    narrower = Narrowing(make_card(max_probes=10), LAST, NOW)
    consent = make_consent(narrowings=(narrower,))

    assert decide(*case(consent=consent)).reason is Reason.TOO_MANY_PROBES
    assert decide(
        *case(consent=consent, intent=make_intent(selections=trimmed(make_card().selections, 10)))
    ).is_permitted
    assert decide(*case(consent=make_consent(narrowings=(narrower._replace(at=NOW + 1),)))).is_permitted


def test_the_newest_version_that_was_agreed_holds_and_not_one_that_is_still_talked_about() -> None:
    talked_about = make_version(make_card(purpose="other"), number=2, submitted_at=None, votes=())

    assert decide(*case(consent=make_consent(versions=(make_version(), talked_about)))).is_permitted
