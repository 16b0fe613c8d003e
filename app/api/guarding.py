"""What no request gets past: whom it is meant for, and how much it may bring.

A page of anybody's can have its name resolve to this machine and then ask here as if it were at home (DNS rebinding);
the name stays in `Host`, so that one which is not ours is answered 421. Who sends a megabyte of JSON wants no answer.
"""

import ipaddress
from collections.abc import Collection
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import problem

LARGEST = 1_000_000
"""Bytes of a body. The largest card that makes sense has a tenth of that."""
HERE = "localhost"


class TooMuch(HTTPException):
    """A body is larger than anything that is asked for here."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body has at most {LARGEST:,} bytes here.")


class Guard:
    """Middleware that lets pass what is meant for this service, and no larger than it has to be."""

    def __init__(self, app: ASGIApp, names: Collection[str] = ()) -> None:
        self._app = app
        self._names = frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self._is_ours(headers.getlist("host")):
            detail = "There is no such host here; RASAD_HOSTS names the ones by which a proxy is reached."
            answer = problem(Request(scope), HTTPStatus.MISDIRECTED_REQUEST, detail, name="unknown-host")
            await answer(scope, receive, send)
        elif _announced(headers) > LARGEST:
            too_much = TooMuch()
            answer = problem(Request(scope), HTTPStatus(too_much.status_code), too_much.detail)
            await answer(scope, receive, send)
        else:
            await self._app(scope, _limited(receive), send)

    def _is_ours(self, hosts: list[str]) -> bool:
        """One name, with any port: a loopback address's, or one that was set."""
        if len(hosts) != 1:
            return False
        try:
            parts = urlsplit(f"//{hosts[0]}")
            name = (parts.hostname or "").removesuffix(".")
            is_host = parts.netloc == hosts[0] and parts.username is None and parts.port != 0
        except ValueError:
            return False
        return is_host and (name == HERE or name in self._names or _is_loopback(name))


def _announced(headers: Headers) -> int:
    """How long a body says it is; nothing where it does not say."""
    text = headers.get("content-length", "")
    return int(text[:20]) if text.isascii() and text.isdigit() else 0


def _limited(receive: Receive) -> Receive:
    """What comes, until it is too much: a body may come in parts that do not say how many there are."""
    n_bytes = 0

    async def receive_limited() -> Message:
        nonlocal n_bytes
        message = await receive()
        if message["type"] == "http.request":
            n_bytes += len(message.get("body", b""))
            if n_bytes > LARGEST:
                raise TooMuch
        return message

    return receive_limited


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
