"""Lists: filtered, sorted, cut into pages by number or by cursor, and each object cut to the fields asked for."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from starlette.datastructures import URL

from app.rehearsal.api.call import Call
from app.rehearsal.api.envelope import Mistake, invalid
from app.rehearsal.api.filters import Field, Special, tests_of, whole
from app.rehearsal.contract import Body

MAX_PAGE_SIZE = 500
ALWAYS = ("id", "type")
ISO = {"iso-8601", "json"}
"""Notations of time other than the usual unix seconds."""


class Resource(NamedTuple):
    """What can be done to a list of one kind of object."""

    fields: Mapping[str, Field]
    specials: Mapping[str, Special] = {}
    sorts: Mapping[str, Callable[[Body], Any]] = {}
    page_size: int = 100
    by_cursor: bool = False
    instants: tuple[str, ...] = ()
    """Members that are unix seconds, and may be asked for as ISO 8601 texts."""


class Page(NamedTuple):
    """The objects of one page, and where the pages beside it begin."""

    objects: Sequence[Body]
    following: dict[str, str] | None
    preceding: dict[str, str] | None


def listed(call: Call, resource: Resource, objects: Sequence[Body]) -> Body:
    """The answer to a request for a list of these objects."""
    tests, warnings = tests_of(call.query.multi_items(), resource.fields, resource.specials)
    found = [body for body in objects if all(test(body) for test in tests)]
    keyed, is_falling = _sorted(call, resource, found)
    size = _number(call, "page_size", resource.page_size, 0, MAX_PAGE_SIZE)
    page = _by_cursor(call, keyed, size, is_falling=is_falling) if resource.by_cursor else _by_number(call, keyed, size)
    answer: Body = {
        "count": len(found),
        "next": _address(call, page.following),
        "previous": _address(call, page.preceding),
        "results": [shown(call, resource, body) for body in page.objects],
    }
    return {**answer, "warnings": warnings} if warnings else answer


def shown(call: Call, resource: Resource, body: Body) -> Body:
    """An object with the fields and in the notation of time that are asked for."""
    notation = call.query.get("format[datetime]", "")
    if notation in ISO:
        body = {**body, **{name: _iso(body.get(name)) for name in resource.instants if name in body}}
        if "status" in body and isinstance(body["status"].get("when"), int):
            body["status"] = {**body["status"], "when": _iso(body["status"]["when"])}
    wanted, added = (
        {name.strip() for name in call.query.get(option, "").split(",") if name.strip()}
        for option in ("fields", "optional_fields")
    )
    kept = {*wanted, *added, *ALWAYS} if wanted else body.keys()
    return {name: value for name, value in body.items() if name in kept}


def _iso(value: Any) -> Any:
    return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, int) else value


Key = tuple[Any, ...]
Keyed = list[tuple[Key, Body]]


def _sorted(call: Call, resource: Resource, found: Sequence[Body]) -> tuple[Keyed, bool]:
    """Objects with what they are sorted by, and whether that falls; the id decides between equals."""
    sign, name = "+", "id"
    if given := call.query.get("sort", "").strip().split(",")[0]:
        sign, name = ("-", given[1:]) if given.startswith("-") else ("+", given.lstrip("+"))
    by = resource.sorts.get(name)
    if by is None and name != "id":
        raise invalid(Mistake(f'Sorting by "{name}" is not possible.', parameter="sort"))

    def key(body: Body) -> tuple[Any, ...]:
        value = by(body) if by else None
        place = (value is not None, value if value is not None else 0) if by else ()
        return (*place, body["id"])

    is_falling = sign == "-"
    return sorted(((key(body), body) for body in found), key=lambda each: each[0], reverse=is_falling), is_falling


def _by_number(call: Call, keyed: Keyed, size: int) -> Page:
    page = _number(call, "page", 1, 1, 10**9)
    if not size:
        return Page([], None, None)
    first = (page - 1) * size
    if page > 1 and first >= len(keyed):
        raise invalid(Mistake("That page contains no results", parameter="page"))
    following = {"page": str(page + 1)} if first + size < len(keyed) else None
    preceding = {"page": str(page - 1)} if page > 1 else None
    return Page([body for _, body in keyed[first : first + size]], following, preceding)


def _by_cursor(call: Call, keyed: Keyed, size: int, *, is_falling: bool) -> Page:
    """What comes after the place in the cursor, whether or not the object that stood there still passes the filters.

    The platform's cursor holds the id; one of another order holds what it is sorted by before that.
    """
    first = 0
    if after := call.query.get("after"):
        first = _n_passed(keyed, after, is_falling=is_falling)
    here = keyed[first : first + size]
    following = {"after": _cursor(here[-1][0])} if here and first + size < len(keyed) else None
    return Page([body for _, body in here], following, None)


def _cursor(key: Key) -> str:
    return base64.b64encode(orjson.dumps(key)).decode()


def _n_passed(keyed: Keyed, after: str, *, is_falling: bool) -> int:
    """How many objects stand at the place of a cursor or before it."""
    try:
        place = tuple(orjson.loads(base64.b64decode(after + "=" * (-len(after) % 4), validate=True)))
        return sum(key >= place if is_falling else key <= place for key, _ in keyed)
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise invalid(Mistake("Invalid cursor", parameter="after")) from None


def _number(call: Call, name: str, default: int, low: int, high: int) -> int:
    given = call.query.get(name)
    if given is None:
        return default
    try:
        value = whole(given)
    except ValueError:
        value = -1
    if not low <= value <= high:
        raise invalid(Mistake(f"Enter a whole number between {low} and {high}.", parameter=name))
    return value


def _address(call: Call, changed: dict[str, str] | None) -> str | None:
    """The absolute address of another page of the same list, with every filter, and the key if it was in there."""
    if changed is None:
        return None
    url = URL(f"{call.root}{call.request.url.path}/?{call.request.url.query}")
    return str(url.include_query_params(**changed))
