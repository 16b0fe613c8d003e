"""Note what came of a dispatch: it was made, was not made for now, was never made, or something else is there as well.

Each is one commit under the row's lock, and counts only for the call that it is about: whoever comes late, because
another has settled it meanwhile, changes nothing but what is known to exist.
"""

from typing import Any

from sqlalchemy import Connection

from app.operations import keep_treasury
from app.operations.decide_dispatches import require_dispatch
from app.operations.keep_treasury import commit as commit_credits
from app.store import dispatches as store
from app.store.agreements import find_agreement
from app.store.audit import append
from app.store.dispatches import Dispatch, Found
from app.store.engine import Transaction
from app.store.followed import follow
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import Deed, Subject, SubjectKind
from measurements.campaigns.collecting import begin
from measurements.results.outcome import DataClass

SETTLED: dict[str, int | str | None] = {"retry_at": None, "trouble": None, "referred_at": None, "lease_until_at": None}


def note_made(transaction: Transaction, dispatch: Dispatch, atlas_id: int, now: int) -> None:
    """RIPE Atlas has made it under this number."""
    with transaction() as connection:
        held = require_dispatch(connection, dispatch.dispatch_id, lock=True)
        if held.atlas_id == atlas_id:
            return
        if held.is_unanswered and held.n_sent == dispatch.n_sent:
            adopt(connection, held, atlas_id, now)
            told = {"dispatch_id": held.dispatch_id, "atlas_id": atlas_id}
            note_of(connection, held, Done.DISPATCH_ANSWERED, now, details=told)
        elif atlas_id not in {one.atlas_id for one in held.found}:
            _note_besides(connection, held, atlas_id, now)


def adopt(connection: Connection, dispatch: Dispatch, atlas_id: int, now: int) -> None:
    """It is this one, and is collected from the same commit on that says so."""
    store.note(connection, dispatch.dispatch_id, **SETTLED, atlas_id=atlas_id, answered_at=now)
    commit_credits(connection, dispatch, now)
    _follow(connection, dispatch, atlas_id, now)


def _note_besides(connection: Connection, dispatch: Dispatch, atlas_id: int, now: int) -> None:
    """It was settled otherwise meanwhile, or is sent again: there is one more, which is to be stopped."""
    store.note_found(connection, dispatch.dispatch_id, (*dispatch.found, Found(atlas_id, is_as_asked=True)))
    told = {"dispatch_id": dispatch.dispatch_id, "found": [atlas_id]}
    note_of(connection, dispatch, Done.DISPATCH_REFERRED, now, details=told)


def note_failed(transaction: Transaction, dispatch: Dispatch, why: str, now: int, reason: str | None = None) -> None:
    """There is no measurement, and nobody tries again."""
    with transaction() as connection:
        held = require_dispatch(connection, dispatch.dispatch_id, lock=True)
        if held.n_sent != dispatch.n_sent or held.atlas_id is not None or held.failure is not None:
            return
        answered_at = None if held.sent_at is None else now
        store.note(connection, dispatch.dispatch_id, **SETTLED, failure=why, answered_at=answered_at)
        keep_treasury.release(connection, held, now)
        done = Done.DISPATCH_REFUSED if held.sent_at is None else Done.DISPATCH_ANSWERED
        told = {"dispatch_id": dispatch.dispatch_id, "failure": why}
        note_of(connection, dispatch, done, now, reason=reason, details=told)


def note_put_off(transaction: Transaction, dispatch: Dispatch, why: str, retry_at: int, now: int) -> None:
    """Nothing was made; it is tried again later."""
    with transaction() as connection:
        held = require_dispatch(connection, dispatch.dispatch_id, lock=True)
        if held.n_sent != dispatch.n_sent or not held.is_unanswered:
            return
        told: dict[str, Any] = {"trouble": why, "retry_at": retry_at}
        answered_at = max(now, held.sent_at or now)  # by a clock that was set back meanwhile
        store.note(connection, dispatch.dispatch_id, sent_at=None, lease_until_at=None, answered_at=answered_at, **told)
        note_of(
            connection, dispatch, Done.DISPATCH_ANSWERED, now, details={"dispatch_id": dispatch.dispatch_id, **told}
        )


def note_lost(transaction: Transaction, dispatch: Dispatch, why: str, now: int) -> None:
    """The call is over, and whether anything was made is not known."""
    with transaction() as connection:
        held = require_dispatch(connection, dispatch.dispatch_id, lock=True)
        if held.n_sent == dispatch.n_sent and held.is_unanswered:
            store.note(connection, dispatch.dispatch_id, lease_until_at=now, trouble=why)
            told = {"dispatch_id": dispatch.dispatch_id, "trouble": why}
            note_of(connection, dispatch, Done.DISPATCH_LOST, now, details=told)


def note_of(connection: Connection, dispatch: Dispatch, done: Done, now: int, **more: Any) -> None:
    """Tell the audit what the service did with a dispatch."""
    subject = Subject(SubjectKind.AGREEMENT, dispatch.agreement_id)
    details = {"dispatch_id": dispatch.dispatch_id, "atlas_id": dispatch.atlas_id}
    told: dict[str, Any] = {"version": dispatch.number, "digest": dispatch.intent.digest, "details": details} | more
    append(connection, Deed(at=now, act=done, person_id=None, subject=subject, **told))


def _follow(connection: Connection, dispatch: Dispatch, atlas_id: int, now: int) -> None:
    agreement = find_agreement(connection, dispatch.agreement_id)
    if agreement is None:
        return
    (card,) = (one.card for one in agreement.versions if one.number == dispatch.number)
    intent = dispatch.intent
    follow(
        connection,
        atlas_id,
        dispatch.label,
        begin(intent.start_at, intent.stop_at, None, now),
        now,
        data_class=DataClass(card.data_class),
        agreement_id=dispatch.agreement_id,
    )
