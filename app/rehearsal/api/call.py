"""A request, read and put to the platform: its key, its parameters, its body and the instant it came."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.rehearsal.api.accounts import Accounts
from app.rehearsal.api.entries import Entry
from app.rehearsal.api.envelope import Mistake, Refused, invalid, json_answer, not_found
from app.rehearsal.api.keys import Grant, Key, presented, require
from app.rehearsal.api.platform import Platform
from app.rehearsal.api.sources import MAX_ID
from app.rehearsal.contract import Body

MAX_DIGITS = 20
"""Of an id; a longer one is larger than any already."""


@dataclass
class Call:
    """One request. `now` stands still while it is answered."""

    platform: Platform
    accounts: Accounts
    request: Request
    raw: bytes
    key: Key | None
    now: int

    @property
    def query(self) -> QueryParams:
        """Its parameters."""
        return self.request.query_params

    @property
    def root(self) -> str:
        """Scheme and host by which the server was asked, without a slash at the end."""
        return f"{self.request.url.scheme}://{self.request.url.netloc}"

    def require(self, grant: Grant) -> Key:
        """The key, if it is good for this. Refuses otherwise."""
        return require(self.key, grant)

    @cached_property
    def body(self) -> Any:
        """The JSON that was sent. Refuses what is none."""
        try:
            return orjson.loads(self.raw)
        except orjson.JSONDecodeError as error:
            raise Refused(HTTPStatus.BAD_REQUEST, f"JSON parse error - {error}") from error

    @property
    def json_object(self) -> Body:
        """The JSON object that was sent. Refuses anything else."""
        if not isinstance(self.body, dict):
            kind = type(self.body).__name__
            raise invalid(Mistake(f"Invalid data. Expected a dictionary, but got {kind}.", pointer=""))
        return self.body

    def number(self, name: str = "id") -> int:
        """A number in the path. Refuses what is none."""
        text: str = self.request.path_params[name]
        if not text.isascii() or not text.isdigit():
            raise not_found()
        return int(text[:MAX_DIGITS])

    @property
    def entry(self) -> Entry:
        """The measurement in the path. Refuses what is not there, or not for this key to see."""
        number = self.number()
        if not 0 < number <= MAX_ID:
            raise invalid(Mistake(f"Measurement ID should be an integer between 1 and {MAX_ID}", pointer=""))
        entry = self.platform.find(number)
        if entry is None or entry.created_at > self.now or not self.may_see(entry):
            raise not_found()
        return entry

    @property
    def entry_with_results(self) -> Entry:
        """The measurement in the path, if its results may be read: of a private one, with a grant for that."""
        entry = self.entry
        if not entry.is_public:
            self.require(Grant.RESULTS)
        return entry

    def may_see(self, entry: Entry) -> bool:
        """Whether a measurement is public, or its owner asks."""
        return entry.is_public or (self.key is not None and self.key.owner == entry.owner)


Handler = Callable[[Call], Response]
"""Reads a call and answers it."""
_SAID_OF_AN_ADDRESS = {"renders": ["application/json", "text/html"], "parses": ["application/json"]}


def answered(
    platform: Platform, accounts: Accounts, handlers: Mapping[str, Handler]
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that lets the handler of a method answer in a thread of its own, and says which methods it has."""
    allowed = ", ".join([*handlers, *(["HEAD"] if "GET" in handlers else []), "OPTIONS"])

    async def endpoint(request: Request) -> Response:
        try:
            raw = await request.body()
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST)

        def respond() -> Response:
            now = platform.now()
            accounts.keep_up(now)
            key = presented(request, platform.keys)
            if request.method == "OPTIONS":
                return json_answer({"name": request.url.path, "description": "", **_SAID_OF_AN_ADDRESS})
            method = "GET" if request.method == "HEAD" else request.method
            return handlers[method](Call(platform, accounts, request, raw, key, now))

        response = await run_in_threadpool(respond)
        response.headers.update({"Allow": allowed, "Vary": "Accept"})
        return response

    return endpoint
