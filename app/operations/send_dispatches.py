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

from app.operations.acting import Acting, require_role
from app.operations.agree import require_agreement
from app.operations.keep_memorandum import find_standing
from app.store import dispatches as store
from app.store.agreements import find_agreement, find_designations
from app.store.audit import append
from app.store.catalogue import find_entry, find_networks
from app.store.dispatches import Dispatch
from app.store.engine import Transaction
from app.store.followed import follow
from app.store.reviews import find_acceptances
from measurements.agreements.agreement import Version, effective
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import Deed, Subject, SubjectKind
from measurements.agreements.card import Allowed
from measurements.agreements.gate import Case, Consent, Decision, Surroundings, decide
from measurements.agreements.intent import Intent, trimmed
from measurements.agreements.people import Act
from measurements.agreements.platform_terms import Service, are_accepted
from measurements.atlas.failures import AnswerLost, AtlasFailure
from measurements.atlas.gateway import AtlasGateway, Plan
from measurements.campaigns.collecting import begin
from measurements.clock import Clock
from measurements.errors import InvalidContent, NotFound, NotPossible
from measurements.results.outcome import DataClass, Label
from measurements.targets import find_target
from measurements.units import seconds

_log = structlog.get_logger("rasad.dispatches")
TAG = "rasad-dispatch"
SENT = "sent"
"""The reason why something is not sent again."""
LAPSES_AFTER_S = 3_600
"""So long after it should have begun nobody waits for a dispatch any more."""
SENDING_S = 30
"""So long dispatches are sent one after the other before something else has its turn."""
LOST_AFTER_S = 900
"""A dispatch that RIPE Atlas does not find by its tag for so long was never made."""


def intend(
    acting: Acting,
    label: Label,
    agreement_id: int,
    entry: int,
    *,
    start_at: int,
    stop_at: int,
    n_probes: int | None = None,
) -> tuple[Dispatch, Decision]:
    """Note that the `entry`-th measurement of an agreement's card is to be dispatched, and what the gate says of it.

    Raises `NotFound`, `NotPermitted`, `NotPossible`, and `InvalidContent` for what no dispatch can be.
    """
    version = _agreed(acting, agreement_id)
    intent = _intent(acting, version, entry, start_at=start_at, stop_at=stop_at, n_probes=n_probes)
    connection, now = acting.connection, acting.now_at
    number = store.next_number(connection)
    tag = f"{TAG}-{number}-{version.digest[:12]}"
    store.add_intent(connection, number, label, agreement_id, version.number, intent, tag, now)
    dispatch = _require(connection, number)
    decision = decide_on(connection, dispatch, now)
    store.add_decision(connection, dispatch, decision)
    told = {"dispatch_id": number, "tag": tag}
    acting.note(
        Done.DISPATCH_INTENDED, SubjectKind.AGREEMENT, agreement_id, version=version.number, digest=version.digest,
        reason=decision.reason, details=told,
    )  # fmt: skip
    return dispatch, decision


def ask_gate(
    acting: Acting,
    label: Label,
    agreement_id: int,
    entry: int,
    *,
    start_at: int,
    stop_at: int,
    n_probes: int | None = None,
) -> Case:
    """What `intend` would have decided on, and nothing is noted. Raises what that raises."""
    version = _agreed(acting, agreement_id)
    intent = _intent(acting, version, entry, start_at=start_at, stop_at=stop_at, n_probes=n_probes)
    return case_of(acting.connection, unnoted(label, agreement_id, version, intent, acting.now_at), acting.now_at)


def unnoted(label: Label, agreement_id: int, version: Version, intent: Intent, now: int) -> Dispatch:
    """An intent that nobody has yet."""
    return Dispatch(
        dispatch_id=0, label=label, agreement_id=agreement_id, number=version.number, intent=intent, tag="",
        intended_at=now, sent_at=None, atlas_id=None, answered_at=None, failure=None, stop_asked_at=None,
        stopped_at=None,
    )  # fmt: skip


def _agreed(acting: Acting, agreement_id: int) -> Version:
    require_role(acting.caller, Act.REQUEST_MEASUREMENT)
    agreement, designations = require_agreement(acting, agreement_id), find_designations(acting.connection)
    version = effective(agreement, designations, acting.now_at)
    if version is None:
        raise NotPossible("not_agreed", "the parties have not agreed on a card yet")
    return version


