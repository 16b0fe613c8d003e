"""Agreements as they are told: how each stands, what was agreed on and by whom, and what may be done to it now."""

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import Connection

from app.operations.acting import Acting, require_role
from app.operations.agree import require_agreement
from app.operations.designate import ETAG_CHARACTERS, ChangedMeanwhile
from app.operations.list_people import Page
from app.operations.served_activities import served_activity
from app.store.agreements import find_agreements, find_designations
from app.store.people import find_people
from measurements.agreements.agreement import (
    Agreement,
    Consultation,
    Designations,
    State,
    Version,
    Vote,
    effective,
    state_of,
    version_state,
)
from measurements.agreements.card import Card, canonical_form, digest
from measurements.agreements.parties import Party
from measurements.agreements.people import Act, Person
from measurements.agreements.transitions import Transition, newest, refusal
from measurements.canonical import digest_of
from measurements.units import iso

People = dict[int, Person]
"""By their number."""


def agreement_entries(acting: Acting) -> list[dict[str, Any]]:
    """All agreements, a line each."""
    return agreement_page(acting, limit=None).entries


def agreement_page(
    acting: Acting, *, state: State | None = None, after: int | None = None, limit: int | None = 100
) -> Page:
    """One page of the agreements in order of their number, a line each: all, or those that stand like this now."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    designations, now = find_designations(acting.connection), acting.now_at
    behind = (one for one in find_agreements(acting.connection) if after is None or one.agreement_id > after)
    found = [one for one in behind if state in (None, state_of(one, designations, now))]
    shown = found[:limit]
    entries = [_entry(one, designations, now) for one in shown]
    return Page(entries, shown[-1].agreement_id if len(found) > len(shown) else None)


def agreement_entry(acting: Acting, agreement_id: int) -> dict[str, Any]:
    """One agreement with its versions, votes, and what may be done to it now. Raises `NotFound`."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    now = acting.now_at
    agreement, designations = require_agreement(acting, agreement_id), find_designations(acting.connection)
    people = find_people(acting.connection, (one.person_id for one in designations.values()))
    refusals = {act: refusal(act, agreement, designations, now) for act in Transition}
    return {
        **_entry(agreement, designations, now),
        "activity": activity_of(acting.connection, agreement, designations, now),
        "versions": [_version(one, designations, people, now) for one in agreement.versions],
        "suspensions": [
            {"cause": one.cause, "party": one.party, "from_at": iso(one.from_at), "until_at": _moment(one.until_at)}
            for one in agreement.suspensions
        ],
        "withdrawals": [{"party": one.party, "withdrawn_at": iso(one.at)} for one in agreement.withdrawals],
        "narrowings": [
            {"party": one.party, "narrowed_at": iso(one.at), "digest": digest(one.card), "card": _card(one.card)}
            for one in agreement.narrowings
        ],
        "possible": [act.value for act, why in refusals.items() if why is None],
        "not_possible": {act.value: why.explanation for act, why in refusals.items() if why is not None},
    }


def activity_of(
    connection: Connection, agreement: Agreement, designations: Designations, now: int
) -> dict[str, Any] | None:
    """What it serves, by the card that is in force, or by the newest one."""
    version = effective(agreement, designations, now) or newest(agreement)
    return served_activity(connection, version.card.activity_id)


def change_entry(acting: Acting, agreement_id: int) -> dict[str, Any]:
    """How an agreement stands after an act: what whoever acted may know of it, and needs to go on."""
    agreement, designations = require_agreement(acting, agreement_id), find_designations(acting.connection)
    version = newest(agreement)
    return {
        "agreement_id": agreement_id,
        "state": state_of(agreement, designations, acting.now_at),
        "version": version.number,
        "version_state": version_state(version, designations, acting.now_at),
        "digest": version.digest,
        "etag": etag_of(agreement),
    }


def checked_card(card: Card) -> dict[str, Any]:
    """What the parties would vote on, were it submitted."""
    form = canonical_form(card).decode()
    return {"digest": digest(card), "canonical_form": form, "card": _card(card)}


def require_unchanged(acting: Acting, agreement_id: int, etags: Collection[str] | None) -> None:
    """Raise `ChangedMeanwhile` unless an agreement is as the caller knows it; None where it need not be."""
    if etags is not None and etag_of(require_agreement(acting, agreement_id)) not in etags:
        raise ChangedMeanwhile(f"Agreement {agreement_id} was changed meanwhile; read it again.")


def etag_of(agreement: Agreement) -> str:
    """A word that is another one after everything that is done to it (RFC 9110, 8.8.3), with its quotes."""
    facts = orjson.loads(orjson.dumps(agreement, default=_plain))
    return f'"{digest_of({"facts": facts})[:ETAG_CHARACTERS]}"'


def _plain(fact: object) -> object:
    """Facts as JSON has them."""
    if isinstance(fact, Card):
        return digest(fact)
    if isinstance(fact, frozenset):
        return sorted(fact)
    if isinstance(fact, tuple):
        return list(fact)
    raise TypeError(f"{type(fact)} is no fact of an agreement")


def _entry(agreement: Agreement, designations: Designations, now: int) -> dict[str, Any]:
    version = effective(agreement, designations, now) or newest(agreement)
    return {
        "agreement_id": agreement.agreement_id,
        "state": state_of(agreement, designations, now),
        "title": version.card.title,
        "version": version.number,
        "digest": version.digest,
        "starts_at": iso(version.card.from_at),
        "ends_at": iso(version.card.until_at),
        "n_votes": len(version.votes),
        "etag": etag_of(agreement),
    }


def _version(version: Version, designations: Designations, people: People, now: int) -> dict[str, Any]:
    votes = {vote.party: _vote(vote, designations, people) for vote in version.votes}
    return {
        "number": version.number,
        "state": version_state(version, designations, now),
        "digest": version.digest,
        "submitted_at": _moment(version.submitted_at),
        "consulted": sorted(frozenset[Party]().union(*(one.parties for one in version.consultations))),
        "consultations": [_consultation(one) for one in version.consultations],
        "votes": {party.value: votes.get(party) for party in Party},
        "card": _card(version.card),
    }


def _consultation(talks: Consultation) -> dict[str, Any]:
    told = {"held_at": iso(talks.held_at), "parties": sorted(talks.parties)}
    return {**told, "shown": talks.shown, "comments": talks.comments}


def _vote(vote: Vote, designations: Designations, people: People) -> dict[str, Any]:
    designation = designations.get(vote.designation_id)
    person = None if designation is None else people.get(designation.person_id)
    return {
        "choice": vote.choice,
        "digest": vote.digest,
        "approves_publicity": vote.approves_publicity,
        "designation_id": vote.designation_id,
        "person_id": person and person.person_id,
        "name": person and person.name,
        "cast_at": iso(vote.cast_at),
    }


def _card(card: Card) -> dict[str, Any]:
    return card.model_dump(mode="json")


def _moment(at: int | None) -> str | None:
    return None if at is None else iso(at)
