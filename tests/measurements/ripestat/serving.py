"""RIPEstat on loopback, giving out what one in memory knows; and both implementations of the gateway before it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from measurements.clock import Clock
from measurements.ripestat.client import RipestatClient
from measurements.ripestat.endpoint import Endpoint
from measurements.ripestat.gateway import RipestatGateway
from measurements.ripestat.memory import MemoryRipestat
from tests.clocks import ManualClock

COUNTRY = "TJ"
PREFIXES = ("198.51.100.0/24", "203.0.113.0/25", "2001:db8:7a00::/40")
ASNS = (64500, 64501, 4200000001)


def knowing(clock: Clock) -> MemoryRipestat:
    """A small country: two networks announce something, one announces what is registered elsewhere, one nothing."""
    memory = MemoryRipestat(clock)
    memory.know_country(COUNTRY, PREFIXES, ASNS)
    memory.know_announced(64500, ("198.51.100.0/24", "2001:db8:7a00::/48"))
    memory.know_announced(64501, ("192.0.2.0/24", "198.51.100.128/25"))
    memory.know_announced(64999, ("203.0.113.0/25",))
    return memory


@dataclass
class Served:
    """A server's side of a test."""

    address: str
    memory: MemoryRipestat
    questions: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Path and parameters of each request, in order."""


@contextmanager
def serving(memory: MemoryRipestat) -> Iterator[Served]:
    """What the memory knows, over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            params = dict(parse_qsl(parts.query))
            served.questions.append((parts.path, params))
            body = memory.body_of(parts.path.split("/")[2], params)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Served(f"http://127.0.0.1:{server.server_port}", memory)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@contextmanager
def gateway(kind: str, clock: ManualClock) -> Iterator[tuple[RipestatGateway, MemoryRipestat]]:
    """One of `memory` and `http`, and the memory behind it."""
    memory = knowing(clock)
    if kind == "memory":
        yield memory, memory
        return
    with serving(memory) as served:
        client = RipestatClient(Endpoint(address=served.address), clock)
        try:
            yield client, memory
        finally:
            client.close()
