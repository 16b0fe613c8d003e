"""A server on loopback that behaves as badly as it is told to, and remembers what it was asked."""

import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from measurements.atlas.endpoint import Endpoint, EndpointKind

Reply = Callable[[socket.socket, threading.Event], None]
"""Writes an answer to a connection; the event says that the server is closing."""
LOOK_S = 0.2


@dataclass(frozen=True)
class Request:
    """What arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    """Names in small letters."""
    body: bytes

    @property
    def path(self) -> str:
        """Without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """Each parameter once."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def json(self) -> Any:
        """The body."""
        return orjson.loads(self.body)


@dataclass
class Traps:
    """The server's side of a test."""

    port: int
    replies: deque[Reply] = field(default_factory=deque)
    """The last one is given for ever."""
    requests: list[Request] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    is_rehearsal: bool = True
    """Whether it answers for a rehearsal's clock, before anything of the script."""

    def will(self, *replies: Reply) -> None:
        """Answer like this, one after another."""
        self.replies.extend(replies)

    def endpoint(self, **changed: Any) -> Endpoint:
        """Where it is."""
        address = f"http://127.0.0.1:{self.port}"
        return Endpoint(**{"address": address, "stream_address": address, "kind": EndpointKind.REHEARSAL, **changed})

    def next_reply(self) -> Reply:
        """What comes now."""
        return self.replies.popleft() if len(self.replies) > 1 else self.replies[0]


def answers(status: int, body: Any = None, **headers: str) -> Reply:
    """A whole answer; a body that is not bytes is written as JSON."""
    content = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    fields = {"Content-Length": str(len(content)), **named}
    return raw(_head(status, fields) + content)


def raw(*parts: bytes) -> Reply:
    """These bytes; then the connection stays as it is."""

    def write(connection: socket.socket, _: threading.Event) -> None:
        for part in parts:
            connection.sendall(part)

    return write


def cut_off(head: Mapping[str, str], *parts: bytes) -> Reply:
    """An answer that ends before it should: these headers, some of the body, and the connection is closed."""

    def write(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall(_head(HTTPStatus.OK, head) + b"".join(parts))
        connection.shutdown(socket.SHUT_RDWR)

    return write


def hangs(*parts: bytes) -> Reply:
    """These bytes, and nothing more until the server is closed."""

    def write(connection: socket.socket, closing: threading.Event) -> None:
        connection.sendall(b"".join(parts))
        closing.wait(60)

    return write


def drips(begin: bytes, drop: bytes, every_s: float) -> Reply:
    """A drop now and then, for ever: never silent, never done."""

    def write(connection: socket.socket, closing: threading.Event) -> None:
        connection.sendall(begin)
        while not closing.wait(every_s):
            connection.sendall(drop)

    return write


def resets() -> Reply:
    """The connection is reset in place of an answer."""

    def write(connection: socket.socket, _: threading.Event) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return write


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def head(status: int = HTTPStatus.OK, **headers: str) -> bytes:
    """The first lines of an answer."""
    return _head(status, {name.replace("_", "-"): value for name, value in headers.items()})


@contextmanager
def laid(context: ssl.SSLContext | None = None) -> Iterator[Traps]:
    """A server for one test; over TLS where a context is given."""
    listener = socket.create_server(("127.0.0.1", 0))
    traps = Traps(listener.getsockname()[1])
    threads: list[threading.Thread] = []

    def accept() -> None:
        while not traps.closing.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=_serve, args=(connection, traps, context), daemon=True)
            threads.append(thread)
            thread.start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield traps
    finally:
        traps.closing.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in [acceptor, *threads]:
            thread.join(10)


def _serve(plain: socket.socket, traps: Traps, context: ssl.SSLContext | None) -> None:
    plain.settimeout(LOOK_S)
    try:
        connection = context.wrap_socket(plain, server_side=True) if context else plain
        with connection:
            while (request := _read(connection, traps.closing)) is not None:
                if request.path == "/rehearsal/clock" and traps.is_rehearsal:
                    answers(HTTPStatus.OK, {"now": 0})(connection, traps.closing)
                    continue
                traps.requests.append(request)
                connection.settimeout(60)  # a client may be slow to read
                traps.next_reply()(connection, traps.closing)
                connection.settimeout(LOOK_S)
    except OSError:
        plain.close()  # the client has had enough, which is what many of these tests are about


def _read(connection: socket.socket, closing: threading.Event) -> Request | None:
    received = b""
    while b"\r\n\r\n" not in received:
        block = _receive(connection, closing)
        if not block:
            return None
        received += block
    head_bytes, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head_bytes.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += _receive(connection, closing)
    return Request(method, target, headers, body)


def _receive(connection: socket.socket, closing: threading.Event) -> bytes:
    while not closing.is_set():
        try:
            return connection.recv(65536)
        except TimeoutError:
            continue
    return b""


def page(results: Sequence[Any], next_url: str | None = None, **more: Any) -> dict[str, Any]:
    """One page of a list."""
    return {"count": len(results), "next": next_url, "previous": None, "results": list(results), **more}


def refusal(detail: str, pointer: str = "") -> dict[str, object]:
    """A refusal as the platform writes it."""
    errors = [{"source": {"pointer": pointer}, "detail": detail}]
    error = {"status": 400, "code": 102, "title": "Bad Request", "detail": "There was a problem", "errors": errors}
    return {"error": error}


def chunks(*parts: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """A chunked body."""
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + end


MEASUREMENT = {"id": 7, "type": "ping", "status": {"id": 2, "name": "Ongoing"}, "af": 4, "tags": ["rasad-test"]}
CREATED = answers(201, {"measurements": [7]})
CHUNKED = head(Transfer_Encoding="chunked")
