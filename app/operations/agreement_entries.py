"""Agreements as they are told: how each stands, what was agreed on, and why something may or may not happen."""

from typing import Any

from sqlalchemy import Connection

from app.operations.acting import Acting, require_role
from app.operations.agree import require_agreement
from app.operations.keep_memorandum import find_standing
from app.operations.send_dispatches import case_of
from app.operations.served_activities import served_activity
from app.store.agreements import find_agreements, find_designations
from app.store.dispatches import Dispatch, find_dispatches
from measurements.agreements.agreement import Agreement, Designations, Version, effective, state_of, version_state
from measurements.agreements.gate import cautions, decide, objections
from measurements.agreements.parties import Party
from measurements.agreements.people import Act
from measurements.agreements.transitions import Transition, newest, refusal
from measurements.units import iso


def agreement_entries(acting: Acting) -> list[dict[str, Any]]:
    """All agreements, a line each."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    designations = find_designations(acting.connection)
    return [_entry(one, designations, acting.now_at) for one in find_agreements(acting.connection)]


def agreement_entry(acting: Acting, agreement_id: int) -> dict[str, Any]:
    """One agreement with its versions, votes, and what may be done to it now. Raises `NotFound`."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    now = acting.now_at
    agreement, designations = require_agreement(acting, agreement_id), find_designations(acting.connection)
    refusals = {act: refusal(act, agreement, designations, now) for act in Transition}
    return {
        **_entry(agreement, designations, now),
        "activity": _activity(acting.connection, agreement, designations, now),
        "versions": [_version(one, designations, now) for one in agreement.versions],
        "suspensions": [
            {"cause": one.cause, "party": one.party, "from_at": iso(one.from_at), "until_at": _moment(one.until_at)}
            for one in agreement.suspensions
        ],
        "withdrawals": [{"party": one.party, "withdrawn_at": iso(one.at)} for one in agreement.withdrawals],
        "narrowings": [{"party": one.party, "narrowed_at": iso(one.at)} for one in agreement.narrowings],
        "possible": [act.value for act, why in refusals.items() if why is None],
        "not_possible": {act.value: why.explanation for act, why in refusals.items() if why is not None},
    }


def decision_entries(acting: Acting, agreement_id: int) -> dict[str, Any]:
    """Why the dispatches of an agreement may go on or not, if they were decided about now. Raises `NotFound`."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    agreement = require_agreement(acting, agreement_id)
    connection, now = acting.connection, acting.now_at
    memorandum = find_standing(connection, now)
    return {
        "agreement_id": agreement_id,
        "memorandum": {
            "state": memorandum.state,
            "outlook": memorandum.outlook,
            "ends_on": memorandum.term.ends_on.isoformat(),
        },
        "activity": _activity(connection, agreement, find_designations(connection), now),
        "dispatches": [_decided(connection, one, now) for one in find_dispatches(connection, agreement_id)],
    }


def _activity(
    connection: Connection, agreement: Agreement, designations: Designations, now: int
) -> dict[str, Any] | None:
    """What it serves, by the card that is in force, or by the newest one."""
    version = effective(agreement, designations, now) or newest(agreement)
    return served_activity(connection, version.card.activity_id)


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
    }


def _version(version: Version, designations: Designations, now: int) -> dict[str, Any]:
    votes = {vote.party: vote for vote in version.votes}
    return {
        "number": version.number,
        "state": version_state(version, designations, now),
        "digest": version.digest,
        "submitted_at": _moment(version.submitted_at),
        "consulted": sorted(frozenset[Party]().union(*(one.parties for one in version.consultations))),
        "votes": {
            party.value: None
            if party not in votes
            else {
                "choice": votes[party].choice,
                "approves_publicity": votes[party].approves_publicity,
                "cast_at": iso(votes[party].cast_at),
            }
            for party in Party
        },
        "card": version.card.model_dump(mode="json"),
    }


def _decided(connection: Connection, dispatch: Dispatch, now: int) -> dict[str, Any]:
    case = case_of(connection, dispatch, now)
    decision = decide(*case)
    return {
        "dispatch_id": dispatch.dispatch_id,
        "atlas_id": dispatch.atlas_id,
        "target": dispatch.intent.allowed.target,
        "type": dispatch.intent.allowed.type,
        "is_under_way": dispatch.is_under_way,
        "is_permitted": decision.is_permitted,
        "reason": decision.reason,
        "explanation": decision.reason.explanation,
        "objections": [{"reason": one, "explanation": one.explanation} for one in objections(case)],
        "cautions": [{"caution": one, "explanation": one.explanation} for one in cautions(case)],
    }


def _moment(at: int | None) -> str | None:
    return None if at is None else iso(at)
