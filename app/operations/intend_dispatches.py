"""Intend a dispatch: what is to be measured of an agreement's card is noted, with what the gate says of it."""

import structlog

from app.operations import keep_treasury
from app.operations.acting import Acting, require_role
from app.operations.agree import require_agreement
from app.operations.decide_dispatches import case_of, decide_on, require_dispatch
from app.store import dispatches as store
from app.store.agreements import find_designations
from app.store.dispatches import Dispatch
from measurements.agreements.agreement import Version, cards_in_force, effective
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.gate import Case, Decision
from measurements.agreements.intent import Intent, trimmed
from measurements.agreements.people import Act
from measurements.campaigns.limits import USUAL, PlatformLimits
from measurements.errors import InvalidContent, NotPossible
from measurements.results.outcome import Label

_log = structlog.get_logger("rasad.dispatches")

TAG = "rasad-dispatch"


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
    version, most = _agreed(acting, agreement_id)
    wanted = most if n_probes is None else n_probes
    intent = _intent(acting, version, entry, start_at=start_at, stop_at=stop_at, n_probes=wanted)
    connection, now = acting.connection, acting.now_at
    keep_treasury.lock(connection, label, agreement_id)
    number = store.next_number(connection)
    tag = f"{TAG}-{number}-{version.digest[:12]}"
    store.add_intent(connection, number, label, agreement_id, version.number, intent, tag, now, campaign)
    dispatch = require_dispatch(connection, number)
    decision = decide_on(connection, dispatch, now, limits)
    store.add_decision(connection, dispatch, decision)
    if decision.is_permitted:
        keep_treasury.reserve(connection, dispatch, now)
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
    campaign: str | None = None,
    limits: PlatformLimits = USUAL,
) -> Case:
    """What `intend` would have decided on, and nothing is noted. Raises what that raises."""
    version, most = _agreed(acting, agreement_id)
    wanted = most if n_probes is None else n_probes
    intent = _intent(acting, version, entry, start_at=start_at, stop_at=stop_at, n_probes=wanted)
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


def _agreed(acting: Acting, agreement_id: int) -> tuple[Version, int]:
    """The version in force, and from how many probes at most: a narrower card may say less."""
    require_role(acting.caller, Act.REQUEST_MEASUREMENT)
    agreement, designations = require_agreement(acting, agreement_id), find_designations(acting.connection)
    version = effective(agreement, designations, acting.now_at)
    if version is None:
        raise NotPossible("not_agreed", "the parties have not agreed on a card yet")
    return version, min(one.max_probes for one in cards_in_force(agreement, version, acting.now_at))


def _intent(acting: Acting, version: Version, entry: int, *, start_at: int, stop_at: int, n_probes: int) -> Intent:
    card, problems = version.card, list[tuple[str, str]]()
    if not 0 <= entry < len(card.measurements):
        problems.append(("/entry", f"the card has {len(card.measurements)}; there is no number {entry + 1}"))
    if start_at < acting.now_at:
        problems.append(("/start_at", "is past"))
    if stop_at <= start_at:
        problems.append(("/stop_at", "is not after the beginning"))
    if problems:
        raise InvalidContent(problems)
    return intent_of(version, entry, start_at, stop_at, n_probes)


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
