"""What goes wrong with requests and streams: an ASGI application around another one."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.rehearsal.connections import DROP, GONE
from app.rehearsal.faults.plan import RequestRule, StreamRule

BAD_GATEWAY = """<html>
<head><title>502 Bad Gateway</title></head>
<body>
<center><h1>502 Bad Gateway</h1></center>
<hr><center>nginx</center>
</body>
</html>
"""
Choose = Callable[[Scope], RequestRule | StreamRule | None]
"""Which rule strikes a request or a stream; to be asked once for each."""


class Failing:
    """The application, where no rule strikes."""

    def __init__(self, app: ASGIApp, choose: Choose) -> None:
        self._app = app
        self._choose = choose

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or fail as planned."""
        rule = self._choose(scope) if scope["type"] in ("http", "websocket") else None
        if isinstance(rule, StreamRule):
            await self._end_stream(rule, scope, receive, send)
        elif rule is None:
            await self._app(scope, receive, send)
        elif rule.kind in ("too_many_requests", "server_error", "bad_gateway"):
            await _refusal(rule)(scope, receive, send)
        elif rule.kind == "hang":
            await _until_gone(receive)
        elif rule.kind == "reply_lost":
            await self._app(scope, receive, _swallow)
            await _drop(scope)
        else:
            through = _Slow(send, rule).send if rule.kind == "slow_body" else _Cut(scope, send, rule).send
            await self._answer_until_dropped(scope, receive, through)

    async def _answer_until_dropped(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except _Dropped:
            await _drop(scope)

    async def _end_stream(self, rule: StreamRule, scope: Scope, receive: Receive, send: Send) -> None:
        running = asyncio.ensure_future(self._app(scope, receive, send))
        try:
            done, _ = await asyncio.wait({running}, timeout=rule.after_s)
        finally:
            running.cancel()
        if done:
            await running
        elif rule.kind == "stream_closed":
            await asyncio.wait({running})
            await send({"type": "websocket.close", "code": 1000})
        else:
            await _drop(scope)


class _Dropped(Exception):
    """The connection is to be broken off here."""


async def _drop(scope: Scope) -> None:
    """Break off the connection; where the server cannot, it finds an answer that was never ended, and does.

    Returns when the server knows that it is gone: else it would complain of an answer without an end.
    """
    if DROP in scope:
        scope[DROP]()
        while not scope[GONE]():  # noqa: ASYNC110 - two turns of the loop, of which no event tells
            await asyncio.sleep(0)


async def _swallow(_message: Message) -> None:
    """An answer that nobody gets."""


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _refusal(rule: RequestRule) -> Response:
    if rule.kind == "bad_gateway":
        return Response(BAD_GATEWAY, 502, media_type="text/html")
    status, title, detail = (
        (429, "Too Many Requests", "Request was throttled.")
        if rule.kind == "too_many_requests"
        else (500, "Internal Server Error", "Internal server error.")
    )
    error: dict[str, Any] = {"status": status, "code": 104, "title": title, "detail": detail}
    headers = {} if rule.retry_after_s is None else {"Retry-After": str(rule.retry_after_s)}
    body = orjson.dumps({"error": error}, option=orjson.OPT_SORT_KEYS)
    return Response(body, status, headers, media_type="application/json")


def _pieces(body: bytes, size: int) -> Iterator[tuple[bytes, bool]]:
    """A body in pieces, and whether it is the last."""
    for start in range(0, max(len(body), 1), size):
        yield body[start : start + size], start + size >= len(body)


class _Slow:
    """Lets a body through piece by piece."""

    def __init__(self, send: Send, rule: RequestRule) -> None:
        self._send = send
        self._rule = rule

    async def send(self, message: Message) -> None:
        """Pass a message on, slowly."""
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        for piece, is_last in _pieces(message.get("body", b""), self._rule.piece_bytes):
            await self._send({**message, "body": piece, "more_body": not is_last or message.get("more_body", False)})
            await asyncio.sleep(self._rule.pause_s)


class _Cut:
    """Lets the beginning of a body through, and nothing after it."""

    def __init__(self, scope: Scope, send: Send, rule: RequestRule) -> None:
        self._scope = scope
        self._send = send
        self._left = rule.after_bytes

    async def send(self, message: Message) -> None:
        """Pass a message on, or break off in it."""
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        body, has_more = message.get("body", b""), message.get("more_body", False)
        if len(body) < self._left and has_more:
            self._left -= len(body)
            await self._send(message)
            return
        part = body[: self._left] if len(body) > self._left else body[: len(body) // 2]
        await self._send({**message, "body": part, "more_body": True})
        raise _Dropped
