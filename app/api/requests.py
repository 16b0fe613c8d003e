"""`/requests`: what people want to know; the worker sends what agreements cover and the gate permits."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Body, Depends, Path, Query

from app.api.agreement_acts import NOTHING
from app.api.agreements import TheReader
from app.api.callers import TheCaller, for_act
from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas import agreements as agreement_schemas
from app.api.schemas import requests as schemas
from app.api.schemas.base import NoFilters, OurNumber
from app.api.schemas.people import PageFilters
from app.api.service import TheService
from app.api.wire import JsonAnswer
from app.api.writing import TheOnce
from app.operations import change_request, make_request
from app.operations.acting import Acting
from app.operations.answer_once import Answer
from app.operations.request_entries import one_request, request_entry, request_page, template_entries
from app.operations.try_request import try_request
from app.store.requests import HeldRequest
from measurements.agreements.people import Act
from measurements.requests.request import Question
from measurements.units import seconds

router = APIRouter(prefix="/requests", tags=["requests"], dependencies=[Depends(accepts_json)])
Number = Annotated[OurNumber, Path()]
AS_BEFORE = schemas.Changes()
COSTS = {
    "Rasad-Credits": ("credits", "Credits in total, at most."),
    "Rasad-Credits-Per-Day": ("credits_per_day", "Credits of its busiest day, at most."),
    "Rasad-Results-Per-Day": ("n_results_per_day", "Results of its busiest day, at most."),
    "Rasad-Packets-Per-Second": ("packets_per_s", "Toward the target that gets most."),
}
"""Headers that tell the cost, and what they tell."""
_HEADERS = {name: {"description": told, "schema": {"type": "string"}} for name, (_, told) in COSTS.items()}
_ACCEPTED = {
    "description": "It is noted. `Location` says where, and the headers what it costs.",
    "model": schemas.Held,
    "headers": {"Location": {"description": "Where it is told of.", "schema": {"type": "string"}}, **_HEADERS},
}
_TRIED = {"description": "What would come of it.", "model": schemas.DryRun, "headers": _HEADERS}


def asking(more: dict[int, dict[str, Any]], *statuses: int) -> dict[str, Any]:
    """What a route that asks for something is declared with."""
    declared = for_act(Act.REQUEST_MEASUREMENT, 422, *statuses)
    return declared | {"responses": {**declared["responses"], 202: _ACCEPTED, **more}}


@router.get("/templates", response_model=schemas.Templates, **for_act(Act.READ_PUBLIC))
def get_request_templates(_: Annotated[NoFilters, Query()]) -> JsonAnswer:
    """List the questions that can be asked by name."""
    return JsonAnswer({"templates": template_entries()})


@router.post("", status_code=202, response_model=schemas.Held, **asking({200: _TRIED}))
def post_request(
    filters: Annotated[schemas.AskFilters, Query()],
    body: Annotated[Question, Body(description="What somebody wants to know.")],
    service: TheService,
    once: TheOnce,
    caller: TheCaller,
) -> JsonAnswer:
    """Ask for something to be measured, in words that take no knowledge of RIPE Atlas.

    With `dry_run` it is only said what would come of it: whether it would be permitted and why, what RIPE Atlas would
    be asked for, what it costs, and what answers it for free already. Else it is kept, whatever the gate says: its
    `runs` tell how each part of it stands, and why. What no agreement covers yet waits for consent.
    """
    if filters.dry_run:
        with service.snapshot() as connection:
            tried = try_request(
                Acting(connection, caller, service.now_at()), service.label, body, service.settings.limits
            )
        return _with_cost(JsonAnswer(tried))
    return _asked(
        once,
        body,
        lambda acting: make_request.make_request(acting, service.label, body, limits=service.settings.limits),
    )


@router.get("", response_model=schemas.RequestPage, **for_act(Act.SEE_REQUESTS))
def get_requests(filters: Annotated[PageFilters, Query()], acting: TheReader) -> JsonAnswer:
    """List what was asked for: an analyst's own, or everybody's."""
    page = request_page(acting, after=read_cursor(filters.cursor, NUMBER), limit=filters.limit)
    return JsonAnswer({"requests": page.entries, "next_cursor": write_cursor(page.next_after)})


@router.get("/{request_id}", response_model=schemas.Held, **for_act(Act.SEE_REQUESTS, 404))
def get_request(request_id: Number, _: Annotated[NoFilters, Query()], acting: TheReader) -> JsonAnswer:
    """Show how a request stands: what came of each part of it, and in plain words why something did not happen."""
    return JsonAnswer(one_request(acting, request_id))


@router.post(
    "/{request_id}/cancellation",
    status_code=202,
    response_model=schemas.Held,
    **for_act(Act.CHANGE_REQUEST, 404, 409, 422),
)
def post_cancellation(
    request_id: Number,
    _: Annotated[NoFilters, Query()],
    once: TheOnce,
    body: Annotated[agreement_schemas.Nothing, Body()] = NOTHING,
) -> JsonAnswer:
    """End a request: what was not sent never is; the worker stops what runs, and reads it back until it has stopped.

    It takes no `If-Match`, since it holds however the request stands.
    """

    def cancel(acting: Acting) -> Answer:
        entry = request_entry(acting, change_request.cancel_request(acting, request_id))
        return Answer(entry, status=HTTPStatus.ACCEPTED)

    return once.act(body, cancel, location=lambda _: once.path.rpartition("/")[0])


@router.post(
    "/{request_id}/extension",
    status_code=202,
    response_model=schemas.Held,
    **for_act(Act.CHANGE_REQUEST, 404, 409, 422),
)
def post_extension(
    request_id: Number, _: Annotated[NoFilters, Query()], body: schemas.Extension, service: TheService, once: TheOnce
) -> JsonAnswer:
    """Have a request go on to a later end, as far as an agreement covers that; else it says which votes that takes."""

    def extend(acting: Acting) -> Answer:
        limits = service.settings.limits
        longer = change_request.extend_request(acting, request_id, seconds(body.stop_at), limits)
        return Answer(request_entry(acting, longer), status=HTTPStatus.ACCEPTED)

    return _with_cost(once.act(body, extend, location=lambda _: once.path.rpartition("/")[0]))


@router.post("/{request_id}/clones", status_code=202, response_model=schemas.Held, **asking({}, 404))
def post_clone(
    request_id: Number,
    _: Annotated[NoFilters, Query()],
    service: TheService,
    once: TheOnce,
    body: Annotated[schemas.Changes, Body()] = AS_BEFORE,
) -> JsonAnswer:
    """Ask for the same again, for as long, from now on, but for what is said otherwise."""
    label, limits = service.label, service.settings.limits
    return _asked(once, body, lambda acting: make_request.clone_request(acting, label, request_id, body, limits))


def _asked(once: TheOnce, body: Question, ask: Callable[[Acting], HeldRequest]) -> JsonAnswer:
    """Ask once, and say where it is told of."""

    def act(acting: Acting) -> Answer:
        return Answer(request_entry(acting, ask(acting)), status=HTTPStatus.ACCEPTED)

    requests = once.path.partition(router.prefix)[0] + router.prefix
    return _with_cost(once.act(body, act, location=lambda content: f"{requests}/{content['request_id']}"))


def _with_cost(answer: JsonAnswer) -> JsonAnswer:
    cost = orjson.loads(answer.body)["cost"]
    for header, (name, _) in COSTS.items():
        answer.headers[header] = str(cost[name])
    return answer
