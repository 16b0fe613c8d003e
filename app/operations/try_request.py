"""Say what a request would come to, and change nothing: whether it would be permitted and why, what RIPE Atlas would be
asked for, what it costs, and what answers it for free.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from app.operations.acting import Acting, require_role
from app.operations.intend_dispatches import TAG
from app.operations.match_requests import Weighed, find_wishes, weigh
from app.operations.plan_dispatches import plan_of
from app.store.dispatches import Dispatch
from app.store.find_vantage import count_probes, find_measurements, has_probes
from app.store.followed import list_followed
from measurements.agreements.gate import cautions, decide, explained, objections
from measurements.agreements.intent import Intent
from measurements.agreements.people import Act
from measurements.agreements.reasons import Reason
from measurements.atlas.payloads import creation_body
from measurements.campaigns.limits import USUAL, PlatformLimits
from measurements.requests.figures import figures_of
from measurements.requests.matching import unagreed
from measurements.requests.offers import most_of
from measurements.requests.request import Question, Request, complete, request_digest, request_document
from measurements.requests.reuse import Existing, answering, built_ins
from measurements.requests.states import waiting
from measurements.results.outcome import DataClass, Label
from measurements.selections import SelectedBy
from measurements.units import iso

_Place = tuple[SelectedBy, str, int]
"""By what probes are selected, its value, and over which address family they are asked."""


def try_request(acting: Acting, label: Label, question: Question, limits: PlatformLimits = USUAL) -> dict[str, Any]:
    """What would come of a question now. Raises `NotPermitted`, and `InvalidContent` for what makes no sense."""
    require_role(acting.caller, Act.REQUEST_MEASUREMENT)
    connection, now = acting.connection, acting.now_at
    request = complete(question, now)
    weighed = weigh(connection, label, request, find_wishes(connection, request), now, limits=limits)
    intents = [intent_of(one, request) for one in weighed]
    existing = (*built_ins(), *_followed(connection, label))
    known = known_probes(connection, label, intents)
    told = [
        _told(label, request, one, intent, now)
        | {"cost": _cost([[intent]], known)}
        | {"reuse": [_reuse(each) for each in answering(one.match.wish, request, existing)]}
        for one, intent in zip(weighed, intents, strict=True)
    ]
    return {
        "request": request_document(request),
        "digest": request_digest(request),
        "label": label,
        "is_permitted": all(one["is_permitted"] for one in told),
        "cost": _cost([[one] for one in intents], known),
        "measurements": told,
    }


def intent_of(weighed: Weighed, request: Request) -> Intent:
    """What would be dispatched, or if nothing covers it, what would be if somebody agreed to all of it."""
    covered = weighed.match.covered
    return unagreed(weighed.match.wish, request, request_digest(request)) if covered is None else covered.intent


def cost_entry(connection: Connection, label: Label, wishes: Sequence[Sequence[Intent]]) -> dict[str, Any]:
    """What some wishes come to together, at most; of probes also how many can be expected."""
    return _cost(wishes, known_probes(connection, label, [one for intents in wishes for one in intents]))


def known_probes(connection: Connection, label: Label, intents: Iterable[Intent]) -> dict[_Place, int] | None:
    """How many probes are known of each place that some intents name; None where nobody here knows of any."""
    if not has_probes(connection, label):
        return None
    places = {(one.by, one.value, intent.allowed.address_family) for intent in intents for one in intent.selections}
    columns = {
        (by, value, family): "country_code" if by is SelectedBy.COUNTRY else f"asn_v{family}"
        for by, value, family in places
        if by in (SelectedBy.COUNTRY, SelectedBy.ASN)
    }
    return {
        place: count_probes(connection, label, column, int(place[1]) if place[0] is SelectedBy.ASN else place[1])
        for place, column in columns.items()
    }


def _cost(wishes: Sequence[Sequence[Intent]], known: Mapping[_Place, int] | None) -> dict[str, Any]:
    figures = figures_of(wishes)
    expected = [] if known is None else [_expected(one, known) for intents in wishes for one in intents]
    told = {**figures._asdict(), "packets_per_s": float(figures.packets_per_s)}
    return {**told, "n_probes_expected": None if known is None else max(expected, default=0)}


def _expected(intent: Intent, known: Mapping[_Place, int]) -> int:
    """As many as are asked for, or are there."""
    family = intent.allowed.address_family
    asked = ((most_of(one), (one.by, one.value, family)) for one in intent.selections)
    return sum(min(most, known.get(place, most)) for most, place in asked)


def missing_entries(weighed: Weighed) -> list[dict[str, str | None]]:
    """What the nearest agreement does not allow."""
    nearest = weighed.match.nearest
    return [{"pointer": one.pointer or None, "says": one.says} for one in (nearest.lacks if nearest else ())]


def _told(label: Label, request: Request, weighed: Weighed, intent: Intent, now: int) -> dict[str, Any]:
    wish, covered, nearest = weighed.match
    agreement = covered or nearest
    agreement_id = agreement and agreement.agreement_id
    return {
        "target": wish.target,
        "type": wish.type,
        "address_family": wish.address_family,
        "start_at": iso(request.from_at),
        "stop_at": iso(request.until_at),
        "interval_s": intent.allowed.interval_s,
        "agreement_id": agreement_id,
        "entry": None if covered is None else covered.entry + 1,
        **_decided(weighed),
        "missing": missing_entries(weighed),
        "body": creation_body(plan_of(_dispatch(label, agreement_id or 0, intent, now))),
    }


def _decided(weighed: Weighed) -> dict[str, Any]:
    case = weighed.case
    against = [Reason.NO_AGREEMENT] if case is None else list(dict.fromkeys(objections(case)))
    reason = Reason.NO_AGREEMENT if case is None else decide(*case).reason
    nearest = weighed.match.nearest
    told = waiting(nearest and nearest.agreement_id, [one.says for one in nearest.lacks] if nearest else [])
    return {
        "is_permitted": reason is Reason.AGREED,
        "reason": reason,
        "explanation": told.explanation if case is None else explained(case, reason),
        "objections": [
            {"reason": one, "explanation": one.explanation if case is None else explained(case, one)} for one in against
        ],
        "cautions": [
            {"caution": one, "explanation": one.explanation} for one in (() if case is None else cautions(case))
        ],
    }


def _dispatch(label: Label, agreement_id: int, intent: Intent, now: int) -> Dispatch:
    """One that nobody has noted, under a tag in the form that it would have."""
    return Dispatch(
        dispatch_id=0, label=label, agreement_id=agreement_id, number=0, intent=intent,
        tag=f"{TAG}-0-{intent.digest[:12]}", intended_at=now, sent_at=None, atlas_id=None, answered_at=None,
        failure=None, stop_asked_at=None, stopped_at=None,
    )  # fmt: skip


def _followed(connection: Connection, label: Label) -> Iterable[Existing]:
    """What is followed here already, and public."""
    public = [one.atlas_id for one in list_followed(connection, label) if one.data_class is DataClass.PUBLIC]
    for one in find_measurements(connection, public, label):
        yield Existing(
            one.atlas_id, one.type, one.target, one.address_family, one.interval_s, one.queried_name,
            one.queried_type, is_built_in=False,
        )  # fmt: skip


def _reuse(one: Existing) -> dict[str, Any]:
    """What to do instead of measuring the same again."""
    told = (
        "RIPE Atlas measures this on every probe anyway; `rasad backfill` and `rasad follow` read it for nothing."
        if one.is_built_in
        else "It is followed here already; `rasad series` shows it."
    )
    return {"atlas_id": one.atlas_id, "is_built_in": one.is_built_in, "explanation": told}
