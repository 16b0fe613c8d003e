"""What is looked up: single objects, and lists page by page, on our own origin and with every value quoted."""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from measurements.atlas import answers, payloads
from measurements.atlas.calls import Calls
from measurements.atlas.endpoint import API
from measurements.atlas.failures import Phase, Unreadable
from measurements.atlas.gateway import Filters
from measurements.atlas.repeating import Repeating
from measurements.atlas.transport import Transport
from measurements.clock import Clock
from measurements.objects import Object

PAGE_SIZE = 500
"""The most that the platform gives; it refuses to be asked for more."""
IDS_AT_ONCE = 500
"""Longer lists of ids would make an address that servers refuse."""
MOST_PAGES = 2_000
"""A million objects. Whoever gives more pages than that gives them for ever."""
LONGEST_NEXT = 16_000
OF_THE_PAGES = frozenset({"page", "page_size", "after", "sort", "fields", "optional_fields", "format"})
"""Parameters that select nothing: if one is ignored, the objects are still the right ones."""


class Lookups:
    """Reads objects through Cousteau's requests, again and again where that helps."""

    def __init__(self, calls: Calls, transport: Transport, repeating: Repeating, clock: Clock, key: str | None) -> None:
        self._calls = calls
        self._transport = transport
        self._repeating = repeating
        self._clock = clock
        self._key = key

    def one(self, path: str, params: Mapping[str, str] | None = None) -> Object:
        """The object at a path below the API's."""
        value = self._read(API + path, params or {})
        if not isinstance(value, Mapping):
            raise Unreadable(f"GET {path}: {value!r:.80} is no object", phase=Phase.DECODE)
        return value

    def all(self, path: str, filters: Filters) -> Iterator[Object]:
        """Every object that passes the filters; `id__in` of any length, of which an empty one lets nothing pass."""
        ids = filters.get("id__in")
        if not isinstance(ids, Collection) or isinstance(ids, str):
            yield from self._pages(path, payloads.query(filters))
            return
        remaining = iter(sorted({int(one) for one in ids}))
        while chunk := list(islice(remaining, IDS_AT_ONCE)):
            yield from self._pages(path, payloads.query({**filters, "id__in": chunk}))

    def _pages(self, path: str, params: Mapping[str, str]) -> Iterator[Object]:
        """Follows `next` to the end, and no further than there can be pages."""
        asked_for = API + path, {"page_size": str(PAGE_SIZE), **params}
        seen: list[tuple[str, dict[str, str]]] = []
        while asked_for not in seen:
            if len(seen) == MOST_PAGES:
                raise Unreadable(f"GET {path}: its pages have no end", phase=Phase.DECODE)
            seen.append(asked_for)
            page = self._page(*asked_for, wanted=params)
            yield from page["results"]
            if not page.get("next"):
                return
            asked_for = _next_of(asked_for[0], page["next"])
        raise Unreadable(f"GET {path}: its pages lead back to an earlier one", phase=Phase.DECODE)

    def _page(self, path: str, params: Mapping[str, str], wanted: Mapping[str, str]) -> Any:
        page: Any = self._read(path, params)
        is_page = isinstance(page, Mapping) and isinstance(page.get("results"), list)
        if not is_page or not all(isinstance(one, Mapping) for one in page["results"]):
            raise Unreadable(f"GET {path}: {page!r:.80} is no page of objects", phase=Phase.DECODE)
        if ignored := answers.ignored_filters(page) & wanted.keys() - OF_THE_PAGES:
            raise Unreadable(f"GET {path}: the platform ignores the filter {', '.join(ignored)}", phase=Phase.DECODE)
        return page

    def _read(self, path: str, params: Mapping[str, str]) -> Any:
        def attempt() -> Any:
            answer = self._calls.get(self._transport.send, path, params, self._key)
            return answers.decoded(f"GET {path}", answer, self._clock.now())

        return self._repeating.until_done(attempt)


def _next_of(path: str, said: object) -> tuple[str, dict[str, str]]:
    """Path and query of the page after the one at `path`, without a key.

    Only these two count, and only below the API: what `next` says of hosts could lead our key astray, as could a path
    that is none. It is not quoted in the error, as there may be a key in it.
    """
    try:
        parts = urlsplit(urljoin(path, said)) if isinstance(said, str) and len(said) <= LONGEST_NEXT else None
    except ValueError:
        parts = None
    if parts is None or not parts.path.startswith(f"{API}/") or not (parts.path.isascii() and parts.path.isprintable()):
        raise Unreadable(f"GET {path}: what it gives as the next page leads out of the API", phase=Phase.DECODE)
    return parts.path, {name: value for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "key"}
