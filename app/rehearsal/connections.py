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

    def on_message_begin(self) -> None:
        """A request begins; let it break off."""
        super().on_message_begin()
        scope: Any = self.scope  # uvicorn's type of it knows no keys of others
        scope[DROP], scope[GONE] = self.transport.abort, self.transport.is_closing


class StreamConnection(WebSocketsSansIOProtocol):
    """A websocket."""

    async def run_asgi(self) -> None:
        """Run the application; let it break off."""
        scope: Any = self.scope  # as above
        transport: Any = self.transport
        scope[DROP] = transport.abort if isinstance(transport, asyncio.Transport) else transport.close
        scope[GONE] = transport.is_closing
        await super().run_asgi()
