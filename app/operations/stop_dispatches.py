"""Stop what may not go on: at RIPE Atlas, read back until it has stopped, and say so in a record.

What is refused now, though it was permitted once, is stopped: the gate is asked again every few minutes, and at once
when a party withdraws. Every step is noted by itself, so that a process that dies leaves the rest to the next one.
"""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.operations import keep_treasury
from app.operations.acting import Acting, require_role
from app.operations.agree import require_agreement, speaking
from app.operations.decide_dispatches import decide_on
from app.operations.send_dispatches import note_of
from app.store import agreements, dispatches
from app.store.audit import Wanted, append, entries
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


def decide_again(
    transaction: Transaction, atlas: AtlasGateway, clock: Clock, label: Label, limits: PlatformLimits = USUAL
) -> Stopping:
    """Ask the gate about everything under way, and stop what it refuses now; what ended by itself is read back too."""
    now = seconds(clock.now())
    ending: list[Dispatch] = []
    with transaction() as connection:
        for dispatch in dispatches.find_under_way(connection, label):
            decision = decide_on(connection, dispatch, now, limits)
            if not decision.is_permitted and dispatches.is_permitted_still(connection, dispatch):
                dispatches.add_decision(connection, dispatch, decision)  # once, however often it is asked to stop
                note_of(connection, dispatch, Done.DISPATCH_REFUSED, now, reason=decision.reason)
            if not decision.is_permitted or dispatch.has_ended(now):
                ending.append(dispatch)
    stopping = _stop_all(transaction, atlas, clock, ending)
    with transaction() as connection:
        withdrawn = agreements.find_withdrawn(connection)
    for agreement_id in withdrawn:  # also of which nothing was under way, or whose last step a process did not live to
        _record_cessation(transaction, clock, agreement_id)
    return stopping


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
        held = dispatches.find_under_way(connection, label)
        under_way = [one for one in held if one.agreement_id == agreement_id]
    stopping = _stop_all(transaction, atlas, clock, under_way)
    _record_cessation(transaction, clock, agreement_id)
    return stopping


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


def _record_cessation(transaction: Transaction, clock: Clock, agreement_id: int) -> None:
    """Tell the audit, once, that everything under a withdrawn agreement has stopped."""
    subject = Subject(SubjectKind.AGREEMENT, agreement_id)
    with transaction() as connection:
        if entries(connection, Wanted(subject, Done.CESSATION_RECORDED), limit=1):
            return
        record = _cessation(connection, agreement_id)
        if not record["withdrawals"] or not record["is_complete"]:
            return
        told: dict[str, Any] = {"subject": subject, "digest": digest_of(record), "details": record}
        append(connection, Deed(at=seconds(clock.now()), act=Done.CESSATION_RECORDED, person_id=None, **told))


def _cessation(connection: Connection, agreement_id: int) -> dict[str, Any]:
    agreement = _agreement(connection, agreement_id)
    held = dispatches.find_dispatches(connection, agreement_id)
    sent = [one for one in held if one.sent_at is not None and one.failure is None]
    return {
        "agreement_id": agreement_id,
        "withdrawals": [{"party": one.party, "withdrawn_at": iso(one.at)} for one in agreement.withdrawals],
        "is_complete": all(one.stopped_at is not None for one in sent),
        "measurements": [
            {
                "atlas_id": one.atlas_id,
                "dispatch_id": one.dispatch_id,
                "sent_at": _moment(one.sent_at),
                "stop_asked_at": _moment(one.stop_asked_at),
                "stopped_at": _moment(one.stopped_at),
            }
            for one in sent
        ],
    }


def _moment(at: int | None) -> str | None:
    return None if at is None else iso(at)


def _stop_all(transaction: Transaction, atlas: AtlasGateway, clock: Clock, those: list[Dispatch]) -> Stopping:
    stopped, pending, failures = list[int](), list[int](), dict[int, str]()
    for dispatch in those:
        if dispatch.atlas_id is None:  # looked up by its tag first
            pending.append(dispatch.dispatch_id)
            continue
        try:
            is_stopped = _stop(transaction, atlas, clock, dispatch, dispatch.atlas_id)
        except AtlasFailure as failure:
            failures[dispatch.atlas_id] = str(failure)
            is_stopped = False
        (stopped if is_stopped else pending).append(dispatch.atlas_id)
    return Stopping(tuple(stopped), tuple(pending), failures)


def _stop(transaction: Transaction, atlas: AtlasGateway, clock: Clock, dispatch: Dispatch, atlas_id: int) -> bool:
    if not atlas.measurement(atlas_id).status.is_final:
        atlas.stop(atlas_id)
        with transaction() as connection:
            dispatches.note(connection, dispatch.dispatch_id, stop_asked_at=seconds(clock.now()))
    if not atlas.measurement(atlas_id).status.is_final:
        return False
    with transaction() as connection:
        now = seconds(clock.now())
        dispatches.note(connection, dispatch.dispatch_id, stopped_at=now)
        keep_treasury.release_unneeded(connection, dispatch, now)
        note_of(connection, dispatch, Done.MEASUREMENT_STOPPED, now)
    return True


def _agreement(connection: Connection, agreement_id: int) -> Agreement:
    agreement = agreements.find_agreement(connection, agreement_id)
    if agreement is None:
        raise NotFound(f"There is no agreement {agreement_id}.")
    return agreement
