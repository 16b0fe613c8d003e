"""Change what was asked for: end it, or have it go on for longer, as far as an agreement covers that."""

from app.operations import keep_treasury
from app.operations.acting import Acting
from app.operations.answer_dispatches import note_of
from app.operations.decide_dispatches import decide_on, require_dispatch
from app.operations.make_request import intend_covered, seen_request
from app.operations.match_requests import Weighed, weigh
from app.store import requests as store
from app.store.decisions import add_decision, is_permitted_still
from app.store.requests import HeldRequest
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.gate import decide, explained
from measurements.agreements.parties import Party
from measurements.agreements.people import Act
from measurements.campaigns.limits import USUAL, PlatformLimits
from measurements.errors import InvalidContent, NotPossible
from measurements.requests.request import BEGINS_AFTER_S
from measurements.requests.wishes import Wish, wishes_of
from measurements.units import iso


def cancel_request(acting: Acting, request_id: int) -> HeldRequest:
    """End a request: what was not sent never is; the worker stops what runs, and reads it back until it has stopped.

    Raises `NotFound`, and `NotPossible` where nothing of it is left.
    """
    held = seen_request(acting, request_id, Act.CHANGE_REQUEST)
    _require_open(acting, held)
    store.cancel(acting.connection, request_id, acting.caller.person.person_id, acting.now_at)
    for link in store.find_links(acting.connection, [request_id])[request_id]:
        _call_off(acting, link.dispatch_id)
    acting.note(Done.REQUEST_CANCELLED, SubjectKind.REQUEST, request_id, digest=held.digest)
    return seen_request(acting, request_id, Act.CHANGE_REQUEST)


def extend_request(acting: Acting, request_id: int, stop_at: int, limits: PlatformLimits = USUAL) -> HeldRequest:
    """Have a request go on to a later end: what was dispatched of it is dispatched again, from its old end on.

    All of it or nothing. Raises `NotFound`, `InvalidContent`, and `NotPossible` saying which votes it takes, or why the
    gate would refuse it.
    """
    held = seen_request(acting, request_id, Act.CHANGE_REQUEST)
    _require_open(acting, held, is_over_allowed=True)
    if held.request.is_once:
        raise NotPossible("once", "it is measured once, and has no end to put off; clone it instead")
    if stop_at <= max(held.stop_at, acting.now_at):
        raise InvalidContent([("/stop_at", f"is no later end than {iso(max(held.stop_at, acting.now_at))}")])
    start_at = max(held.stop_at, acting.now_at + BEGINS_AFTER_S)
    longer, wishes = held.request.lasting(min(start_at, stop_at - 1), stop_at), _dispatched(acting, held)
    for one in weigh(acting.connection, held.label, longer, wishes, acting.now_at, limits=limits):
        _require_permitted(one)
    store.put_off(acting.connection, request_id, stop_at)
    intend_covered(acting, held, longer, wishes, limits)
    told = {"before": iso(held.stop_at), "after": iso(stop_at)}
    acting.note(Done.REQUEST_EXTENDED, SubjectKind.REQUEST, request_id, digest=held.digest, details=told)
    return seen_request(acting, request_id, Act.CHANGE_REQUEST)


def votes_needed(weighed: Weighed) -> str:
    """Who has to approve of what, so that something that nothing covers may be measured."""
    nearest = weighed.match.nearest
    whose = ", ".join(party.full_name for party in Party)
    if nearest is None:
        return f"No agreement covers {weighed.match.wish.words}. It takes one that all three parties approve: {whose}."
    missing = "; ".join(one.says for one in nearest.lacks)
    return (
        f"Agreement {nearest.agreement_id} does not cover it ({weighed.match.wish.words}): {missing}. It takes another "
        f"version of its card, with the approval of all three parties: {whose}."
    )


def _require_open(acting: Acting, held: HeldRequest, *, is_over_allowed: bool = False) -> None:
    if held.cancelled_at is not None:
        raise NotPossible("cancelled", f"it was cancelled at {iso(held.cancelled_at)}; clone it to ask again")
    if held.stop_at <= acting.now_at and not is_over_allowed:
        raise NotPossible("over", f"it ended at {iso(held.stop_at)}; clone it to ask again")


def _dispatched(acting: Acting, held: HeldRequest) -> list[Wish]:
    """The wishes of which something was dispatched; the others go on waiting."""
    linked = {link.wish for link in store.find_links(acting.connection, [held.request_id])[held.request_id]}
    return [one for one in wishes_of(held.request) if one.key in linked]


def _require_permitted(weighed: Weighed) -> None:
    if weighed.case is None:
        raise NotPossible("votes_needed", votes_needed(weighed))
    decision = decide(*weighed.case)
    if not decision.is_permitted:
        raise NotPossible(decision.reason, f"{weighed.match.wish.words}: {explained(weighed.case, decision.reason)}")


def _call_off(acting: Acting, dispatch_id: int) -> None:
    """Have the gate refuse it from now on: its row is locked, as it is when it is sent."""
    dispatch = require_dispatch(acting.connection, dispatch_id, lock=True)
    if is_permitted_still(acting.connection, dispatch):
        decision = decide_on(acting.connection, dispatch, acting.now_at)
        add_decision(acting.connection, dispatch, decision)
        if dispatch.sent_at is None:  # of what was sent it is not known yet what is charged
            keep_treasury.release(acting.connection, dispatch, acting.now_at)
        note_of(acting.connection, dispatch, Done.DISPATCH_REFUSED, acting.now_at, reason=decision.reason)
