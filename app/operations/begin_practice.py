"""Begin to practise: demonstration representatives agree on a card, in a database that never becomes a real one.

They go the whole way that real ones go, act by act, so that the audit of a practice reads like any other. Nobody gets
a key to speak for them, and everything about them says that they speak for nobody.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from app.operations.acting import Acting
from app.operations.add_person import add_person
from app.operations.agree import cast_vote, open_agreement, record_consultation, submit_version
from app.operations.designate import designate
from app.operations.keep_catalogue import put_target
from app.operations.keep_memorandum import confirm_no_notice, find_standing, record_signature
from app.store import practice as store
from app.store.people import list_people
from measurements.agreements.agreement import Choice, Consultation
from measurements.agreements.card import Card
from measurements.agreements.catalogue import CatalogueEntry
from measurements.agreements.parties import Duty, Party
from measurements.agreements.people import Caller, Role, usable_scopes
from measurements.agreements.term import Outlook
from measurements.errors import NotPossible
from measurements.results.outcome import Label

NAME = "Demonstration representative of {}"
CONTACT = "nobody: this is a rehearsal"
ACT = "none: nobody designated anybody, this is a rehearsal"
SHOWN = "the demonstration card, by Rasad itself"
SIGNED_ON = date(2026, 3, 2)
"""Of the memorandum, as far as the practice is concerned."""


class Begun(NamedTuple):
    """A practice: its agreement, and who speaks in it."""

    agreement_id: int
    representatives: dict[Party, Caller]


def begin_practice(acting: Acting, label: Label, targets: Iterable[CatalogueEntry], card: Card) -> Begun:
    """Have three demonstration representatives agree on a card, in one unit of work.

    Raises `NotPossible` unless a rehearsal is what would be asked, and the database is empty of people.
    """
    if label is not Label.REHEARSED:
        raise NotPossible("not_a_rehearsal", "nothing is agreed automatically where RIPE Atlas itself is asked")
    if list_people(acting.connection):
        raise NotPossible("not_empty", "this database has people in it: practice has a database of its own")
    store.begin_practice(acting.connection, acting.now_at)
    people = {party: _designated(acting, party) for party in Party}
    spoken = {party: acting._replace(caller=caller) for party, caller in people.items()}
    for party, one in spoken.items():
        record_signature(one, party, SIGNED_ON)
    first = spoken[Party.RIPE_NCC]
    _extend(first)
    for target in targets:
        put_target(spoken[target.owner_party or Party.RIPE_NCC], target)
    agreement_id = open_agreement(first, card)
    record_consultation(first, agreement_id, Consultation(acting.now_at, frozenset(Party), SHOWN, ""))
    digest = submit_version(first, agreement_id)
    for one in spoken.values():
        cast_vote(one, agreement_id, digest, Choice.APPROVE, approves_publicity=card.is_public)
    return Begun(agreement_id, people)


def _designated(acting: Acting, party: Party) -> Caller:
    person = add_person(
        acting, name=NAME.format(party.full_name), contact=CONTACT, party=party, role=Role.REPRESENTATIVE
    )
    made = designate(acting, person_id=person.person_id, duties=frozenset(Duty), act=ACT, from_at=None, until_at=None)
    return Caller(person, usable_scopes(Role.REPRESENTATIVE), made.designation_id)


def _extend(acting: Acting) -> None:
    """Confirm that nobody gave notice, where the last day for it is over."""
    if find_standing(acting.connection, acting.now_at).outlook is Outlook.UNCONFIRMED:
        confirm_no_notice(acting)