def _intent(
    acting: Acting, version: Version, entry: int, *, start_at: int, stop_at: int, n_probes: int | None
) -> Intent:
    card, problems = version.card, list[tuple[str, str]]()
    if not 0 <= entry < len(card.measurements):
        problems.append(("/entry", f"the card has {len(card.measurements)}; there is no number {entry + 1}"))
    if start_at < acting.now_at:
        problems.append(("/start_at", "is past"))
    if stop_at <= start_at:
        problems.append(("/stop_at", "is not after the beginning"))
    if problems:
        raise InvalidContent(problems)
    return intent_of(version, entry, start_at, stop_at, card.max_probes if n_probes is None else n_probes)


def intent_of(version: Version, entry: int, start_at: int, stop_at: int, n_probes: int) -> Intent:
    """The `entry`-th measurement of a card, from so many probes at most."""
    card = version.card
    return Intent(
        digest=version.digest,
        allowed=card.measurements[entry],
        selections=trimmed(card.selections, n_probes),
        start_at=start_at,
        stop_at=stop_at,
        is_public=card.is_public,
    )


def decide_on(connection: Connection, dispatch: Dispatch, now: int) -> Decision:
    """What the gate says of a dispatch now."""
    return decide(*case_of(connection, dispatch, now))


def case_of(connection: Connection, dispatch: Dispatch, now: int) -> Case:
    """Everything that the gate decides it by."""
    agreement = find_agreement(connection, dispatch.agreement_id)
    consent = None if agreement is None else Consent(agreement, find_designations(connection))
    target = dispatch.intent.allowed.target
    surroundings = Surroundings(
        target=None if target is None else find_entry(connection, target),
        credits_committed=store.committed_credits(connection, dispatch),
        packets_per_s_committed=store.committed_rate(connection, dispatch),
        are_terms_accepted=dispatch.label is not Label.MEASURED or _are_terms_accepted(connection, now),
        networks=find_networks(connection),
    )
    return Case(dispatch.intent, consent, find_standing(connection, now), surroundings, now)


def _are_terms_accepted(connection: Connection, now: int) -> bool:
    return are_accepted(find_acceptances(connection, service=Service.RIPE_ATLAS), Service.RIPE_ATLAS, now)


def send(transaction: Transaction, atlas: AtlasGateway, clock: Clock, dispatch_id: int) -> Decision:
    """Ask the gate once more, and have it created where it says yes.

    Raises the `AtlasFailure` of a call that did not work; what came of it is noted first.
    """
    with transaction() as connection:
        dispatch = _require(connection, dispatch_id, lock=True)
        if dispatch.sent_at is not None:
            raise NotPossible(SENT, "it was sent already")
        now = seconds(clock.now())
        decision = decide_on(connection, dispatch, now)
        store.add_decision(connection, dispatch, decision)
        done = Done.DISPATCH_PERMITTED if decision.is_permitted else Done.DISPATCH_REFUSED
        note_of(connection, dispatch, done, now, reason=decision.reason)
        if decision.is_permitted:
            store.note(connection, dispatch_id, sent_at=now)
    if decision.is_permitted:
        _create(transaction, atlas, clock, dispatch, decision)
    return decision


def send_intended(transaction: Transaction, atlas: AtlasGateway, clock: Clock, label: Label) -> int:
    """Send what was intended and permitted and nobody has sent; gives how much was sent.

    What should have begun an hour ago is given up: whoever asked for it sees that, and asks again. What takes long is
    left for the next time, since what has to stop must not wait.
    """
    with transaction() as connection:
        waiting = store.find_unsent(connection, label)
    enough, n_sent = clock.deadline(SENDING_S), 0
    for dispatch in waiting:
        if enough.is_over():
            break
        if seconds(clock.now()) > dispatch.intent.start_at + LAPSES_AFTER_S:
            _give_up(transaction, clock, dispatch)
            continue
        try:
            n_sent += send(transaction, atlas, clock, dispatch.dispatch_id).is_permitted
        except NotPossible:  # somebody was quicker
            continue
        except AtlasFailure as failure:
            _log.warning("a dispatch did not go out", dispatch_id=dispatch.dispatch_id, why=str(failure))
    return n_sent


def _give_up(transaction: Transaction, clock: Clock, dispatch: Dispatch) -> None:
    with transaction() as connection:
        if _require(connection, dispatch.dispatch_id, lock=True).sent_at is None:
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
    except AtlasFailure as failure:
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
        if dispatch_answered := store.find_dispatch(connection, dispatch.dispatch_id):
            _follow(connection, dispatch_answered, now)


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


def _require(connection: Connection, dispatch_id: int, *, lock: bool = False) -> Dispatch:
    find = store.lock_dispatch if lock else store.find_dispatch
    dispatch = find(connection, dispatch_id)
    if dispatch is None:
        raise NotFound(f"There is no dispatch {dispatch_id}.")
    return dispatch
