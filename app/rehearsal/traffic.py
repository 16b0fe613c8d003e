"""How often each address was called, for tests of politeness."""

import errno
import re
import threading
from collections import Counter
from collections.abc import Callable

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from app.rehearsal.connections import GONE

_NUMBER = re.compile(r"/\d+(?=/|$)")
NO_ANSWER = "none"
"""Instead of a status, where the connection was broken off or is still open."""


class Traffic:
    """Counts of calls by method, address with `{id}` for numbers, and status."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application, with its calls counted."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] not in ("http", "websocket"):
                await app(scope, receive, send)
                return
            name = f"{scope.get('method', 'STREAM')} {_NUMBER.sub('/{id}', scope['path'].rstrip('/'))}"
            statuses: list[str] = []
            is_gone: Callable[[], bool] = scope.get(GONE, bool)

            async def watched(message: Message) -> None:
                if message["type"] in ("http.response.start", "websocket.accept") and not statuses:
                    statuses.append(str(message.get("status", 101)))
                if is_gone():  # whoever asked; to go on would fill the log with complaints, line by line
                    raise OSError(errno.EPIPE, "the client is gone")
                await send(message)

            try:
                await app(scope, receive, watched)
            except (OSError, ClientDisconnect, WebSocketDisconnect):
                if not is_gone():
                    raise
            finally:
                self._count(name, statuses[0] if statuses else NO_ANSWER)

        return counted

    def counts(self) -> dict[str, dict[str, int]]:
        """Counts by method and address, then by status."""
        with self._lock:
            names = sorted({name for name, _ in self._counts})
            return {
                name: {status: count for (each, status), count in sorted(self._counts.items()) if each == name}
                for name in names
            }

    def forget(self) -> None:
        """Count from here."""
        with self._lock:
            self._counts.clear()

    def _count(self, name: str, status: str) -> None:
        with self._lock:
            self._counts[name, status] += 1
