"""Measurements: created, shown, changed and stopped."""

from http import HTTPStatus

from starlette.responses import Response

from app.rehearsal.api.call import Call
from app.rehearsal.api.creation import create
from app.rehearsal.api.entries import Entry, UserDefined
from app.rehearsal.api.envelope import forbidden, json_answer
from app.rehearsal.api.keys import Grant
from app.rehearsal.api.lifecycle import RUNNING
from app.rehearsal.api.objects import with_addresses
from app.rehearsal.contract import Body

OPTIONAL = {"probes", "participation_requests", "probe_sources"}


def create_some(call: Call) -> Response:
    """`POST /measurements/`, `/measurements/my/` and, for one type, `/measurements/{type}/`."""
    key = call.require(Grant.CREATE)
    created = create(call.platform, key, call.json_object, call.now, call.request.path_params.get("type"))
    return json_answer({"measurements": [each.id for each in created]}, HTTPStatus.CREATED)


def show(call: Call) -> Response:
    """`GET /measurements/{id}/`."""
    return json_answer(described(call, call.entry))


def described(call: Call, entry: Entry) -> Body:
    """The object of a measurement, with optional fields where they are asked for."""
    body = with_addresses(entry.object(call.now), call.root)
    asked = {name for option in ("fields", "optional_fields", "include") for name in _names(call, option)}
    if "probes" in asked:
        ids = sorted(member.probe_id for member in entry.members(call.now) if member.left_at is None)
        body["probes"] = [{"id": each, "url": f"{call.root}/api/v2/probes/{each}/"} for each in ids]
    return body


def _names(call: Call, option: str) -> list[str]:
    return [name.strip() for name in call.query.get(option, "").split(",") if name.strip()]


def stop(call: Call) -> Response:
    """`DELETE /measurements/{id}/`: it stops for good, its results stay."""
    key = call.require(Grant.STOP)
    entry = call.entry
    if not isinstance(entry, UserDefined) or entry.owner != key.owner:
        raise forbidden()
    if entry.standing(call.now).status in RUNNING:
        with call.platform.records.changing():
            entry.created.deleted_at = call.now
    return Response(status_code=HTTPStatus.NO_CONTENT)
