"""HTTP as both doors to the RIPE NCC need it: few connections, no call without an end, and how long to wait.

The doors, `measurements/atlas` and `measurements/ripestat`, say what an answer means and what a failure is called.
"""

import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpcore
import httpx

from measurements.clock import Clock, Deadline

CONNECTIONS = 4
"""At once: politeness asks for few."""
KEPT_ALIVE_S = 20
LOOK_S = 1.0
"""Real seconds after which a wait for an answer looks whether the process is asked to end."""


def retry_after_s(headers: httpx.Headers, now: datetime) -> float | None:
    """Seconds that `Retry-After` asks to wait, given in seconds or as a date (RFC 9110, 10.2.3); None without sense.

    A date is compared with the server's own `Date` where it has one, so that a wrong clock on either side does no harm.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value)
    until = _http_date(value)
    if until is None:
        return None
    return max(0.0, (until - (_http_date(headers.get("date", "")) or now)).total_seconds())


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Client(httpx.Client):
    """A client whose sockets end in time."""

    def __init__(
        self, trusted: ssl.SSLContext, sockets: "Sockets", n_kept: int, headers: Mapping[str, str] | None = None
    ) -> None:
        pool = Pool(trusted, sockets, n_kept)
        super().__init__(transport=pool, headers=headers, trust_env=False, follow_redirects=False)
        self.sockets = sockets


class Pool(httpx.HTTPTransport):
    """Connections whose sockets end in time."""

    def __init__(self, trusted: ssl.SSLContext, sockets: "Sockets", n_kept: int) -> None:
        super().__init__(verify=trusted)
        self._pool = httpcore.ConnectionPool(  # httpx hands no network backend on, and only there a deadline reaches
            ssl_context=trusted,
            max_connections=CONNECTIONS,
            max_keepalive_connections=n_kept,
            keepalive_expiry=KEPT_ALIVE_S,
            network_backend=sockets,
        )


class Sockets(httpcore.NetworkBackend):
    """Opens sockets on which no operation lasts longer than the call that it is part of.

    A time-out for each operation would not do: a server that sends a byte now and then could hold a call for ever.
    """

    def __init__(self, clock: Clock, *, is_patient: bool = False) -> None:
        self._clock = clock
        self._is_patient = is_patient
        self._plain = httpcore.SyncBackend()
        self._calls = threading.local()

    @contextmanager
    def until(self, deadline: Deadline) -> Iterator[None]:
        """Whatever this thread does here ends by then."""
        self._calls.deadline = deadline
        try:
            yield
        finally:
            self._calls.deadline = None

    def shortened(self, timeout: float | None, own: Deadline | None = None) -> float | None:
        """A time-out, or what is left of the call where that is less."""
        deadline = getattr(self._calls, "deadline", None) or own
        if deadline is None:
            return timeout
        left = max(self._clock.real_seconds(deadline.left()), 0.001)
        return left if timeout is None else min(timeout, left)

    def go_on(self) -> None:
        """Raise `Stopped` when the process is asked to end and what it waits for may be left alone."""
        if not self._is_patient:
            self._clock.go_on()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to a host."""
        stream = self._plain.connect_tcp(host, port, self.shortened(timeout), local_address, socket_options)
        return _Socket(stream, self)


class _Socket(httpcore.NetworkStream):
    """One connection; between the headers of an answer and its end, `deadline` is the call's."""

    def __init__(self, stream: httpcore.NetworkStream, sockets: Sockets) -> None:
        self._stream = stream
        self._sockets = sockets
        self.deadline: Deadline | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes; none at the end. Waits in steps, between which it may hear that the process is to end."""
        left_s = self._sockets.shortened(timeout, self.deadline)
        while left_s is None or left_s > LOOK_S:
            try:
                return self._stream.read(max_bytes, LOOK_S)
            except httpcore.ReadTimeout:
                self._sockets.go_on()
                left_s = None if left_s is None else left_s - LOOK_S
        return self._stream.read(max_bytes, left_s)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All of them."""
        self._stream.write(buffer, self._sockets.shortened(timeout, self.deadline))

    def close(self) -> None:
        """Close it."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection, secured."""
        left_s = self._sockets.shortened(timeout, self.deadline)
        return _Socket(self._stream.start_tls(ssl_context, server_hostname, left_s), self._sockets)

    def get_extra_info(self, info: str) -> Any:
        """What the library asks of a socket, such as whether it is readable."""
        return self._stream.get_extra_info(info)
