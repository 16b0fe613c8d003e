"""Probes, their tags and what they run; anchors."""

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from app.rehearsal.api.call import Call
from app.rehearsal.api.envelope import json_answer, not_found
from app.rehearsal.api.filters import (
    Field,
    Test,
    choice,
    decimal,
    lower,
    number,
    radius,
    text,
    whole,
    within,
    yes_or_no,
)
from app.rehearsal.api.measurements import MEASUREMENTS, described
from app.rehearsal.api.paging import Resource, listed, shown
from app.rehearsal.contract import Body

_ORDERED = frozenset({"lt", "lte", "gt", "gte"})


def _coordinate(index: int) -> Field:
    def of(body: Body) -> float | None:
        return float(body["geometry"]["coordinates"][index]) if body["geometry"] else None

    return Field(of, decimal, _ORDERED)


def _any_of(read: Callable[[str], Any], of: Callable[[Body], Any]) -> Callable[[str], Test]:
    """A filter that takes one value or several between commas."""

    def special(given: str) -> Test:
        wanted = {read(part) for part in given.split(",") if part.strip()}
        return lambda body: of(body) in wanted

    return special


def _asn(given: str) -> Test:
    wanted = whole(given)
    return lambda body: wanted in (body["asn_v4"], body["asn_v6"])


def _two_families(given: str) -> Test:
    wanted = yes_or_no(given)
    return lambda body: (body["asn_v4"] != body["asn_v6"]) == wanted


def _tags(given: str) -> Test:
    wanted = {part.strip().lower() for part in given.split(",") if part.strip()}
    return lambda body: wanted <= {tag["slug"] for tag in body["tags"]}


def _status(given: str) -> Test:
    names = {part.strip().lower() for part in given.split(",") if part.strip()}
    return lambda body: bool(names & {str(body["status"]["id"]), body["status"]["name"].lower()})


PROBES = Resource(
    fields={
        "id": number("id"),
        "country_code": choice("country_code"),
        "asn_v4": choice("asn_v4", whole),
        "asn_v6": choice("asn_v6", whole),
        "latitude": _coordinate(1),
        "longitude": _coordinate(0),
        "is_anchor": choice("is_anchor", yes_or_no),
        "is_public": choice("is_public", yes_or_no),
        "description": text("description"),
        "first_connected": number("first_connected", is_instant=True),
        "last_connected": number("last_connected", is_instant=True),
        "firmware_version": number("firmware_version"),
    },
    specials={
        "asn": _asn,
        "asn46diff": _two_families,
        "prefix_v4": within("prefix_v4"),
        "prefix_v6": within("prefix_v6"),
        "radius": radius,
        "tags": _tags,
        "status": _status,
        "status__in": _status,
        "status_name": _any_of(lower, lambda body: body["status"]["name"].lower()),
    },
    sorts={
        name: lambda body, name=name: body[name]  # type: ignore[misc]  # mypy has no name for this lambda's type
        for name in ("country_code", "asn_v4", "asn_v6", "is_anchor", "first_connected", "last_connected")
    },
    instants=("first_connected", "last_connected", "status_since"),
)
ANCHORS = Resource(
    fields={"id": number("id"), "country": choice("country"), "fqdn": text("fqdn"), "probe": number("probe")},
    specials={"search": lambda given: lambda body: any(given.lower() in str(each).lower() for each in body.values())},
)


def list_probes(call: Call) -> Response:
    """`GET /probes/`."""
    return json_answer(listed(call, PROBES, call.platform.world.probes(call.now)))


def _probe(call: Call) -> Body:
    wanted = call.number()
    probes = call.platform.world.probes(call.now)
    found = next((body for body in probes if body["id"] == wanted), None)
    if found is None:
        raise not_found()
    return found


def show_probe(call: Call) -> Response:
    """`GET /probes/{id}/`."""
    return json_answer(shown(call, PROBES, _probe(call)))


def probe_measurements(call: Call) -> Response:
    """`GET /probes/{id}/measurements/`: what a probe runs now."""
    wanted = _probe(call)["id"]
    running = [
        described(call, entry)
        for entry in call.platform.entries()
        if call.may_see(entry)
        and entry.created_at <= call.now
        and entry.is_running(call.now)
        and any(member.probe_id == wanted and member.left_at is None for member in entry.members(call.now))
    ]
    return json_answer(listed(call, MEASUREMENTS, running))


def list_tags(call: Call) -> Response:
    """`GET /probes/tags/`: every tag that a probe has."""
    tags = {tag["slug"]: tag for body in call.platform.world.probes(call.now) for tag in body["tags"]}
    found = [{"id": index, **tags[slug]} for index, slug in enumerate(sorted(tags), 1)]
    resource = Resource(fields={"name": text("name"), "slug": text("slug")})
    return json_answer(listed(call, resource, found))


def list_anchors(call: Call) -> Response:
    """`GET /anchors/`."""
    return json_answer(listed(call, ANCHORS, call.platform.world.anchors(call.now)))


def show_anchor(call: Call) -> Response:
    """`GET /anchors/{id}/`."""
    wanted = call.number()
    found = next((body for body in call.platform.world.anchors(call.now) if body["id"] == wanted), None)
    if found is None:
        raise not_found()
    return json_answer(shown(call, ANCHORS, found))


def list_anchor_measurements(call: Call) -> Response:
    """`GET /anchor-measurements/`: none, the rehearsal's anchors measure no mesh."""
    return json_answer(listed(call, Resource(fields={"id": number("id")}), []))


def show_anchor_measurement(call: Call) -> Response:
    """`GET /anchor-measurements/{id}/`: there is none."""
    call.number()
    raise not_found()
