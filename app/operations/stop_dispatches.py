"""Stop what may not go on: at RIPE Atlas, read back until it has stopped, and say so in a record.

What is refused now, though it was permitted once, is stopped: the gate is asked again every few minutes, and at once
when a party withdraws. Every step is noted by itself, so that a process that dies leaves the rest to the next one.
"""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.operations import keep_treasury
from app.operations.acting import Acting, require_role
from app.operations.agree import require_agreement, speaking
from app.operations.answer_dispatches import note_of
from app.operations.decide_dispatches import decide_on, require_dispatch
from app.operations.find_lost_dispatches import find_lost
from app.operations.quarantine_outside import quarantine_outside
from app.store import agreements, dispatches
from app.store.audit import Wanted, append, entries
from app.store.decisions import add_decision, is_permitted_still
from app.store.dispatches import Dispatch
from app.store.engine import Transaction
from measurements.agreements.agreement import Agreement
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import Deed, Subject, SubjectKind
from measurements.agreements.people import Act, Caller
from measurements.agreements.transitions import Transition, refusal
from measurements.atlas.failures import AtlasFailure
from measurements.atlas.gateway import AtlasGateway
from measurements.campaigns.limits import USUAL, PlatformLimits
from measurements.canonical import digest_of
from measurements.clock import Clock
from measurements.errors import NotFound, NotPossible
from measurements.results.outcome import Label
from measurements.units import iso, seconds


class Stopping(NamedTuple):
    """What became of the measurements that had to stop."""

    stopped: tuple[int, ...]
    """Read back as stopped, by RIPE Atlas's numbers."""
    pending: tuple[int, ...]
    """Asked to stop, or to be asked again."""
    failures: dict[int, str]
    """Why some could not be asked or read."""
    recorded_in: int | None = None
    """The newest entry of the audit that says that everything under a withdrawn agreement has stopped."""


def decide_again(
    transaction: Transaction, atlas: AtlasGateway, clock: Clock, label: Label, limits: PlatformLimits = USUAL
) -> Stopping:
    """Ask the gate about everything under way, and stop what it refuses now; what ended by itself is read back too."""
    now = seconds(clock.now())
    ending: list[Dispatch] = []
    with transaction() as connection:
        for dispatch in dispatches.find_under_way(connection, label):
            decision = decide_on(connection, dispatch, now, limits)
            if not decision.is_permitted and is_permitted_still(connection, dispatch):
                add_decision(connection, dispatch, decision)  # once, however often it is asked to stop
                note_of(connection, dispatch, Done.DISPATCH_REFUSED, now, reason=decision.reason)
            if not decision.is_permitted or dispatch.has_ended(now):
                ending.append(dispatch)
        doubled = _settled(connection, label)
    stopping = _stop_all(transaction, atlas, clock, ending, doubled)
    with transaction() as connection:
        withdrawn = agreements.find_withdrawn(connection)
    # also of which nothing was under way, or whose last step a process did not live to
    recorded = [_record_cessation(transaction, clock, agreement_id) for agreement_id in withdrawn]
    return stopping._replace(recorded_in=max((number for number in recorded if number is not None), default=None))


def withdraw_agreement(
    transaction: Transaction, atlas: AtlasGateway, clock: Clock, label: Label, agreement_id: int, caller: Caller
) -> Stopping:
    """Take a party's consent back, and stop everything under the agreement. It need not say why."""
    with transaction() as connection:
        withdraw_consent(Acting(connection, caller, seconds(clock.now())), agreement_id)
    return stop_withdrawn(transaction, atlas, clock, label, agreement_id)


def withdraw_consent(acting: Acting, agreement_id: int) -> list[Dispatch]:
    """Take a party's consent back; gives what is under way, which `decide_again` stops. It need not say why."""
    _, designation_id = speaking(acting, Act.WITHDRAW)
    connection = acting.connection
    agreement, designations = require_agreement(acting, agreement_id), agreements.find_designations(connection)
    why = refusal(Transition.WITHDRAW, agreement, designations, acting.now_at)
    if why is not None:
        raise NotPossible(why, why.explanation)
    agreements.withdraw(connection, agreement_id, designation_id, acting.now_at)
    acting.note(Done.AGREEMENT_WITHDRAWN, SubjectKind.AGREEMENT, agreement_id)
    return [one for one in dispatches.find_dispatches(connection, agreement_id) if one.is_under_way]


