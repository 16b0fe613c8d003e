"""Connections that can be dropped: an application may break off the one a request came by, as a bad network does."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

GONE = "rehearsal.gone"
"""Where a scope holds what says whether its client is gone: one that is sent to would not tell."""
DROP = "rehearsal.drop"
"""Where a request's scope holds what breaks its connection off, without another byte."""


class HttpConnection(HttpToolsProtocol):
    """HTTP/1.1."""

    _is_gone = False

    def on_message_begin(self) -> None:
        """A request begins; let it break off."""
        super().on_message_begin()
        scope: Any = self.scope  # uvicorn's type of it knows no keys of others
        scope[DROP], scope[GONE] = self.transport.abort, lambda: self._is_gone

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone; the transport of a lost TLS connection would not say so."""
        self._is_gone = True
        super().connection_lost(exc)


class StreamConnection(WebSocketsSansIOProtocol):
    """A websocket."""

    _is_gone = False

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone, as above."""
        self._is_gone = True
        super().connection_lost(exc)

    async def run_asgi(self) -> None:
        """Run the application; let it break off."""
        scope: Any = self.scope  # as above
        transport: Any = self.transport
        scope[DROP] = transport.abort if isinstance(transport, asyncio.Transport) else transport.close
        scope[GONE] = lambda: self._is_gone or transport.is_closing()
        await super().run_asgi()
