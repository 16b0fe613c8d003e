"""Dispatches as they are told, what the gate said of each, and why things may happen or not if it were asked now."""

from collections.abc import Iterable, Sequence
from typing import Any

from app.operations.acting import Acting, require_role
from app.operations.agree import require_agreement
from app.operations.agreement_entries import activity_of
from app.operations.decide_dispatches import case_of
from app.operations.intend_dispatches import intent_of, unnoted
from app.operations.keep_memorandum import find_standing
from app.operations.list_people import Page
from app.store.agreements import find_designations
from app.store.decisions import find_decisions
from app.store.dispatches import Dispatch, find_dispatch, find_dispatches
from measurements.agreements.agreement import Agreement, cards_in_force, effective
from measurements.agreements.gate import Case, Decision, cautions, decide, explained, objections
from measurements.agreements.people import Act
from measurements.agreements.reasons import Reason
from measurements.agreements.transitions import newest
from measurements.campaigns.limits import USUAL, PlatformLimits
from measurements.errors import NotFound
from measurements.results.outcome import Label
from measurements.units import DAY_S, iso

SOON_S = 60
"""A dispatch begins in a minute, unless somebody says otherwise, and lasts a day."""


def decision_entries(acting: Acting, agreement_id: int, label: Label, limits: PlatformLimits = USUAL) -> dict[str, Any]:
    """Why each dispatch of an agreement, and another one of each entry of its card, may happen or not.

    What the gate has said, and what it says now. Raises `NotFound`.
    """
    require_role(acting.caller, Act.READ_AGREEMENTS)
    agreement = require_agreement(acting, agreement_id)
    connection, now = acting.connection, acting.now_at
    memorandum = find_standing(connection, now)
    decided = find_decisions(connection, agreement_id)
    return {
        "agreement_id": agreement_id,
        "decided_at": iso(now),
        "memorandum": {
            "state": memorandum.state,
            "outlook": memorandum.outlook,
            "ends_on": memorandum.term.ends_on.isoformat(),
        },
        "activity": activity_of(connection, agreement, find_designations(connection), now),
        "dispatches": [
            _decided(case_of(connection, one, now, limits), one, decided[one.dispatch_id])
            for one in find_dispatches(connection, agreement_id)
        ],
        "entries": list(_entries(acting, agreement, label, limits)),
    }


def dispatch_page(acting: Acting, agreement_id: int, *, after: int | None = None, limit: int = 100) -> Page:
    """One page of the dispatches of an agreement, in order of their number. Raises `NotFound`."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    require_agreement(acting, agreement_id)
    found = [one for one in find_dispatches(acting.connection, agreement_id) if one.dispatch_id > (after or 0)]
    shown, decided = found[:limit], find_decisions(acting.connection, agreement_id)
    entries = [dispatch_entry(one, decided[one.dispatch_id], acting.now_at) for one in shown]
    return Page(entries, shown[-1].dispatch_id if len(found) > len(shown) else None)


def one_dispatch(acting: Acting, agreement_id: int, dispatch_id: int) -> dict[str, Any]:
    """A dispatch of an agreement. Raises `NotFound`."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    dispatch = find_dispatch(acting.connection, dispatch_id)
    if dispatch is None or dispatch.agreement_id != agreement_id:
        raise NotFound(f"Agreement {agreement_id} has no dispatch {dispatch_id}.")
    return dispatch_entry(dispatch, find_decisions(acting.connection, agreement_id)[dispatch_id], acting.now_at)


