"""A stream's server on loopback that does with each connection what it is told, and the other side's observations."""

import base64
import hashlib
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from measurements.atlas.endpoint import Endpoint
from measurements.atlas.gateway import StreamEvent
from measurements.atlas.stream import StreamLimits, StreamSupervisor

Behave = Callable[["Studio", ServerConnection], None]
QUICK = StreamLimits(connect_s=1, silence_s=0.2, first_wait_s=0.05, longest_wait_s=0.2, report_s=60, look_s=0.05)
PATIENCE_S = 10
_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass
class Studio:
    """The server's side of a test."""

    port: int = 0
    behave: Behave = lambda studio, connection: studio.listen(connection)
    heard: "queue.Queue[tuple[int, Any]]" = field(default_factory=queue.Queue)
    """The number of the connection, and each message as it came."""
    n_connections: int = 0
    ending: threading.Event = field(default_factory=threading.Event)

    def listen(self, connection: ServerConnection) -> None:
        """Note what is said until the other side goes."""
        number = self.n_connections
        while not self.ending.is_set():
            try:
                self.heard.put((number, orjson.loads(connection.recv(timeout=0.05))))
            except TimeoutError:
                continue
            except ConnectionClosed:
                return

    def next_heard(self) -> tuple[int, Any]:
        """The next message that arrives."""
        return self.heard.get(timeout=PATIENCE_S)


@dataclass
class Told:
    """What a stream tells of itself."""

    events: list[tuple[StreamEvent, dict[str, Any]]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, event: StreamEvent, figures: Any) -> None:
        """One event more."""
        with self.changed:
            self.events.append((event, dict(figures)))
            self.changed.notify_all()

    def wait_for(self, event: StreamEvent) -> dict[str, Any]:
        """The figures of the first event of a kind."""
        with self.changed:
            assert self.changed.wait_for(lambda: any(kind is event for kind, _ in self.events), PATIENCE_S)
            return next(figures for kind, figures in self.events if kind is event)


@contextmanager
def studio(behave: Behave, context: ssl.SSLContext | None = None) -> Iterator[Studio]:
    """A server whose connections behave like this."""
    found = Studio(behave=behave)

    def handle(connection: ServerConnection) -> None:
        found.n_connections += 1
        found.behave(found, connection)

    with serve(handle, "127.0.0.1", 0, ssl=context, close_timeout=0.1) as server:
        found.port = server.socket.getsockname()[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield found
        finally:
            found.ending.set()
            server.shutdown()
            thread.join(PATIENCE_S)


def endpoint(port: int, **changed: Any) -> Endpoint:
    """Where it is."""
    return Endpoint(**{"stream_address": f"http://127.0.0.1:{port}", **changed})


def take_one(stream: StreamSupervisor) -> bytes:
    """The next result, which must come."""
    line = stream.take(PATIENCE_S)
    assert line is not None
    return line


@contextmanager
def silent_server() -> Iterator[tuple[int, list[socket.socket]]]:
    """A server that shakes hands and never says anything more, not even that it is alive."""
    listener = socket.create_server(("127.0.0.1", 0))
    accepted: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            request = connection.recv(65536)
            key = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
            digest = hashlib.sha1(key.partition(b":")[2].strip() + _MAGIC, usedforsecurity=False).digest()
            lines = [b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade"]
            lines.append(b"Sec-WebSocket-Accept: " + base64.b64encode(digest))
            connection.sendall(b"\r\n".join([*lines, b"", b""]))
            accepted.append(connection)

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield listener.getsockname()[1], accepted
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(PATIENCE_S)
        for connection in accepted:
            connection.close()
