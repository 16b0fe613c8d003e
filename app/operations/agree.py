"""Come to an agreement: draft a card, consult, submit, vote; suspend, resume and narrow what was agreed on.

Each is one act of a person in one unit of work, told to the audit in it. Raises `NotPermitted` where the person may
not, and `NotPossible` with a reason where the state of the agreement does not allow it.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from app.operations.acting import Acting, NotPermitted, require, require_role
from app.operations.served_activities import require_serves
from app.store import agreements as store
from measurements.agreements.agreement import Agreement, Cause, Choice, Consultation, Designations, Vote, effective
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.card import Card, digest
from measurements.agreements.narrowing import widenings
from measurements.agreements.parties import Party
from measurements.agreements.people import Act, Grounds
from measurements.agreements.transitions import Transition, newest, place_of_draft, refusal
from measurements.errors import NotFound, NotPossible
from measurements.units import iso


def open_agreement(acting: Acting, card: Card) -> int:
    """Begin an agreement with a draft of its card; gives its number."""
    person_id = _drafter(acting)
    require_serves(acting.connection, card)
    agreement_id = store.open_agreement(acting.connection, acting.now_at, person_id)
    store.draft_version(acting.connection, agreement_id, 1, card, acting.now_at, person_id)
    _note(acting, Done.CARD_DRAFTED, agreement_id, version=1, digest=digest(card))
    return agreement_id


def draft_card(acting: Acting, agreement_id: int, card: Card) -> int:
    """Put another card in the place of the draft, or after what was consulted about; gives the version's number."""
    person_id = _drafter(acting)
    agreement, _ = _possible(acting, agreement_id, Transition.DRAFT)
    require_serves(acting.connection, card)
    number, _ = place_of_draft(agreement)
    if any(one.number != number and one.card == card for one in agreement.versions):
        raise NotPossible("unchanged", "an earlier version has the same card")
    store.draft_version(acting.connection, agreement_id, number, card, acting.now_at, person_id)
    _note(acting, Done.CARD_DRAFTED, agreement_id, version=number, digest=digest(card))
    return number


def record_consultation(acting: Acting, agreement_id: int, consultation: Consultation) -> int:
    """Note that the newest version was discussed; gives its number."""
    _drafter(acting)
    agreement, _ = _possible(acting, agreement_id, Transition.CONSULT)
    if consultation.held_at > acting.now_at:
        raise NotPossible("in_the_future", "a consultation is recorded when it was held")
    number = newest(agreement).number
    if any(
        one.held_at == consultation.held_at and one.parties & consultation.parties
        for one in newest(agreement).consultations
    ):
        raise NotPossible("recorded", "a consultation of one of these parties at that instant is recorded already")
    store.add_consultation(acting.connection, agreement_id, number, consultation, acting.now_at)
    told = {"parties": sorted(consultation.parties), "held_at": iso(consultation.held_at), "shown": consultation.shown}
    _note(acting, Done.CONSULTATION_RECORDED, agreement_id, version=number, details=told)
    return number


def submit_version(acting: Acting, agreement_id: int) -> str:
    """Put the newest version before the parties; gives the digest that is voted on."""
    speaking(acting, Act.DECIDE)
    agreement, _ = _possible(acting, agreement_id, Transition.SUBMIT)
    version = newest(agreement)
    missing = frozenset(Party) - frozenset[Party]().union(*(one.parties for one in version.consultations))
    if missing:
        names = ", ".join(sorted(party.full_name for party in missing))
        raise NotPossible("not_consulted", f"not consulted about this version yet: {names}")
    store.submit_version(acting.connection, agreement_id, version.number, acting.now_at)
    _note(acting, Done.VERSION_SUBMITTED, agreement_id, version=version.number, digest=version.digest)
    return version.digest


def cast_vote(acting: Acting, agreement_id: int, of: str, choice: Choice, *, approves_publicity: bool) -> Vote:
    """Say what a party thinks of the digest that it was shown. A party votes once on a version."""
    party, designation_id = speaking(acting, Act.VOTE)
    agreement, _ = _possible(acting, agreement_id, Transition.VOTE)
    version = newest(agreement)
    if of != version.digest:
        raise NotPossible("other_digest", f"the version before the parties has the digest {version.digest}")
    if any(vote.party is party for vote in version.votes):
        raise NotPossible("voted", "this party has voted on this version; whoever thinks otherwise now withdraws")
    vote = Vote(party, of, choice, approves_publicity, designation_id, acting.now_at)
    store.add_vote(acting.connection, agreement_id, version.number, vote)
    told = {"choice": choice, "approves_publicity": approves_publicity}
    more = {"version": version.number, "digest": of, "details": told}
    _note(acting, Done.VOTE_CAST, agreement_id, **more)
    return vote