def dispatch_entry(dispatch: Dispatch, decided: Sequence[Decision], now: int) -> dict[str, Any]:
    """What is to be measured, what the gate has said, and what became of it."""
    intent = dispatch.intent
    return {
        "dispatch_id": dispatch.dispatch_id,
        "agreement_id": dispatch.agreement_id,
        "label": dispatch.label,
        "version": dispatch.number,
        "digest": intent.digest,
        **_measured(intent.allowed.target, intent.allowed.type),
        "start_at": iso(intent.start_at),
        "stop_at": _moment(intent.stop_at),
        "n_probes": intent.n_probes,
        "is_public": intent.is_public,
        "decisions": [_said(one) for one in decided],
        "is_under_way": dispatch.is_under_way,
        **how_it_stands(dispatch, decided, now),
        "tag": dispatch.tag,
        "atlas_id": dispatch.atlas_id,
        "failure": dispatch.failure,
        "intended_at": iso(dispatch.intended_at),
        "sent_at": _moment(dispatch.sent_at),
        "answered_at": _moment(dispatch.answered_at),
        "stop_asked_at": _moment(dispatch.stop_asked_at),
        "stopped_at": _moment(dispatch.stopped_at),
    }


def how_it_stands(dispatch: Dispatch, decided: Sequence[Decision], now: int) -> dict[str, Any]:
    """How far it has come, in plain words and with what anybody can do about it."""
    state = dispatch.state(now, is_permitted=bool(decided) and decided[-1].is_permitted)
    return {
        "state": state,
        "standing": " ".join(filter(None, (state.explanation, _sentence(dispatch.failure or dispatch.trouble)))),
        "trouble": dispatch.trouble,
        "retry_at": _moment(dispatch.retry_at),
        "found": [one._asdict() | {"stopped_at": _moment(one.stopped_at)} for one in dispatch.found],
    }


def _sentence(text: str | None) -> str | None:
    return None if text is None else f"{text[0].upper()}{text[1:]}."


def all_objections(case: Case) -> list[Reason]:
    """Everything that speaks against it, once."""
    return list(dict.fromkeys(objections(case)))


def _entries(acting: Acting, agreement: Agreement, label: Label, limits: PlatformLimits) -> Iterable[dict[str, Any]]:
    """What the gate would say of a day of each measurement of the card, from in a minute on."""
    now = acting.now_at
    version = effective(agreement, find_designations(acting.connection), now) or newest(agreement)
    cards = cards_in_force(agreement, version, now)
    start_at = now + SOON_S
    stop_at = min(start_at + DAY_S, version.card.until_at) if start_at < version.card.until_at else start_at + DAY_S
    for place, allowed in enumerate(version.card.measurements):
        intent = intent_of(version, cards, place, start_at, stop_at)
        unasked = unnoted(label, agreement.agreement_id, version, intent, now)
        yield {
            "entry": place + 1,
            **_measured(allowed.target, allowed.type),
            "start_at": iso(start_at),
            "stop_at": iso(stop_at),
            "n_probes": intent.n_probes,
            **_now(case_of(acting.connection, unasked, now, limits)),
        }


def _decided(case: Case, dispatch: Dispatch, decided: list[Decision]) -> dict[str, Any]:
    return {
        "dispatch_id": dispatch.dispatch_id,
        "atlas_id": dispatch.atlas_id,
        **_measured(dispatch.intent.allowed.target, dispatch.intent.allowed.type),
        "is_under_way": dispatch.is_under_way,
        **how_it_stands(dispatch, decided, case.now),
        "decided": [_said(one) for one in decided],
        **_now(case),
    }


def _now(case: Case) -> dict[str, Any]:
    decision = decide(*case)
    against = [{"reason": one, "explanation": explained(case, one)} for one in all_objections(case)]
    return {
        "is_permitted": decision.is_permitted,
        "reason": decision.reason,
        "explanation": explained(case, decision.reason),
        "objections": against,
        "cautions": [{"caution": one, "explanation": one.explanation} for one in cautions(case)],
    }


def _said(decision: Decision) -> dict[str, Any]:
    return {
        "decided_at": iso(decision.decided_at),
        "is_permitted": decision.is_permitted,
        "reason": decision.reason,
        "explanation": decision.reason.explanation,
    }


def _measured(target: str | None, type_: str) -> dict[str, Any]:
    return {"target": target, "type": type_}


def _moment(at: int | None) -> str | None:
    return None if at is None else iso(at)