def stop_withdrawn(
    transaction: Transaction, atlas: AtlasGateway, clock: Clock, label: Label, agreement_id: int
) -> Stopping:
    """Go on stopping what a withdrawal has ended; safe to repeat.

    Only what the Atlas at hand is asked for, by its label: a rehearsal may know another measurement by the same number.
    """
    with transaction() as connection:
        if not _agreement(connection, agreement_id).withdrawals:
            raise NotPossible("not_withdrawn", "no party has withdrawn")
    find_lost(transaction, atlas, clock, label, agreement_id)  # what was not answered may be running
    with transaction() as connection:
        held = dispatches.find_under_way(connection, label), _settled(connection, label)
    under_way, doubled = ([one for one in those if one.agreement_id == agreement_id] for those in held)
    stopping = _stop_all(transaction, atlas, clock, under_way, doubled)
    recorded_in = _record_cessation(transaction, clock, agreement_id)
    quarantine_outside(transaction, clock)
    return stopping._replace(recorded_in=recorded_in)


def cessation_record(transaction: Transaction, agreement_id: int) -> dict[str, Any]:
    """What stopped, when it was asked to and when it was read back, and what withdrew it: for the parties.

    Once everything has stopped it never changes, and the audit holds the SHA-256 of its canonical form.
    """
    with transaction() as connection:
        return _cessation(connection, agreement_id)


