"""Requests as they are told: how each stands, what came of it, and in words why something did not happen."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.operations.acting import Acting, require_role
from app.operations.list_people import Page
from app.operations.make_request import seen_request
from app.operations.match_requests import Weighed, find_offers, weigh
from app.operations.try_request import cost_entry, intent_of, missing_entries
from app.store.decisions import find_decisions
from app.store.dispatches import Dispatch, find_dispatch
from app.store.people import find_people
from app.store.requests import HeldRequest, Link, find_links, find_requests
from measurements.agreements.gate import Decision
from measurements.agreements.intent import Intent
from measurements.agreements.people import TABLE, Act, Person, Reach
from measurements.agreements.reasons import Reason
from measurements.requests.offers import Offer
from measurements.requests.request import request_document
from measurements.requests.states import Facts, Progress, State, given_up, progress_of, waiting, whole
from measurements.requests.templates import Template, templates
from measurements.requests.wishes import Wish, wishes_of
from measurements.units import iso


class Run(NamedTuple):
    """A measurement that a request asks for, and what came of it."""

    wish: Wish
    start_at: int
    stop_at: int
    progress: Progress
    agreement_id: int | None
    """The one it is under, or that comes nearest to covering it."""
    intent: Intent
    dispatch: Dispatch | None
    """None while nothing covers it."""
    missing: list[dict[str, str | None]]


class _Around(NamedTuple):
    """Whoever asks, and what is read once for all the requests that are told of."""

    acting: Acting
    offers: Callable[[], list[Offer]]
    decided: Callable[[int], dict[int, list[Decision]]]


def request_page(acting: Acting, *, after: int | None = None, limit: int = 100) -> Page:
    """One page of the requests that somebody may see, in order of their number."""
    require_role(acting.caller, Act.SEE_REQUESTS)
    is_own = TABLE[Act.SEE_REQUESTS].reach(acting.caller.person.role) is Reach.OWN
    person_id = acting.caller.person.person_id if is_own else None
    found = find_requests(acting.connection, person_id=person_id, after=after, limit=limit + 1)
    shown = found[:limit]
    return Page(_entries(acting, shown), shown[-1].request_id if len(found) > len(shown) else None)


def one_request(acting: Acting, request_id: int) -> dict[str, Any]:
    """A request with all that came of it. Raises `NotFound`."""
    return request_entry(acting, seen_request(acting, request_id))


def request_entry(acting: Acting, held: HeldRequest) -> dict[str, Any]:
    """A request with all that came of it, for whoever may see it."""
    (entry,) = _entries(acting, [held], is_whole=True)
    return entry


def template_entries() -> list[dict[str, Any]]:
    """The questions that can be asked by name."""
    return [_template(one) for one in templates()]


def _template(one: Template) -> dict[str, Any]:
    told = {"template": one.name, "title": one.title, "explains": one.explains, "needs": list(one.needs)}
    return {**told, "lasts_s": one.lasts_s, "question": dict(one.says)}


def _entries(acting: Acting, those: list[HeldRequest], *, is_whole: bool = False) -> list[dict[str, Any]]:
    connection = acting.connection
    people = find_people(connection, {one.person_id for one in those})
    links = find_links(connection, [one.request_id for one in those])
    around = _Around(
        acting, cache(lambda: find_offers(connection, acting.now_at)), cache(partial(find_decisions, connection))
    )
    told = []
    for held in those:
        runs = list(_runs(around, held, links[held.request_id]))
        entry = _entry(held, people.get(held.person_id), runs)
        told.append(entry | _more(connection, held, runs) if is_whole else entry)
    return told


def _entry(held: HeldRequest, person: Person | None, runs: list[Run]) -> dict[str, Any]:
    return {
        "request_id": held.request_id,
        "label": held.label,
        "title": held.request.title,
        "state": whole(run.progress.state for run in runs),
        "asked_at": iso(held.asked_at),
        "start_at": iso(held.request.from_at),
        "stop_at": iso(held.stop_at),
        "person_id": held.person_id,
        "name": person and person.name,
        "party": person and person.party,
        "n_runs": len(runs),
        "n_under_way": sum(run.dispatch is not None and run.dispatch.is_under_way for run in runs),
        "cancelled_at": _moment(held.cancelled_at),
        "cloned_from": held.cloned_from,
    }


def _more(connection: Connection, held: HeldRequest, runs: list[Run]) -> dict[str, Any]:
    by_wish = defaultdict[str, list[Intent]](list)
    for run in runs:
        by_wish[run.wish.key].append(run.intent)
    return {
        "digest": held.digest,
        "request": request_document(held.request),
        "cost": cost_entry(connection, held.label, list(by_wish.values())),
        "runs": [_run(run) for run in runs],
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "target": run.wish.target,
        "type": run.wish.type,
        "address_family": run.wish.address_family,
        "start_at": iso(run.start_at),
        "stop_at": iso(run.stop_at),
        "interval_s": run.intent.allowed.interval_s,
        "state": run.progress.state,
        "explanation": run.progress.explanation,
        "agreement_id": run.agreement_id,
        "missing": run.missing,
        "dispatch_id": run.dispatch and run.dispatch.dispatch_id,
        "atlas_id": run.dispatch and run.dispatch.atlas_id,
        "n_probes": run.intent.n_probes,
        "credits": run.intent.credits,
    }


def _runs(around: _Around, held: HeldRequest, links: list[Link]) -> Iterable[Run]:
    """What came of each wish, in the order of the request; one that nothing covers has no dispatch."""
    wishes = [one for one in wishes_of(held.request) if one.key in held.wishes]
    planned = {link.wish for link in links}
    open_ = [one for one in wishes if one.key not in planned]
    weighed = {one.match.wish.key: one for one in _weighed(around, held, open_)}
    for wish in wishes:
        if wish.key in weighed:
            yield _waiting(around.acting, held, weighed[wish.key])
        for link in links:
            if link.wish == wish.key:
                yield _dispatched(around, held, wish, link.dispatch_id)


def _weighed(around: _Around, held: HeldRequest, wishes: list[Wish]) -> list[Weighed]:
    if not wishes:
        return []
    acting = around.acting
    return weigh(acting.connection, held.label, held.as_extended, wishes, acting.now_at, around.offers())


def _waiting(acting: Acting, held: HeldRequest, weighed: Weighed) -> Run:
    agreement = weighed.match.covered or weighed.match.nearest
    agreement_id = agreement and agreement.agreement_id
    missing = missing_entries(weighed)
    if held.cancelled_at is not None:
        progress = Progress(State.CANCELLED, f"It was cancelled at {iso(held.cancelled_at)}; nothing covered it.")
    elif held.stop_at <= acting.now_at:
        progress = given_up(held.stop_at)
    elif weighed.match.covered is not None:
        progress = Progress(State.WAITING_FOR_CONSENT, "An agreement covers it now; it is dispatched within minutes.")
    else:
        progress = waiting(agreement_id, (str(one["says"]) for one in missing))
    request = held.as_extended
    times = request.from_at, request.until_at
    return Run(weighed.match.wish, *times, progress, agreement_id, intent_of(weighed, request), None, missing)


def _dispatched(around: _Around, held: HeldRequest, wish: Wish, dispatch_id: int) -> Run:
    dispatch = find_dispatch(around.acting.connection, dispatch_id)
    if dispatch is None:
        raise LookupError(f"request {held.request_id} has a dispatch {dispatch_id} that is not there")
    said = around.decided(dispatch.agreement_id)[dispatch_id]
    intent = dispatch.intent
    stop_at = held.stop_at if intent.stop_at is None else intent.stop_at
    facts = Facts(
        start_at=intent.start_at,
        stop_at=stop_at,
        reason=said[-1].reason if said else Reason.NO_AGREEMENT,
        sent_at=dispatch.sent_at,
        atlas_id=dispatch.atlas_id,
        failure=dispatch.failure,
        trouble=dispatch.trouble,
        stop_asked_at=dispatch.stop_asked_at,
        stopped_at=dispatch.stopped_at,
    )
    progress = progress_of(facts, around.acting.now_at, held.cancelled_at)
    return Run(wish, intent.start_at, stop_at, progress, dispatch.agreement_id, intent, dispatch, [])


def _moment(at: int | None) -> str | None:
    return None if at is None else iso(at)
