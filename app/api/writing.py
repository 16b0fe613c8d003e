"""Requests that change something: in one unit of work, once per idempotency key, and only what has not changed."""

from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple

import orjson
from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from app.api.callers import TheCaller
from app.api.service import Service, TheService
from app.api.wire import JsonAnswer
from app.errors import MEDIA_TYPE
from app.operations.acting import Acting
from app.operations.answer_once import Answer, Answered, Asked, answer_once
from app.operations.recognise_key import NotRecognised, find_caller

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[A-Za-z0-9._:-]+$",
        description="Any word of your own, another one for every request: the same request with the same word is done "
        "once, and answered alike.",
        examples=["4f6c3c1e-7a5b-4f4e-9f53-d0a4c1b7e2aa"],
    ),
]


class Unit(NamedTuple):
    """Does what a request asks for, in one unit of work."""

    service: Service
    key_id: int

    def act(self, act: Callable[[Acting], Answer]) -> JsonAnswer:
        """Act, commit, and answer."""
        with self.service.transaction() as connection:
            answer = act(self.acting(connection))
        return _written(Answered(orjson.dumps(answer.content), answer.etag, answer.status, is_repeated=False))

    def acting(self, connection: Connection) -> Acting:
        """Who acts, as the key stands in this very unit of work: it may have been revoked while we waited for it."""
        now_at = self.service.now_at()
        found = find_caller(connection, self.key_id, now_at)
        if found is None:
            raise NotRecognised("The key was revoked or has expired.")
        return Acting(connection, found, now_at)


class Once(NamedTuple):
    """Does what a request asks for, unless it did so before."""

    unit: Unit
    place: str
    """What is asked for: method and path."""
    idempotency_key: str

    @property
    def path(self) -> str:
        """Where it was asked."""
        return self.place.partition(" ")[2]

    def act(
        self, body: BaseModel, act: Callable[[Acting], Answer], location: Callable[[Any], str] | None = None
    ) -> JsonAnswer:
        """Act, keep the answer, commit; or give the answer that was kept.

        `location` says from the content of an answer where what came of it is (RFC 9110, 10.2.2).
        """
        asked = Asked(self.idempotency_key, sha256(f"{self.place}\n{body.model_dump_json()}".encode()).digest())
        with self.unit.service.transaction() as connection:
            answered = answer_once(self.unit.acting(connection), asked, act)
        written = _written(answered)
        if location is not None:
            written.headers["Location"] = location(orjson.loads(answered.body))
        return written


def unit_of(service: TheService, found: TheCaller) -> Unit:
    """What changes something without an idempotency key, since doing it twice is doing it once."""
    return Unit(service, found.key_id or 0)


def once_of(request: Request, unit: Annotated[Unit, Depends(unit_of)], idempotency_key: IdempotencyKey) -> Once:
    """What changes something once."""
    return Once(unit, f"{request.method} {request.url.path}", idempotency_key)


GivenIfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=1000,
        description="`etag` of what is to be changed, as it was read; `*` for however it is now.",
        examples=["*"],
    ),
]


def if_match_given(value: GivenIfMatch = None) -> tuple[str, ...]:
    """The ETags by which a client knows what it changes, `*` among them as it is; none where it says nothing."""
    return () if value is None else tuple(part.strip() for part in value.split(","))


def if_match(value: GivenIfMatch = None) -> tuple[str, ...] | None:
    """The ETags by which a client knows what it changes; None where it wants to change it however it is."""
    if value is None:
        raise HTTPException(
            HTTPStatus.PRECONDITION_REQUIRED, "Say which state you mean to change: If-Match with the `etag` you read."
        )
    etags = if_match_given(value)
    return None if "*" in etags else etags


TheUnit = Annotated[Unit, Depends(unit_of)]
TheOnce = Annotated[Once, Depends(once_of)]
IfMatch = Annotated[tuple[str, ...] | None, Depends(if_match)]
IfMatchGiven = Annotated[tuple[str, ...], Depends(if_match_given)]


def _written(answered: Answered) -> JsonAnswer:
    headers = {"Cache-Control": "no-store"}
    if answered.etag is not None:
        headers["ETag"] = answered.etag
    if answered.is_repeated:
        headers["Idempotent-Replayed"] = "true"
    is_problem = answered.status >= HTTPStatus.BAD_REQUEST  # what was refused, and is kept all the same
    return JsonAnswer(answered.body, answered.status, headers, MEDIA_TYPE if is_problem else None)