def proven_cessation(acting: Acting, agreement_id: int) -> dict[str, Any]:
    """The record with its digest, and the entry of the audit that holds it. Raises `NotFound` where none withdrew."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    record = _cessation(acting.connection, agreement_id)
    if not record["withdrawals"]:
        raise NotFound(f"No party has withdrawn from agreement {agreement_id}: nothing under it has to cease.")
    subject = Subject(SubjectKind.AGREEMENT, agreement_id)
    recorded = next(iter(entries(acting.connection, Wanted(subject, Done.CESSATION_RECORDED), limit=1)), None)
    return {"record": record, "digest": digest_of(record), "audit_number": recorded and recorded.number}


def _record_cessation(transaction: Transaction, clock: Clock, agreement_id: int) -> int | None:
    """Tell the audit, once, that everything under a withdrawn agreement has stopped; gives the entry, if it has."""
    subject = Subject(SubjectKind.AGREEMENT, agreement_id)
    with transaction() as connection:
        if recorded := entries(connection, Wanted(subject, Done.CESSATION_RECORDED), limit=1):
            return recorded[0].number
        record = _cessation(connection, agreement_id)
        if not record["withdrawals"] or not record["is_complete"]:
            return None
        told: dict[str, Any] = {"subject": subject, "digest": digest_of(record), "details": record}
        deed = Deed(at=seconds(clock.now()), act=Done.CESSATION_RECORDED, person_id=None, **told)
        return append(connection, deed).number


def _cessation(connection: Connection, agreement_id: int) -> dict[str, Any]:
    agreement = _agreement(connection, agreement_id)
    held = dispatches.find_dispatches(connection, agreement_id)
    sent = [one for one in held if one.sent_at is not None and one.failure is None]
    besides = [(one, other) for one in held for other in one.surplus]
    return {
        "agreement_id": agreement_id,
        "withdrawals": [{"party": one.party, "withdrawn_at": iso(one.at)} for one in agreement.withdrawals],
        "is_complete": all([*(one.stopped_at for one in sent), *(other.stopped_at for _, other in besides)]),
        "measurements": [
            *(_ceased(one, one.atlas_id, one.stop_asked_at, one.stopped_at) for one in sent),
            *(_ceased(one, other.atlas_id, None, other.stopped_at) for one, other in besides),
        ],
    }


def _ceased(dispatch: Dispatch, atlas_id: int | None, asked_at: int | None, stopped_at: int | None) -> dict[str, Any]:
    return {
        "atlas_id": atlas_id,
        "dispatch_id": dispatch.dispatch_id,
        "sent_at": _moment(dispatch.sent_at),
        "stop_asked_at": _moment(asked_at),
        "stopped_at": _moment(stopped_at),
    }


def _moment(at: int | None) -> str | None:
    return None if at is None else iso(at)


def _settled(connection: Connection, label: Label) -> list[Dispatch]:
    """What has more under its tag than it should, where it is settled which one it is, or that it is none."""
    found = dispatches.find_doubled(connection, label)
    return [one for one in found if one.open_surplus and (one.atlas_id is not None or one.failure is not None)]


def _stop_all(
    transaction: Transaction, atlas: AtlasGateway, clock: Clock, ending: list[Dispatch], doubled: list[Dispatch]
) -> Stopping:
    """Stop what has to end, and whatever is under its tag; of what is doubled only what should not be there."""
    stopped, pending, failures = list[int](), list[int](), dict[int, str]()
    own = [(one, one.atlas_id) for one in ending if one.atlas_id is not None]
    besides = {(one.dispatch_id, other.atlas_id): one for one in (*ending, *doubled) for other in one.open_surplus}
    for dispatch, atlas_id in (*own, *((one, atlas_id) for (_, atlas_id), one in besides.items())):
        try:
            is_stopped = _stop(transaction, atlas, clock, dispatch, atlas_id)
        except AtlasFailure as failure:
            failures[atlas_id] = str(failure)
            is_stopped = False
        (stopped if is_stopped else pending).append(atlas_id)
    unanswered = [one.dispatch_id for one in ending if one.atlas_id is None]
    pending += [one for one in unanswered if not _has_ceased(transaction, clock, one)]
    return Stopping(tuple(stopped), tuple(pending), failures)


def _has_ceased(transaction: Transaction, clock: Clock, dispatch_id: int) -> bool:
    """Whether all that was found under the tag of what was not answered has stopped. Where nothing was, who knows."""
    with transaction() as connection:
        dispatch = require_dispatch(connection, dispatch_id, lock=True)
        has_ceased = bool(dispatch.found) and not dispatch.open_surplus
        if has_ceased:
            now = seconds(clock.now())
            dispatches.note(connection, dispatch_id, stopped_at=now)
            keep_treasury.release(connection, dispatch, now)  # it is none of them, so that nothing is charged for it
    return has_ceased


def _stop(transaction: Transaction, atlas: AtlasGateway, clock: Clock, dispatch: Dispatch, atlas_id: int) -> bool:
    is_own = atlas_id == dispatch.atlas_id
    if not atlas.measurement(atlas_id).status.is_final:
        atlas.stop(atlas_id)
        if is_own:
            with transaction() as connection:
                dispatches.note(connection, dispatch.dispatch_id, stop_asked_at=seconds(clock.now()))
    if not atlas.measurement(atlas_id).status.is_final:
        return False
    with transaction() as connection:
        now = seconds(clock.now())
        if is_own:
            dispatches.note(connection, dispatch.dispatch_id, stopped_at=now)
            keep_treasury.release_unneeded(connection, dispatch, now)
        else:
            _note_surplus_stopped(connection, dispatch.dispatch_id, atlas_id, now)
        told = {"dispatch_id": dispatch.dispatch_id, "atlas_id": atlas_id}
        note_of(connection, dispatch, Done.MEASUREMENT_STOPPED, now, details=told)
    return True


def _note_surplus_stopped(connection: Connection, dispatch_id: int, atlas_id: int, now: int) -> None:
    found = require_dispatch(connection, dispatch_id, lock=True).found
    ended = (one._replace(stopped_at=now) if one.atlas_id == atlas_id else one for one in found)
    dispatches.note_found(connection, dispatch_id, ended)


def _agreement(connection: Connection, agreement_id: int) -> Agreement:
    agreement = agreements.find_agreement(connection, agreement_id)
    if agreement is None:
        raise NotFound(f"There is no agreement {agreement_id}.")
    return agreement
