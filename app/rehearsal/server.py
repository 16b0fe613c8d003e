"""The rehearsal Atlas as a running server: HTTP and HTTPS on two sockets, one application behind both."""

import asyncio
import contextlib
import signal
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from socket import AF_INET, AF_INET6, IPPROTO_TCP, TCP_NODELAY, create_server, socket

import trustme
import uvicorn
from starlette.types import ASGIApp

from app.rehearsal.connections import HttpConnection, StreamConnection

GRACE_S = 2
"""Real seconds that running answers have when the server is told to stop."""
MakeContext = Callable[[uvicorn.Config, Callable[[], ssl.SSLContext]], ssl.SSLContext]
NAMES = ("localhost", "127.0.0.1", "::1", "atlas.ripe.net", "atlas-stream.ripe.net")
"""What the throw-away certificate is good for: clients that cannot be told another address find it by name."""


@dataclass(frozen=True)
class Listening:
    """Where a server listens, and what is to be trusted."""

    http: str
    https: str
    ca_file: Path


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it, and says when it listens."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self._announce()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class _Countdown:
    """Calls what is to be called when the last of several is ready."""

    def __init__(self, count: int, call: Callable[[], None]) -> None:
        self._count = count
        self._call = call

    def one_less(self) -> None:
        """One more is ready."""
        self._count -= 1
        if not self._count:
            self._call()


class Serving:
    """Two servers over one application, in one event loop."""

    def __init__(self, app: ASGIApp, host: str, ports: tuple[int, int], ca_file: Path) -> None:
        authority = trustme.CA()
        ca_file.parent.mkdir(parents=True, exist_ok=True)
        authority.cert_pem.write_to_path(str(ca_file))
        self._sockets = [_listen(host, port) for port in ports]
        http, https = (f"{_in_url(host)}:{each.getsockname()[1]}" for each in self._sockets)
        self.listening = Listening(f"http://{http}", f"https://{https}", ca_file)
        context = _context(authority, host)
        self._configs = [_config(app), _config(app, lambda _config, _default: context)]
        self._servers: list[_Server] = []

    async def run(self, on_start: Callable[[], None]) -> None:
        """Serve until `stop`; `on_start` is called once both listen."""
        loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.stop)
        both = _Countdown(len(self._configs), on_start)
        self._servers = [_Server(config, both.one_less) for config in self._configs]
        listeners = zip(self._servers, self._sockets, strict=True)
        await asyncio.gather(*(server.serve(sockets=[listener]) for server, listener in listeners))

    def stop(self) -> None:
        """Stop soon; may be called from any thread."""
        for server in self._servers:
            server.should_exit = True


def _config(app: ASGIApp, make_context: MakeContext | None = None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ssl_context_factory=make_context,
        http=HttpConnection,
        ws=StreamConnection,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
    )


def _context(authority: trustme.CA, host: str) -> ssl.SSLContext:
    names = dict.fromkeys((*NAMES, host))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def _listen(host: str, port: int) -> socket:
    listener = create_server((host, port), family=AF_INET6 if ":" in host else AF_INET, backlog=256)
    listener.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)  # connections inherit it; else each answer waits 40 ms for an ACK
    return listener


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def run(
    serving: Serving,
    on_start: Callable[[Listening], None],
    every_second: Callable[[], None],
    at_the_end: Sequence[Callable[[], None]],
) -> None:
    """Serve until a signal, with something to be done every real second, and something at the end."""

    async def both() -> None:
        ticking = asyncio.ensure_future(_repeat(every_second))
        try:
            await serving.run(lambda: on_start(serving.listening))
        finally:
            ticking.cancel()

    try:
        asyncio.run(both())
    finally:
        for task in at_the_end:
            task()


async def _repeat(task: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(1)
        await asyncio.to_thread(task)
