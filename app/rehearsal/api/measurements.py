"""Measurements: listed, created, shown, changed and stopped."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError
from starlette.responses import Response

from app.rehearsal.api.call import Call
from app.rehearsal.api.creation import create
from app.rehearsal.api.definitions import Definition
from app.rehearsal.api.entries import Entry, UserDefined
from app.rehearsal.api.envelope import Mistake, forbidden, invalid, json_answer
from app.rehearsal.api.filters import Test, choice, number, text, whole, within, yes_or_no
from app.rehearsal.api.keys import Grant
from app.rehearsal.api.lifecycle import is_over
from app.rehearsal.api.objects import with_addresses
from app.rehearsal.api.paging import Resource, listed, shown
from app.rehearsal.api.participation import on_the_wire
from app.rehearsal.api.values import Text, as_mistakes
from app.rehearsal.contract import Body


def _status(given: str) -> Test:
    names = {part.strip().lower() for part in given.split(",") if part.strip()}
    return lambda body: bool(names & {str(body["status"]["id"]), body["status"]["name"].lower()})


def _tags(given: str) -> Test:
    wanted = {part.strip() for part in given.split(",") if part.strip()}
    return lambda body: wanted <= set(body["tags"])


def _search(given: str) -> Test:
    return lambda body: any(given.lower() in (body[name] or "").lower() for name in ("description", "target"))


def _current_probes(given: str) -> Test:
    wanted = {whole(part) for part in given.split(",") if part.strip()}
    return lambda body: wanted <= {probe["id"] for probe in body["probes"]}


def _by(*path: str) -> Callable[[Body], Any]:
    def of(body: Body) -> Any:
        value: Any = body
        for name in path:
            value = value[name]
        return value

    return of


MEASUREMENTS = Resource(
    fields={
        "id": number("id"),
        "start_time": number("start_time", is_instant=True),
        "stop_time": number("stop_time", is_instant=True),
        "creation_time": number("creation_time", is_instant=True),
        "interval": number("interval"),
        "type": choice("type"),
        "af": choice("af", whole),
        "is_public": choice("is_public", yes_or_no),
        "is_oneoff": choice("is_oneoff", yes_or_no),
        "target": text("target"),
        "target_asn": choice("target_asn", whole),
        "description": text("description"),
        "group_id": number("group_id"),
    },
    specials={
        "status": _status,
        "status__in": _status,
        "target_ip": within("target_ip"),
        "tags": _tags,
        "search": _search,
        "current_probes": _current_probes,
        "protocol": lambda given: lambda body: str(body.get("protocol") or "").lower() == given.lower(),
    },
    sorts={
        **{name: _by(name) for name in ("start_time", "stop_time", "is_oneoff", "interval", "type", "af")},
        **{f"status.{name}": _by("status", name) for name in ("id", "name")},
    },
    page_size=50,
    by_cursor=True,
    instants=("start_time", "stop_time", "creation_time"),
)


def create_some(call: Call) -> Response:
    """`POST /measurements/`, `/measurements/my/` and, for one type, `/measurements/{type}/`."""
    key = call.require(Grant.CREATE)
    if call.accounts.balance(key.owner, call.now) <= 0:
        raise invalid(Mistake("You do not have enough credits to schedule this measurement.", ""))
    created = create(call.platform, key, call.json_object, call.now, call.request.path_params.get("type"))
    return json_answer({"measurements": [each.id for each in created]}, HTTPStatus.CREATED)


def list_all(call: Call) -> Response:
    """`GET /measurements/` and, for one type, `/measurements/{type}/`."""
    type_ = call.request.path_params.get("type")
    entries = [entry for entry in call.platform.entries() if call.may_see(entry)]
    if call.query.get("mine", "").lower() in ("true", "1"):
        owner = call.require(Grant.LIST).owner
        entries = [entry for entry in entries if entry.owner == owner]
    return _list(call, [entry for entry in entries if type_ in (None, entry.type)])


def list_mine(call: Call) -> Response:
    """`GET /measurements/my/`."""
    owner = call.require(Grant.LIST).owner
    return _list(call, [entry for entry in call.platform.entries() if entry.owner == owner])


def _list(call: Call, entries: list[Entry]) -> Response:
    bodies = [described(call, entry) for entry in entries if entry.created_at <= call.now]
    return json_answer(listed(call, MEASUREMENTS, bodies))


def show(call: Call) -> Response:
    """`GET /measurements/{id}/`."""
    return json_answer(shown(call, MEASUREMENTS, described(call, call.entry)))


def described(call: Call, entry: Entry) -> Body:
    """The object of a measurement, with optional fields where they are asked for."""
    body = with_addresses(entry.object(call.now), call.root)
    options = (call.query.get(option, "") for option in ("fields", "optional_fields", "include"))
    asked = {name.strip() for option in options for name in option.split(",")}
    if "probes" in asked or "current_probes" in call.query:
        ids = sorted(member.probe_id for member in entry.members(call.now) if member.left_at is None)
        body["probes"] = [{"id": each, "url": f"{call.root}/api/v2/probes/{each}/"} for each in ids]
    if "participation_requests" in asked:
        body["participation_requests"] = on_the_wire(call, entry)
    if "probe_sources" in asked:
        requests = on_the_wire(call, entry)
        body["probe_sources"] = [{name: each[name] for name in ("type", "value", "requested")} for each in requests]
    return body


def own(call: Call, grant: Grant) -> UserDefined:
    """The measurement in the path, if it is the key's owner's. Refuses otherwise."""
    key = call.require(grant)
    entry = call.entry
    if not isinstance(entry, UserDefined) or entry.owner != key.owner:
        raise forbidden()
    return entry


class Change(BaseModel):
    """What may be changed of a measurement that exists."""

    description: Annotated[Text, Field(min_length=1, max_length=254)] | None = None
    tags: list[Text] | None = None
    is_public: bool | None = None


def change(call: Call) -> Response:
    """`PATCH /measurements/{id}/`: its description, its tags, and from private to public."""
    entry = own(call, Grant.STOP)
    given = call.json_object
    try:
        asked = Change.model_validate(given)
        checked = Definition.model_validate({"af": 4, "description": "x", **asked.model_dump(exclude_none=True)})
    except ValidationError as error:
        raise invalid(*as_mistakes(error, "")) from error
    if asked.is_public is False and entry.is_public:
        raise invalid(Mistake("A public measurement cannot be made private.", "/is_public"))
    named = asked.model_dump(exclude_none=True)
    with call.platform.records.changing():
        entry.created.fields.update({name: getattr(checked, name) for name in named})
    return json_answer(with_addresses(entry.object(call.now), call.root))


def stop(call: Call) -> Response:
    """`DELETE /measurements/{id}/`: it stops for good, its results stay."""
    entry = own(call, Grant.STOP)
    if not is_over(entry.created, call.now):
        with call.platform.records.changing():
            entry.created.deleted_at = call.now
    return Response(status_code=HTTPStatus.NO_CONTENT)
