"""Intend a dispatch: what is to be measured of an agreement's card is noted, with what the gate says of it."""

from collections.abc import Callable

import structlog
from sqlalchemy import Connection

from app.operations import keep_treasury
from app.operations.acting import Acting, require_role
from app.operations.agree import require_agreement
from app.operations.decide_dispatches import Facts, case_of, decide_on, require_dispatch
from app.store import dispatches as store
from app.store.agreements import find_designations
from app.store.decisions import add_decision
from app.store.dispatches import Dispatch
from app.store.practice import practice_begun_at
from measurements.agreements.agreement import Version, cards_in_force, effective
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.card import Card
from measurements.agreements.gate import Case, Decision
from measurements.agreements.intent import Intent, trimmed
from measurements.agreements.narrowing import narrowest_entry, narrowest_selections
from measurements.agreements.people import Act
from measurements.agreements.reasons import Reason
from measurements.campaigns.limits import USUAL, PlatformLimits
from measurements.errors import InvalidContent, NotPossible
from measurements.results.outcome import Label
from measurements.selections import MOST_PROBES

_log = structlog.get_logger("rasad.dispatches")

TAG = "rasad-dispatch"
"""With which the tags of all dispatches begin."""


def intend(
    acting: Acting,
    label: Label,
    agreement_id: int,
    entry: int,
    *,
    start_at: int,
    stop_at: int,
    n_probes: int | None = None,
    campaign: str | None = None,
    limits: PlatformLimits = USUAL,
) -> tuple[Dispatch, Decision]:
    """Note that the `entry`-th measurement of an agreement's card is to be dispatched, and what the gate says of it.

    All that it may cost is held in the same unit of work, in the account of its campaign, or of its agreement. Raises
    `NotFound`, `NotPermitted`, `NotPossible`, and `InvalidContent` for what no dispatch can be.
    """
    version, cards = _agreed(acting, agreement_id)
    intent = _intent(acting, version, cards, entry, start_at=start_at, stop_at=stop_at, n_probes=n_probes)
    dispatch, decision = note_intent(
        acting.connection, label, agreement_id, version, intent, acting.now_at, campaign=campaign, limits=limits
    )
    told = {"dispatch_id": dispatch.dispatch_id, "tag": dispatch.tag}
    acting.note(
        Done.DISPATCH_INTENDED, SubjectKind.AGREEMENT, agreement_id, version=version.number, digest=version.digest,
        reason=decision.reason, details=told,
    )  # fmt: skip
    return dispatch, decision


def note_intent(
    connection: Connection,
    label: Label,
    agreement_id: int,
    version: Version,
    intent: Intent,
    now: int,
    belongs: Callable[[int], None] = lambda _: None,
    *,
    campaign: str | None = None,
    limits: PlatformLimits = USUAL,
    facts: Facts | None = None,
) -> tuple[Dispatch, Decision]:
    """Note an intent, and what the gate says of it. `belongs` notes, by its number, what it is a part of.

    All that it may cost is held in the same unit of work, in the account of its campaign, or of its agreement.
    """
    if label is Label.MEASURED and practice_begun_at(connection) is not None:
        raise NotPossible(Reason.ONLY_PRACTICE, Reason.ONLY_PRACTICE.explanation)
    keep_treasury.lock(connection, label, agreement_id)
    number = store.next_number(connection)
    tag = f"{TAG}-{number}-{version.digest[:12]}"
    store.add_intent(connection, number, label, agreement_id, version.number, intent, tag, now, campaign)
    belongs(number)
    dispatch = require_dispatch(connection, number)
    decision = decide_on(connection, dispatch, now, limits, facts)
    add_decision(connection, dispatch, decision)
    if decision.is_permitted:
        keep_treasury.reserve(connection, dispatch, now)
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
    campaign: str | None = None,
    limits: PlatformLimits = USUAL,
) -> Case:
    """What `intend` would have decided on, and nothing is noted. Raises what that raises."""
    version, cards = _agreed(acting, agreement_id)
    intent = _intent(acting, version, cards, entry, start_at=start_at, stop_at=stop_at, n_probes=n_probes)
    unasked = unnoted(label, agreement_id, version, intent, acting.now_at, campaign)
    return case_of(acting.connection, unasked, acting.now_at, limits)


def unnoted(
    label: Label, agreement_id: int, version: Version, intent: Intent, now: int, campaign: str | None = None
) -> Dispatch:
    """An intent that nobody has yet."""
    return Dispatch(
        dispatch_id=0, label=label, agreement_id=agreement_id, number=version.number, intent=intent, tag="",
        intended_at=now, sent_at=None, atlas_id=None, answered_at=None, failure=None, stop_asked_at=None,
        stopped_at=None, campaign=campaign,
    )  # fmt: skip


def _agreed(acting: Acting, agreement_id: int) -> tuple[Version, tuple[Card, ...]]:
    """The version in force, and every card that holds: its own, and the narrower ones."""
    require_role(acting.caller, Act.REQUEST_MEASUREMENT)
    agreement, designations = require_agreement(acting, agreement_id), find_designations(acting.connection)
    version = effective(agreement, designations, acting.now_at)
    if version is None:
        raise NotPossible("not_agreed", "the parties have not agreed on a card yet")
    return version, cards_in_force(agreement, version, acting.now_at)


def _intent(
    acting: Acting,
    version: Version,
    cards: tuple[Card, ...],
    entry: int,
    *,
    start_at: int,
    stop_at: int,
    n_probes: int | None,
) -> Intent:
    card, problems = version.card, list[tuple[str, str]]()
    if not 0 <= entry < len(card.measurements):
        problems.append(("/entry", f"the card has {len(card.measurements)}; there is no number {entry + 1}"))
    if start_at < acting.now_at:
        problems.append(("/start_at", "is past"))
    if stop_at <= start_at:
        problems.append(("/stop_at", "is not after the beginning"))
    if n_probes is not None and n_probes > MOST_PROBES:
        problems.append(("/n_probes", f"is more than the {MOST_PROBES} that a measurement can have"))
    if problems:
        raise InvalidContent(problems)
    return intent_of(version, cards, entry, start_at, stop_at, n_probes)


def intent_of(
    version: Version, cards: tuple[Card, ...], entry: int, start_at: int, stop_at: int, n_probes: int | None = None
) -> Intent:
    """The `entry`-th measurement of the version's card, as often and from such probes as every card allows.

    From as many probes as they allow, unless some other number is wanted.
    """
    card = version.card
    wanted = min(one.max_probes for one in cards) if n_probes is None else n_probes
    return Intent(
        digest=version.digest,
        allowed=narrowest_entry(card.measurements[entry], cards),
        selections=trimmed(narrowest_selections(card, cards), wanted),
        start_at=start_at,
        stop_at=stop_at,
        is_public=card.is_public,
    )
