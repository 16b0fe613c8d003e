"""Dispatch what was agreed on: intend, ask the gate, send, and take the answer. Nobody else has anything created.

An intent, and what the gate says of it, are one commit. Right before the call the gate is asked again under the row's
lock, and its answer and the instant of sending are one commit; what RIPE Atlas answers is a third. A process that dies
in between leaves a dispatch that was sent and not answered: it is looked up by its tag, and never sent again.
"""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import structlog
from sqlalchemy import Connection

from app.operations import keep_treasury
from app.operations.decide_dispatches import decide_on, require_dispatch
from app.store import dispatches as store
from app.store.agreements import find_agreement
from app.store.audit import append
from app.store.dispatches import Dispatch
from app.store.engine import Transaction
from app.store.followed import follow
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import Deed, Subject, SubjectKind
from measurements.agreements.card import Allowed
from measurements.agreements.gate import Decision
from measurements.atlas.failures import AnswerLost, AtlasFailure
from measurements.atlas.gateway import AtlasGateway, Plan
from measurements.campaigns.collecting import begin
from measurements.campaigns.limits import USUAL, PlatformLimits
from measurements.clock import Clock
from measurements.errors import InvalidDefinition, NotPossible
from measurements.results.outcome import DataClass, Label
from measurements.targets import find_target
from measurements.units import seconds

_log = structlog.get_logger("rasad.dispatches")

SENT = "sent"
"""The reason why something is not sent again."""
LAPSES_AFTER_S = 3_600
"""So long after it should have begun nobody waits for a dispatch any more."""
SENDING_S = 30
"""So long dispatches are sent one after the other before something else has its turn."""
LOST_AFTER_S = 900
"""A dispatch that RIPE Atlas does not find by its tag for so long was never made."""


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
        store.add_decision(connection, dispatch, decision)
        done = Done.DISPATCH_PERMITTED if decision.is_permitted else Done.DISPATCH_REFUSED
        note_of(connection, dispatch, done, now, reason=decision.reason)
        if decision.is_permitted:
            keep_treasury.reserve(connection, dispatch, now)
            store.note(connection, dispatch_id, sent_at=now)
        else:
            keep_treasury.release(connection, dispatch, now)
    if decision.is_permitted:
        _create(transaction, atlas, clock, dispatch, decision)
    return decision


def send_intended(
    transaction: Transaction, atlas: AtlasGateway, clock: Clock, label: Label, limits: PlatformLimits = USUAL
) -> int:
    """Send what was intended and permitted and nobody has sent; gives how much was sent.

    What should have begun an hour ago, or have ended, is given up: whoever asked for it sees that, and asks again. What
    takes long is left for the next time, since what has to stop must not wait.
    """
    with transaction() as connection:
        waiting = store.find_unsent(connection, label)
    enough, n_sent = clock.deadline(SENDING_S), 0
    for dispatch in waiting:
        if enough.is_over():
            break
        now = seconds(clock.now())
        if now > dispatch.intent.start_at + LAPSES_AFTER_S or dispatch.has_ended(now):
            _give_up(transaction, clock, dispatch)
            continue
        try:
            n_sent += send(transaction, atlas, clock, dispatch.dispatch_id, limits).is_permitted
        except NotPossible:  # somebody was quicker
            continue
        except (AtlasFailure, InvalidDefinition) as failure:
            _log.warning("a dispatch did not go out", dispatch_id=dispatch.dispatch_id, why=str(failure))
    return n_sent


def _give_up(transaction: Transaction, clock: Clock, dispatch: Dispatch) -> None:
    with transaction() as connection:
        if require_dispatch(connection, dispatch.dispatch_id, lock=True).sent_at is None:
            keep_treasury.release(connection, dispatch, seconds(clock.now()))
            store.note(connection, dispatch.dispatch_id, failure="nobody sent it in time: ask for it again")
            note_of(connection, dispatch, Done.DISPATCH_REFUSED, seconds(clock.now()), reason="not_sent_in_time")


