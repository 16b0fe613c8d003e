"""Dispatch what was agreed on: ask the gate once more, send, and take the answer. Nobody else has anything created.

An intent, and what the gate says of it, are one commit. Right before the call the gate is asked again under the row's
lock, and its answer, the instant of sending and a lease are one commit; what RIPE Atlas answers is a third. Whoever
holds the lease is the only one to call: neither a second worker nor a command calls for what was sent and not answered.
A process that dies in between leaves a dispatch that is looked up by its tag (`find_lost_dispatches`).

What RIPE Atlas refuses for now is sent again later and later, until its time has passed; what it will never take has
failed. Each dispatch is a call of its own, though several could go in one: the platform takes or refuses a call as a
whole, so that one busy target would keep all others waiting, and of a lost answer all of them would be in doubt. The
platform runs a hundred measurements of an account at once, so that there are never many to be sent.
"""

import structlog

from app.operations import keep_treasury
from app.operations.answer_dispatches import note_failed, note_lost, note_made, note_of, note_put_off
from app.operations.decide_dispatches import decide_on, require_dispatch
from app.operations.plan_dispatches import is_over, plan_of, words_of
from app.store import dispatches as store
from app.store.decisions import add_decision, find_unsent
from app.store.dispatches import Dispatch
from app.store.engine import Transaction
from measurements.agreements.audit import Act as Done
from measurements.agreements.gate import Decision
from measurements.atlas.failures import AnswerLost, AtlasFailure, TooMany, Unreachable
from measurements.atlas.gateway import AtlasGateway
from measurements.campaigns.dispatching import LEASE_S, pause_s
from measurements.campaigns.limits import USUAL, PlatformLimits
from measurements.clock import Clock
from measurements.errors import InvalidDefinition, NotPossible, Stopped
from measurements.results.outcome import Label
from measurements.units import seconds

_log = structlog.get_logger("rasad.dispatches")

SENT = "sent"
"""The reason why something is not sent again."""
SENDING_S = 30
"""So long dispatches are sent one after the other before something else has its turn."""
OF_ALL = (Unreachable, TooMany, AnswerLost)
"""What would happen to the next one as well: lest all are in doubt."""


def send(
    transaction: Transaction, atlas: AtlasGateway, clock: Clock, dispatch_id: int, limits: PlatformLimits = USUAL
) -> Decision:
    """Ask the gate once more, and have it created where it says yes.

    Raises the `AtlasFailure` of a call that did not work, or `InvalidDefinition`; what came of it is noted first.
    """
    with transaction() as connection:
        dispatch = require_dispatch(connection, dispatch_id, lock=True)
        if dispatch.sent_at is not None:
            raise NotPossible(SENT, "it was sent already")
        if dispatch.failure is not None:
            raise NotPossible("given_up", dispatch.failure)  # nobody would look after what it measures
        now = seconds(clock.now())
        keep_treasury.lock(connection, dispatch.label, dispatch.agreement_id)
        decision = decide_on(connection, dispatch, now, limits)
        add_decision(connection, dispatch, decision)
        done = Done.DISPATCH_PERMITTED if decision.is_permitted else Done.DISPATCH_REFUSED
        note_of(connection, dispatch, done, now, reason=decision.reason)
        if decision.is_permitted:
            keep_treasury.reserve(connection, dispatch, now)
            dispatch = dispatch._replace(sent_at=now, lease_until_at=now + LEASE_S, n_sent=dispatch.n_sent + 1)
            claim = {"sent_at": now, "lease_until_at": now + LEASE_S, "n_sent": dispatch.n_sent}
            store.note(connection, dispatch_id, **claim, retry_at=None, answered_at=None, missed_at=None)
        else:
            keep_treasury.release(connection, dispatch, now)
    if decision.is_permitted:
        _create(transaction, atlas, clock, dispatch, decision)
    return decision


def send_intended(
    transaction: Transaction, atlas: AtlasGateway, clock: Clock, label: Label, limits: PlatformLimits = USUAL
) -> int:
    """Send what was intended and permitted and waits to be sent; gives how much was sent.

    What should have begun an hour ago, or have ended, is given up: whoever asked for it sees that, and asks again. What
    takes long is left for the next time, since what has to stop must not wait.
    """
    with transaction() as connection:
        waiting = find_unsent(connection, label)
    enough, n_sent = clock.deadline(SENDING_S), 0
    for dispatch in waiting:
        if enough.is_over():
            break
        now = seconds(clock.now())
        if is_over(dispatch, now):
            _give_up(transaction, dispatch, now)
        elif dispatch.retry_at is None or dispatch.retry_at <= now:
            try:
                n_sent += send(transaction, atlas, clock, dispatch.dispatch_id, limits).is_permitted
            except NotPossible:  # somebody was quicker
                continue
            except (AtlasFailure, InvalidDefinition) as failure:
                _log.warning("a dispatch did not go out", dispatch_id=dispatch.dispatch_id, why=str(failure))
                if isinstance(failure, OF_ALL):
                    break
    return n_sent


def _give_up(transaction: Transaction, dispatch: Dispatch, now: int) -> None:
    why = "nobody sent it in time" if dispatch.trouble is None else f"its time has passed, since {dispatch.trouble}"
    note_failed(transaction, dispatch, f"{why}: ask for it again", now, reason="not_sent_in_time")


def _create(
    transaction: Transaction, atlas: AtlasGateway, clock: Clock, dispatch: Dispatch, decision: Decision
) -> None:
    try:
        (atlas_id,) = atlas.dispatch(plan_of(dispatch), decision)
    except AnswerLost as lost:  # whether it exists is found out by its tag
        note_lost(transaction, dispatch, str(lost), seconds(clock.now()))
        raise
    except Stopped:  # before anything was sent
        now = seconds(clock.now())
        note_put_off(transaction, dispatch, "whoever sent it was asked to end", now, now)
        raise
    except (AtlasFailure, InvalidDefinition) as failure:
        _note_refusal(transaction, clock, dispatch, failure)
        raise
    note_made(transaction, dispatch, atlas_id, seconds(clock.now()))


def _note_refusal(
    transaction: Transaction, clock: Clock, dispatch: Dispatch, failure: AtlasFailure | InvalidDefinition
) -> None:
    """Nothing was made: for now, or for good."""
    now, why = seconds(clock.now()), words_of(failure, "RASAD_ATLAS_CREATE_KEY")
    if isinstance(failure, AtlasFailure) and failure.passes:
        retry_at = now + pause_s(dispatch.n_sent, failure.retry_after_s)
        note_put_off(transaction, dispatch, why, retry_at, now)
    else:
        note_failed(transaction, dispatch, why, now)
