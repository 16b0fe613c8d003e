"""Find out what came of what was sent and not answered: by its tag, among the measurements of our own account.

At most once plus reconciliation, and no more than that can be had of a platform that makes things unheard. What is
there alone, and is what was asked for, is adopted. What two look-ups at least ten minutes apart do not find, the first
of them when the call can no longer go on, is sent again while its time has not passed, and if the gate still permits.
Everything else is for a person to decide: several under the tag, another measurement than was asked for, or a platform
that cannot be asked for an hour.

It is sent again under the same tag, though that may name two in the end. If the first call is carried out late after
all, both are found by the one name that is noted: one is the measurement, and the other is seen and stopped. Under
another tag the first one would run on unseen, beyond what was agreed on, and no withdrawal would reach it. What tells
the two calls apart is on our side: each has a decision of its own, and an answer counts for its own call alone.
"""

import structlog
from sqlalchemy import Connection

from app.operations import keep_treasury
from app.operations.answer_dispatches import note_failed, note_made, note_of
from app.operations.decide_dispatches import require_dispatch
from app.operations.plan_dispatches import is_over, plan_of, words_of
from app.store import dispatches as store
from app.store.decisions import is_permitted_still
from app.store.dispatches import Dispatch, Found
from app.store.engine import Transaction
from measurements.agreements.audit import Act as Done
from measurements.atlas.failures import AtlasFailure
from measurements.atlas.gateway import AtlasGateway, AtlasMeasurement
from measurements.atlas.recognising import differences
from measurements.campaigns.dispatching import LOOK_EVERY_S, LOOKS_APART_S, UNSEEN_AFTER_S, WATCHED_S
from measurements.clock import Clock
from measurements.results.outcome import Label
from measurements.units import iso, seconds

_log = structlog.get_logger("rasad.dispatches")

NEVER_MADE = "RIPE Atlas did not know it when it was asked twice, ten minutes apart: it was never made"
SENT_AGAIN = f"{NEVER_MADE}; it is sent again"
MADE_LATE = "RIPE Atlas made it after all, when it was about to be sent again; it is stopped: ask for it again"


def find_lost(
    transaction: Transaction, atlas: AtlasGateway, clock: Clock, label: Label, agreement_id: int | None = None
) -> int:
    """Look up by their tags what was sent and not answered; gives how many were settled.

    Those of one agreement at once where it is named, and of all others now and then. One that cannot be looked up keeps
    no other waiting.
    """
    now = seconds(clock.now())
    with transaction() as connection:
        held = [*store.find_under_way(connection, label), *store.find_doubled(connection, label)]
    those = {one.dispatch_id: one for one in held if agreement_id in (None, one.agreement_id)}
    due = [one for one in those.values() if _is_due(one, now, is_urgent=agreement_id is not None)]
    return sum(look_up(transaction, atlas, clock, one) for one in due)


def _is_due(dispatch: Dispatch, now: int, *, is_urgent: bool) -> bool:
    last = 0 if dispatch.looked_at is None else dispatch.looked_at
    if dispatch.is_unanswered:
        return is_urgent or now - last >= LOOK_EVERY_S
    if dispatch.lost_at is None or now - max(dispatch.lost_at, dispatch.sent_at or 0) >= WATCHED_S:
        return False
    return is_urgent or now - last >= LOOKS_APART_S


def look_up(transaction: Transaction, atlas: AtlasGateway, clock: Clock, dispatch: Dispatch) -> bool:
    """Ask RIPE Atlas for what has its tag; whether that has settled it."""
    try:
        seen = atlas.find_by_tag(dispatch.tag)
    except AtlasFailure as failure:
        _log.warning("an answer cannot be looked up", dispatch_id=dispatch.dispatch_id, why=str(failure))
        _note_unseen(transaction, dispatch, words_of(failure, "RASAD_ATLAS_READ_KEY"), seconds(clock.now()))
        return False
    now = seconds(clock.now())
    unlike = {one.atlas_id: differences(plan_of(dispatch), one) for one in seen}
    if dispatch.is_unanswered and not dispatch.found and [*unlike.values()] == [()]:
        note_made(transaction, dispatch, seen[0].atlas_id, now)
        return True
    if not dispatch.is_unanswered or seen:
        _note_seen(transaction, dispatch, seen, now)
        return False
    return _note_missed(transaction, dispatch, now)