def find_lost(transaction: Transaction, atlas: AtlasGateway, clock: Clock, label: Label) -> int:
    """Look up by their tags what was sent and not answered; gives how many were settled."""
    with transaction() as connection:
        lost = [one for one in store.find_under_way(connection, label) if one.atlas_id is None]
    settled = 0
    for dispatch in lost:
        found = atlas.find_by_tag(dispatch.tag)
        now = seconds(clock.now())
        if found:
            _answer(transaction, dispatch, now, atlas_id=found[0].atlas_id)
        elif dispatch.sent_at is not None and now - dispatch.sent_at > LOST_AFTER_S:
            _answer(transaction, dispatch, now, failure="RIPE Atlas does not know it: it was never made")
        else:
            continue
        settled += 1
    return settled


def plan_of(dispatch: Dispatch) -> Plan:
    """What RIPE Atlas is asked for. It says under which agreement, so that anybody may ask about it."""
    intent = dispatch.intent
    definition = intent.allowed.definition(f"Rasad, agreement {dispatch.agreement_id} of the parties, {dispatch.tag}")
    return Plan(
        definitions=(replace(definition, target=asked_address(intent.allowed), is_public=intent.is_public),),
        selections=tuple(one.selection for one in intent.selections),
        tag=dispatch.tag,
        is_oneoff=intent.is_oneoff,
        start_at=intent.start_at,
        stop_at=None if intent.is_oneoff else intent.stop_at,
    )


def asked_address(allowed: Allowed) -> str | None:
    """What RIPE Atlas is asked to measure: of a target that is known by name its address, of any other its name."""
    known = None if allowed.target is None else find_target(allowed.target)
    if known is None:
        return allowed.target
    return next(one for one in known.addresses if ip_address(one).version == allowed.address_family)


def _create(
    transaction: Transaction, atlas: AtlasGateway, clock: Clock, dispatch: Dispatch, decision: Decision
) -> None:
    try:
        (atlas_id,) = atlas.dispatch(plan_of(dispatch), decision)
    except AnswerLost:
        raise  # whether it exists is found out by its tag
    except (AtlasFailure, InvalidDefinition) as failure:
        _answer(transaction, dispatch, seconds(clock.now()), failure=str(failure))
        raise
    _answer(transaction, dispatch, seconds(clock.now()), atlas_id=atlas_id)


def note_of(connection: Connection, dispatch: Dispatch, done: Done, now: int, **more: Any) -> None:
    """Tell the audit what the service did with a dispatch."""
    subject = Subject(SubjectKind.AGREEMENT, dispatch.agreement_id)
    details = {"dispatch_id": dispatch.dispatch_id, "atlas_id": dispatch.atlas_id}
    told: dict[str, Any] = {"version": dispatch.number, "digest": dispatch.intent.digest, "details": details} | more
    append(connection, Deed(at=now, act=done, person_id=None, subject=subject, **told))


def _answer(transaction: Transaction, dispatch: Dispatch, now: int, **what: int | str) -> None:
    with transaction() as connection:
        store.note(connection, dispatch.dispatch_id, answered_at=now, **what)
        told = {"dispatch_id": dispatch.dispatch_id, **what}
        note_of(connection, dispatch, Done.DISPATCH_ANSWERED, now, details=told)
        if answered := store.find_dispatch(connection, dispatch.dispatch_id):
            (keep_treasury.release if answered.atlas_id is None else keep_treasury.commit)(connection, answered, now)
            _follow(connection, answered, now)


def _follow(connection: Connection, dispatch: Dispatch, now: int) -> None:
    """Collect what it measures, from the same commit on that says it exists."""
    agreement = find_agreement(connection, dispatch.agreement_id)
    if dispatch.atlas_id is None or agreement is None:
        return
    (card,) = (one.card for one in agreement.versions if one.number == dispatch.number)
    intent = dispatch.intent
    position = begin(intent.start_at, intent.stop_at, None, now)
    follow(
        connection,
        dispatch.atlas_id,
        dispatch.label,
        position,
        now,
        data_class=DataClass(card.data_class),
        agreement_id=dispatch.agreement_id,
    )