def suspend_agreement(acting: Acting, agreement_id: int, cause: Cause) -> None:
    """Have nothing measured under it until it is resumed."""
    _, designation_id = speaking(acting, Act.DECIDE)
    agreement, _ = _possible(acting, agreement_id, Transition.SUSPEND)
    _require_another_second(acting, (one.from_at for one in agreement.suspensions))
    store.suspend(acting.connection, agreement_id, cause, designation_id, acting.now_at)
    _note(acting, Done.AGREEMENT_SUSPENDED, agreement_id, reason=cause)


def resume_agreement(acting: Acting, agreement_id: int) -> None:
    """Go on with it."""
    speaking(acting, Act.DECIDE)
    _possible(acting, agreement_id, Transition.RESUME)
    store.resume(acting.connection, agreement_id, acting.now_at)
    _note(acting, Done.AGREEMENT_RESUMED, agreement_id)


def narrow_agreement(acting: Acting, agreement_id: int, card: Card) -> None:
    """Have less measured than was agreed on, without another vote, where the card says that a party may."""
    _, designation_id = speaking(acting, Act.DECIDE)
    agreement, designations = _possible(acting, agreement_id, Transition.NARROW)
    version = effective(agreement, designations, acting.now_at)
    if version is None or not version.card.may_be_narrowed:
        raise NotPossible("may_not_be_narrowed", "the card does not say that a party may narrow it")
    wider = widenings(card, version.card)
    if wider:
        raise NotPossible("not_narrower", f"it is wider or other in {', '.join(wider)}; that takes three votes")
    _require_another_second(acting, (one.at for one in agreement.narrowings))
    store.narrow(acting.connection, agreement_id, card, designation_id, acting.now_at)
    _note(acting, Done.AGREEMENT_NARROWED, agreement_id, digest=digest(card))


class Spoken(NamedTuple):
    """For whom somebody speaks, and by which designation."""

    party: Party
    designation_id: int


def speaking(acting: Acting, act: Act) -> Spoken:
    """For whom whoever acts speaks. Raises `NotPermitted` for whoever speaks for nobody, or not any more."""
    party, designation_id = acting.caller.person.party, acting.caller.designation_id
    if party is None:
        require_role(acting.caller, act)
        raise NotPermitted(act, Grounds.ROLE_MAY_NOT)
    require(acting, act, party=party)
    if designation_id is None:
        raise NotPermitted(act, Grounds.NOT_DESIGNATED)
    return Spoken(party, designation_id)


def require_agreement(acting: Acting, agreement_id: int) -> Agreement:
    """An agreement that is there."""
    agreement = store.find_agreement(acting.connection, agreement_id)
    if agreement is None:
        raise NotFound(f"There is no agreement {agreement_id}.")
    return agreement


def _possible(acting: Acting, agreement_id: int, transition: Transition) -> tuple[Agreement, Designations]:
    agreement, designations = require_agreement(acting, agreement_id), store.find_designations(acting.connection)
    why = refusal(transition, agreement, designations, acting.now_at)
    if why is not None:
        raise NotPossible(why, why.explanation)
    return agreement, designations


def _require_another_second(acting: Acting, those: Iterable[int]) -> None:
    """What is known by its second happens once in it."""
    if acting.now_at in those:
        raise NotPossible("too_soon", "the same was done in this very second; ask once more")


def _drafter(acting: Acting) -> int:
    """Who drafts: a person that is known, since a card has somebody who wrote it."""
    require_role(acting.caller, Act.DRAFT_AGREEMENT)
    if acting.person_id is None:
        raise NotPermitted(Act.DRAFT_AGREEMENT, Grounds.KEY_MISSING)
    return acting.person_id


def _note(acting: Acting, done: Done, agreement_id: int, **more: Any) -> None:
    acting.note(done, SubjectKind.AGREEMENT, agreement_id, **more)
