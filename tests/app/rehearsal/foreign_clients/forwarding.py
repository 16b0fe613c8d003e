"""A proxy for programs that only know the platform's names: leads these to a rehearsal, and no other name anywhere."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

NAMES = ("atlas.ripe.net:443", "atlas-stream.ripe.net:443")
CHUNK_BYTES = 65_536


class Proxy(socketserver.ThreadingTCPServer):
    """Tunnels `CONNECT` (RFC 9110, section 9.3.6) to one address. `refused` is what else was asked for."""

    daemon_threads = True

    def __init__(self, host: str, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.leads_to = (host, port)
        self.refused: list[str] = []

    @property
    def url(self) -> str:
        """Where it is, as `https_proxy` wants it."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Tunnel(socketserver.StreamRequestHandler):
    server: Proxy

    def handle(self) -> None:
        """Read what is asked for; then carry bytes both ways, or refuse."""
        asked = self.rfile.readline().decode("latin-1").strip()
        while self.rfile.readline().strip():
            pass
        method, name, *_ = [*asked.split(), "", ""]
        if method != "CONNECT" or name not in NAMES:
            self.server.refused.append(asked)
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(self.server.leads_to) as far:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_carry, args=(far, self.connection), daemon=True)
            back.start()
            _carry(self.connection, far)
            back.join()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):  # either side may be gone: that is the end of a tunnel
        while chunk := source.recv(CHUNK_BYTES):
            sink.sendall(chunk)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def forwarding(host: str, port: int) -> Iterator[Proxy]:
    """A proxy on a free port of loopback."""
    with Proxy(host, port) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
