"""Come to an agreement: draft a card, consult, submit, vote; suspend, resume and narrow what was agreed on.

Every act is one unit of work. Who acts is a person of a party, designated at that time where the party is to be spoken
for. Raises `NotPossible` with a reason where the state of the agreement does not allow it.
"""

from typing import NamedTuple

from sqlalchemy import Connection

from app.store import agreements as store
from measurements.agreements.agreement import Agreement, Cause, Choice, Consultation, Designations, Vote, effective
from measurements.agreements.card import Card
from measurements.agreements.narrowing import widenings
from measurements.agreements.parties import Designation, Party, speaking_for
from measurements.agreements.transitions import Transition, newest, place_of_draft, refusal
from measurements.errors import NotFound, NotPossible


class Representative(NamedTuple):
    """Who acts, and for whom."""

    person_id: int
    party: Party


def open_agreement(connection: Connection, card: Card, person_id: int, now: int) -> int:
    """Begin an agreement with a draft of its card; gives its number."""
    agreement_id = store.open_agreement(connection, now, person_id)
    store.draft_version(connection, agreement_id, 1, card, now, person_id)
    return agreement_id


def draft_card(connection: Connection, agreement_id: int, card: Card, person_id: int, now: int) -> int:
    """Put another card in the place of the draft, or after what was consulted about; gives the version's number."""
    agreement, _ = _possible(connection, agreement_id, Transition.DRAFT, now)
    number, _ = place_of_draft(agreement)
    if any(one.number != number and one.card == card for one in agreement.versions):
        raise NotPossible("unchanged", "an earlier version has the same card")
    store.draft_version(connection, agreement_id, number, card, now, person_id)
    return number


def record_consultation(connection: Connection, agreement_id: int, consultation: Consultation, now: int) -> int:
    """Note that the newest version was discussed; gives its number."""
    agreement, _ = _possible(connection, agreement_id, Transition.CONSULT, now)
    if consultation.held_at > now:
        raise NotPossible("in_the_future", "a consultation is recorded when it was held")
    number = newest(agreement).number
    store.add_consultation(connection, agreement_id, number, consultation, now)
    return number


def submit_version(connection: Connection, agreement_id: int, now: int) -> str:
    """Put the newest version before the parties; gives the digest that is voted on."""
    agreement, _ = _possible(connection, agreement_id, Transition.SUBMIT, now)
    version = newest(agreement)
    missing = frozenset(Party) - frozenset[Party]().union(*(one.parties for one in version.consultations))
    if missing:
        names = ", ".join(sorted(party.full_name for party in missing))
        raise NotPossible("not_consulted", f"not consulted about this version yet: {names}")
    store.submit_version(connection, agreement_id, version.number, now)
    return version.digest


def cast_vote(
    connection: Connection,
    agreement_id: int,
    who: Representative,
    digest: str,
    choice: Choice,
    *,
    approves_publicity: bool,
    now: int,
) -> Vote:
    """Say what a party thinks of the digest that it was shown. A party votes once on a version."""
    agreement, designations = _possible(connection, agreement_id, Transition.VOTE, now)
    version = newest(agreement)
    if digest != version.digest:
        raise NotPossible("other_digest", f"the version before the parties has the digest {version.digest}")
    if any(vote.party is who.party for vote in version.votes):
        raise NotPossible("voted", "this party has voted on this version; whoever thinks otherwise now withdraws")
    designation = designated(designations, who, now)
    vote = Vote(who.party, digest, choice, approves_publicity, designation.designation_id, now)
    store.add_vote(connection, agreement_id, version.number, vote)
    return vote


def suspend_agreement(connection: Connection, agreement_id: int, who: Representative, cause: Cause, now: int) -> None:
    """Have nothing measured under it until it is resumed."""
    _, designations = _possible(connection, agreement_id, Transition.SUSPEND, now)
    store.suspend(connection, agreement_id, cause, designated(designations, who, now).designation_id, now)


def resume_agreement(connection: Connection, agreement_id: int, who: Representative, now: int) -> None:
    """Go on with it."""
    _, designations = _possible(connection, agreement_id, Transition.RESUME, now)
    designated(designations, who, now)
    store.resume(connection, agreement_id, now)


def narrow_agreement(connection: Connection, agreement_id: int, who: Representative, card: Card, now: int) -> None:
    """Have less measured than was agreed on, without another vote, where the card says that a party may."""
    agreement, designations = _possible(connection, agreement_id, Transition.NARROW, now)
    version = effective(agreement, designations, now)
    if version is None or not version.card.may_be_narrowed:
        raise NotPossible("may_not_be_narrowed", "the card does not say that a party may narrow it")
    wider = widenings(card, version.card)
    if wider:
        raise NotPossible("not_narrower", f"it is wider or other in {', '.join(wider)}; that takes three votes")
    store.narrow(connection, agreement_id, card, designated(designations, who, now).designation_id, now)


def designated(designations: Designations, who: Representative, now: int) -> Designation:
    """The designation by which a person speaks for a party now."""
    for one in speaking_for(designations.values(), who.party, now):
        if one.person_id == who.person_id:
            return one
    raise NotPossible("not_designated", f"{who.party.full_name} has not designated this person, or not any more")


def require_agreement(connection: Connection, agreement_id: int) -> Agreement:
    """An agreement that is there."""
    agreement = store.find_agreement(connection, agreement_id)
    if agreement is None:
        raise NotFound(f"There is no agreement {agreement_id}.")
    return agreement


def _possible(connection: Connection, agreement_id: int, act: Transition, now: int) -> tuple[Agreement, Designations]:
    agreement, designations = require_agreement(connection, agreement_id), store.find_designations(connection)
    why = refusal(act, agreement, designations, now)
    if why is not None:
        raise NotPossible(why, why.explanation)
    return agreement, designations