def _note_unseen(transaction: Transaction, dispatch: Dispatch, why: str, now: int) -> None:
    with transaction() as connection:
        held = _still(connection, dispatch)
        if held is None:
            return
        store.note(connection, held.dispatch_id, looked_at=now)
        if held.is_unanswered and now - (held.sent_at or now) > UNSEEN_AFTER_S:
            _refer(connection, held, f"It cannot be looked up: {why}", now)
        elif held.is_unanswered:
            store.note(connection, held.dispatch_id, trouble=f"It cannot be looked up: {why}")


def _note_seen(transaction: Transaction, dispatch: Dispatch, seen: tuple[AtlasMeasurement, ...], now: int) -> None:
    """Keep what is there under its tag, where that is not what it was sent as alone."""
    with transaction() as connection:
        held = _still(connection, dispatch)
        if held is None:
            return
        store.note(connection, held.dispatch_id, looked_at=now)
        known = {one.atlas_id: one for one in held.found}
        unlike = {one.atlas_id: differences(plan_of(held), one) for one in seen}
        found = known | {
            atlas_id: Found(atlas_id, not fields, known[atlas_id].stopped_at if atlas_id in known else None)
            for atlas_id, fields in unlike.items()
        }
        if found.keys() - {held.atlas_id}:
            store.note_found(connection, held.dispatch_id, found.values())
        if held.is_unanswered:
            told = "; ".join(f"{atlas_id}{_unlike(fields)}" for atlas_id, fields in sorted(unlike.items()))
            _refer(connection, held, f"RIPE Atlas has {len(seen)} of ours under its tag: {told}", now)
        elif found.keys() - known.keys() - {held.atlas_id}:
            note_of(connection, held, Done.DISPATCH_REFERRED, now, details=_told(held, sorted(found)))
            if held.sent_at is None and held.failure is None:
                store.note(connection, held.dispatch_id, failure=MADE_LATE, retry_at=None)
                keep_treasury.release(connection, held, now)


def _unlike(fields: tuple[str, ...]) -> str:
    return f", not as asked for in {', '.join(fields)}" if fields else ""


def _refer(connection: Connection, dispatch: Dispatch, why: str, now: int) -> None:
    """Leave it to a person, and say so once."""
    store.note(connection, dispatch.dispatch_id, trouble=why, referred_at=dispatch.referred_at or now)
    if dispatch.referred_at is None:
        note_of(connection, dispatch, Done.DISPATCH_REFERRED, now, details=_told(dispatch, []) | {"trouble": why})


def _told(dispatch: Dispatch, found: list[int]) -> dict[str, object]:
    return {"dispatch_id": dispatch.dispatch_id, "found": found}


def _note_missed(transaction: Transaction, dispatch: Dispatch, now: int) -> bool:
    """Nothing is there. The first time that is noted, and the second time it is settled."""
    with transaction() as connection:
        held = _still(connection, dispatch)
        if held is None or held.found:
            return False
        store.note(connection, held.dispatch_id, looked_at=now)
        if held.may_be_called(now):
            return False
        if held.missed_at is None:
            trouble = f"RIPE Atlas does not know it yet; it is asked again at {iso(now + LOOKS_APART_S)}"
            store.note(connection, held.dispatch_id, missed_at=now, trouble=trouble, referred_at=None)
            return False
        if now - held.missed_at < LOOKS_APART_S:
            return False
        if may_be_sent := is_permitted_still(connection, held) and not is_over(held, now):
            _release(connection, held, now)
    if not may_be_sent:
        note_failed(transaction, held, f"{NEVER_MADE}, and its time has passed or it is permitted no more", now)
    return True


def _release(connection: Connection, dispatch: Dispatch, now: int) -> None:
    """It may be sent again: the gate is asked as if nobody had sent it. What it may cost stays held."""
    again = {"sent_at": None, "lease_until_at": None, "referred_at": None, "retry_at": now, "lost_at": now}
    store.note(connection, dispatch.dispatch_id, **again, trouble=SENT_AGAIN)
    told = {"dispatch_id": dispatch.dispatch_id, "trouble": SENT_AGAIN}
    note_of(connection, dispatch, Done.DISPATCH_LOST, now, details=told)


def _still(connection: Connection, dispatch: Dispatch) -> Dispatch | None:
    """It, locked; None where something else has become of it since it was looked up."""
    held = require_dispatch(connection, dispatch.dispatch_id, lock=True)
    is_same = (held.n_sent, held.atlas_id, held.sent_at) == (dispatch.n_sent, dispatch.atlas_id, dispatch.sent_at)
    return held if is_same else None
