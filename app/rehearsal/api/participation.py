"""Participation requests: probes that join a measurement while it runs, or leave it."""

from http import HTTPStatus

from pydantic import ValidationError
from starlette.responses import Response

from app.rehearsal.api.call import Call
from app.rehearsal.api.creation import uncovered
from app.rehearsal.api.entries import Entry, UserDefined
from app.rehearsal.api.envelope import Mistake, forbidden, invalid, json_answer, not_found
from app.rehearsal.api.filters import number
from app.rehearsal.api.keys import Grant
from app.rehearsal.api.lifecycle import is_over
from app.rehearsal.api.paging import Resource, listed
from app.rehearsal.api.records import Asked, Created, ask
from app.rehearsal.api.sources import ParticipationRequest
from app.rehearsal.api.values import as_mistakes
from app.rehearsal.contract import Body

REQUESTS = Resource(fields={"id": number("id")}, instants=("created_at",))


def on_the_wire(call: Call, entry: Entry) -> list[Body]:
    """Every request of a measurement, those of its creation included."""
    if not isinstance(entry, UserDefined):
        return []
    return [_object(call, entry.created, asked) for asked in entry.created.asked]


def _object(call: Call, created: Created, asked: Asked) -> Body:
    address = f"{call.root}/api/v2/participation-requests/{asked.id}/"
    return {
        "action": asked.action,
        "created_at": asked.at,
        "id": asked.id,
        "logs": f"{address}logs/",
        "measurement": f"{call.root}/api/v2/measurements/{created.id}/",
        "measurement_id": created.id,
        "requested": asked.source["requested"],
        "self": address,
        "type": asked.source["type"],
        "value": asked.source["value"],
    }


def list_requests(call: Call) -> Response:
    """`GET /measurements/{id}/participation-requests/`."""
    return json_answer(listed(call, REQUESTS, on_the_wire(call, call.entry)))


def show_request(call: Call) -> Response:
    """`GET /participation-requests/{id}/`."""
    created, asked = _found(call)
    return json_answer(_object(call, created, asked))


def show_logs(call: Call) -> Response:
    """`GET /participation-requests/{id}/logs/`: nothing is logged."""
    _found(call)
    return json_answer(listed(call, REQUESTS, []))


def _found(call: Call) -> tuple[Created, Asked]:
    wanted = call.number()
    for created, asked in call.platform.records.requests():
        if asked.id == wanted and call.may_see(UserDefined(call.platform, created)):
            return created, asked
    raise not_found()


def add_requests(call: Call) -> Response:
    """`POST /measurements/{id}/participation-requests/`: a list of them; one alone is taken as a list."""
    key = call.require(Grant.CREATE)
    entry = call.entry
    if not isinstance(entry, UserDefined) or entry.owner != key.owner:
        raise forbidden()
    requests = _read(call)
    if is_over(entry.created, call.now):
        raise invalid(Mistake("This measurement is not running.", ""))
    with call.platform.records.changing() as kept:
        made = [ask(kept, entry.created, request.action, request.on_the_wire(), call.now).id for request in requests]
    return json_answer({"request_ids": made}, HTTPStatus.CREATED)


def _read(call: Call) -> list[ParticipationRequest]:
    given = call.body if isinstance(call.body, list) else [call.body]
    if not given:
        raise invalid(Mistake("This list may not be empty.", ""))
    read: list[ParticipationRequest] = []
    mistakes: list[Mistake] = []
    for index, each in enumerate(given):
        try:
            request = ParticipationRequest.model_validate(each)
        except ValidationError as error:
            mistakes += as_mistakes(error, f"/{index}")
            continue
        missing = uncovered(call.platform, request, f"/{index}", call.now)
        mistakes += [missing] if missing else []
        read.append(request)
    if mistakes:
        raise invalid(*mistakes)
    return read
