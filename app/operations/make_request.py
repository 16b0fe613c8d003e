"""Ask for a measurement: what somebody wants to know is noted, and what an agreement covers of it is to be dispatched.

What nothing covers yet waits for consent: the worker looks again, and has it dispatched once an agreement covers it.
Nothing goes out but through the gate, which is asked at once and again right before the call.
"""

from collections.abc import Iterable, Sequence

import structlog
from sqlalchemy import Connection

from app.operations.acting import Acting, NotPermitted, require, require_role
from app.operations.intend_dispatches import note_intent
from app.operations.match_requests import find_offers, find_wishes, weigh
from app.store import requests as store
from app.store.engine import Transaction
from app.store.people import find_person
from app.store.requests import HeldRequest
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.people import Act, Caller, Grounds, Person, Role
from measurements.campaigns.limits import USUAL, PlatformLimits
from measurements.clock import Clock
from measurements.errors import NotFound
from measurements.requests.matching import Covered, match
from measurements.requests.offers import Offer
from measurements.requests.request import BEGINS_AFTER_S, Question, Request, complete, request_digest
from measurements.requests.wishes import Wish, wishes_of
from measurements.results.outcome import Label
from measurements.units import seconds

_log = structlog.get_logger("rasad.requests")

SERVICE = Caller(Person(0, "service", "", None, Role.ANALYST), frozenset(), None)
"""Who has dispatched what was waiting: nobody but Rasad itself."""


def make_request(
    acting: Acting, label: Label, question: Question, cloned_from: int | None = None, limits: PlatformLimits = USUAL
) -> HeldRequest:
    """Note what somebody asks for, and have dispatched what is covered of it.

    Raises `NotPermitted`, and `InvalidContent` with every place that makes no sense.
    """
    person_id = _asker(acting)
    request = complete(question, acting.now_at)
    wishes = find_wishes(acting.connection, request)
    number = store.add_request(
        acting.connection, label, person_id, request, [one.key for one in wishes], acting.now_at, cloned_from
    )
    told = {"title": request.title, "wishes": [one.words for one in wishes], "cloned_from": cloned_from}
    acting.note(Done.REQUEST_MADE, SubjectKind.REQUEST, number, digest=request_digest(request), details=told)
    held = require_request(acting.connection, number)
    intend_covered(acting, held, request, wishes, limits)
    return held


def clone_request(
    acting: Acting, label: Label, request_id: int, changes: Question, limits: PlatformLimits = USUAL
) -> HeldRequest:
    """Ask for the same again from now on, for as long, but for what is said otherwise."""
    require_role(acting.caller, Act.REQUEST_MEASUREMENT)
    held = seen_request(acting, request_id)
    request = held.request
    start_at = acting.now_at + BEGINS_AFTER_S if changes.start_at is None else seconds(changes.start_at)
    same = request.lasting(start_at, start_at + request.until_at - request.from_at)
    said = {name: value for name in Question.model_fields if (value := getattr(changes, name)) is not None}
    fields = {name: getattr(same, name) for name in Question.model_fields}
    return make_request(acting, label, Question.model_construct(**fields | said), request_id, limits)


def intend_covered(
    acting: Acting, held: HeldRequest, request: Request, wishes: Iterable[Wish], limits: PlatformLimits = USUAL
) -> int:
    """Have dispatched what is covered of some wishes of a request; gives how many that are."""
    weighed = weigh(acting.connection, held.label, request, wishes, acting.now_at, limits=limits)
    covered = [(one.match.wish, one.match.covered) for one in weighed if one.match.covered is not None]
    covered.sort(key=lambda one: one[1].agreement_id)  # their accounts are locked in one order by everybody
    for wish, one in covered:
        _intend(acting, held, wish, one, limits)
    return len(covered)


def plan_waiting(transaction: Transaction, clock: Clock, label: Label, limits: PlatformLimits = USUAL) -> int:
    """Have dispatched what waited for consent and is covered now; gives how many measurements that are."""
    with transaction() as connection:
        now = seconds(clock.now())
        open_ = ((one, unplanned(connection, one)) for one in store.find_open(connection, label, now))
        waiting = [(one, left) for one, left in open_ if left]
        offers = find_offers(connection, now) if waiting else []
        ready = [one.request_id for one, left in waiting if _is_covered(one, left, offers, now)]
    n_planned = 0
    for request_id in ready:
        with transaction() as connection:
            n_planned += _plan(connection, request_id, seconds(clock.now()), limits)
    return n_planned


def unplanned(connection: Connection, held: HeldRequest) -> list[Wish]:
    """The wishes of a request for which nothing was dispatched yet."""
    planned = {link.wish for link in store.find_links(connection, [held.request_id])[held.request_id]}
    open_ = set(held.wishes) - planned
    return [one for one in wishes_of(held.request) if one.key in open_] if open_ else []


def require_request(connection: Connection, request_id: int) -> HeldRequest:
    """A request that is there."""
    held = store.find_request(connection, request_id)
    if held is None:
        raise NotFound(f"there is no request {request_id}")
    return held


def seen_request(acting: Acting, request_id: int, act: Act = Act.SEE_REQUESTS) -> HeldRequest:
    """A request about which the caller may do something. Raises `NotFound` for another's as for none at all."""
    require_role(acting.caller, act)
    held = require_request(acting.connection, request_id)
    person = find_person(acting.connection, held.person_id)
    party = None if person is None else person.party
    require(acting, act, party=party, person_id=held.person_id, hidden=f"request {request_id}")
    return held


def _is_covered(held: HeldRequest, wishes: Iterable[Wish], offers: Sequence[Offer], now: int) -> bool:
    """Whether an agreement covers any of some wishes."""
    request = _from_now_on(held, now)
    return any(match(one, request, offers, now).covered is not None for one in wishes)


def _plan(connection: Connection, request_id: int, now: int, limits: PlatformLimits) -> int:
    held = require_request(connection, request_id)
    if held.cancelled_at is not None or held.stop_at <= now:
        return 0
    acting = Acting(connection, SERVICE, now)
    return intend_covered(acting, held, _from_now_on(held, now), unplanned(connection, held), limits)


def _from_now_on(held: HeldRequest, now: int) -> Request:
    """What is left of its time: from in a minute on, or from its last second where there is less."""
    start_at = max(held.request.from_at, min(now + BEGINS_AFTER_S, held.stop_at - 1))
    return held.request.lasting(start_at, held.stop_at)


def _intend(acting: Acting, held: HeldRequest, wish: Wish, covered: Covered, limits: PlatformLimits) -> None:
    connection, number = acting.connection, held.request_id
    dispatch, decision = note_intent(
        connection, held.label, covered.agreement_id, covered.version, covered.intent, acting.now_at,
        belongs=lambda dispatch_id: store.link_dispatch(connection, number, dispatch_id, wish.key),
        limits=limits,
    )  # fmt: skip
    told = {"dispatch_id": dispatch.dispatch_id, "tag": dispatch.tag, "asked_as": number}
    acting.note(
        Done.DISPATCH_INTENDED, SubjectKind.AGREEMENT, covered.agreement_id, version=covered.version.number,
        digest=covered.version.digest, reason=decision.reason, details=told,
    )  # fmt: skip


def _asker(acting: Acting) -> int:
    """Who asks: a person that is known, since there is somebody to answer."""
    require_role(acting.caller, Act.REQUEST_MEASUREMENT)
    if acting.person_id is None:
        raise NotPermitted(Act.REQUEST_MEASUREMENT, Grounds.KEY_MISSING)
    return acting.person_id
