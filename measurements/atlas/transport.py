"""HTTP as everything in this package does it: no call without an end, and every failure with its phase.

Nothing is taken from the environment: no proxies, no `.netrc` that would put other credentials in place of the key.
"""

import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpcore
import httpx

from measurements.atlas.endpoint import Endpoint, Limits, UnusableEndpoint
from measurements.atlas.failures import AtlasFailure, CutOff, Phase, TimedOut, Unreachable, Unreadable, Untrusted
from measurements.clock import Clock, Deadline

CONNECTIONS = 4
"""At once: politeness asks for few."""
KEPT_ALIVE_S = 20
LOOK_S = 1.0
"""Real seconds after which a wait for an answer looks whether the process is asked to end."""
MOST_BYTES = 128 * 1024 * 1024
"""Of an answer that is read whole; the largest real one, the latest results of every probe, has 9 MB."""
_PHASES = {
    "connect_tcp": Phase.CONNECT,
    "start_tls": Phase.TLS,
    "send_request_headers": Phase.SEND,
    "send_request_body": Phase.SEND,
    "receive_response_headers": Phase.WAIT,
    "receive_response_body": Phase.READ,
}
_SAYS = {
    Phase.CONNECT: "no connection",
    Phase.TLS: "no secure connection",
    Phase.SEND: "the connection broke while sending",
    Phase.WAIT: "the connection broke before an answer began",
}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, ready to be sent."""

    method: str
    url: str
    """Without a query; never holds a key."""
    headers: Mapping[str, str] = field(repr=False)
    """May hold a key."""
    params: Mapping[str, str] | None = None
    json: Any = None

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"{self.method} {httpx.URL(self.url).path}"


@dataclass(frozen=True)
class Answer:
    """A whole answer, whatever its status."""

    status: int
    headers: httpx.Headers
    body: bytes


def trusted_by(ca_file: Path | None) -> ssl.SSLContext:
    """Whose certificates are believed: the authorities in this file alone, or the well-known ones.

    Raises `UnusableEndpoint` for a file that holds none.
    """
    if ca_file is None:
        return httpx.create_ssl_context(trust_env=False)
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        why = "no certificate in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
        raise UnusableEndpoint(f"{ca_file}, whose certificates are to be trusted, cannot be used: {why}") from error


class Transport:
    """Connections to one endpoint."""

    def __init__(self, endpoint: Endpoint, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._limits = limits
        trusted = trusted_by(endpoint.ca_file)
        self._kept = _Client(trusted, _Sockets(clock), CONNECTIONS)
        self._fresh = _Client(trusted, _Sockets(clock, is_patient=True), 0)

    def _timeouts(self) -> httpx.Timeout:
        """For each operation, by the clock as it runs now."""
        real, limits = self._clock.real_seconds, self._limits
        return httpx.Timeout(real(limits.idle_s), connect=real(limits.connect_s), pool=real(limits.call_s))

    def close(self) -> None:
        """Close every connection."""
        self._kept.close()
        self._fresh.close()

    def send(self, call: Call, within_s: float | None = None) -> Answer:
        """Send and read the whole answer. Raises what `opened` raises."""
        with self.opened(call, self._limits.call_s if within_s is None else within_s) as response:
            body = bytearray()
            for block in response.iter_bytes():
                body += block
                if len(body) > MOST_BYTES:
                    raise Unreadable(f"{call.name}: the answer is too long to be one", phase=Phase.READ)
            return Answer(response.status_code, response.headers, bytes(body))

    @contextmanager
    def opened(self, call: Call, within_s: float) -> Iterator[httpx.Response]:
        """The answer once its headers are there; its body is read inside the context, by then at the latest.

        What creates goes over a connection of its own: one that was kept may have been closed by the server, and
        then nobody would know whether the request had arrived. Nor is its answer left alone when the process is asked
        to end; any other is, within moments. Raises `Unreachable`, `TimedOut`, `CutOff` or `Unreadable`; `Stopped`.
        """
        client = self._fresh if call.method == "POST" else self._kept
        progress = _Progress()
        deadline = self._clock.deadline(within_s)
        with _named(call, progress, deadline):
            request = client.build_request(
                call.method,
                call.url,
                params=call.params,
                headers=dict(call.headers),
                json=call.json,
                timeout=self._timeouts(),
            )
            request.extensions["trace"] = progress.note
            with client.sockets.until(deadline):
                response = client.send(request, stream=True)
            response.extensions["network_stream"].deadline = deadline
            try:
                yield response
            finally:
                response.close()


@dataclass
class _Progress:
    """How far a call has come, as the HTTP library tells of it."""

    phase: Phase = Phase.CONNECT

    def note(self, event: str, _info: object) -> None:
        """An event such as `connection.connect_tcp.started`."""
        step, _, moment = event.partition(".")[2].partition(".")
        if moment == "started" and step in _PHASES:
            self.phase = _PHASES[step]


@contextmanager
def _named(call: Call, progress: _Progress, deadline: Deadline) -> Iterator[None]:
    """Turns what the HTTP library raises into a member of our family."""
    try:
        yield
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise _failure(call, progress.phase, deadline, error) from error


def _failure(call: Call, phase: Phase, deadline: Deadline, error: httpx.RequestError) -> AtlasFailure:
    if isinstance(error, httpx.DecodingError):
        return Unreadable(f"{call.name}: the answer cannot be decompressed", phase=Phase.DECODE)
    if isinstance(error, httpx.TimeoutException):
        what = "the whole call took too long" if deadline.is_over() else f"nothing happened for too long ({phase})"
        return TimedOut(f"{call.name}: {what}", phase=phase)
    if phase is Phase.READ:
        return CutOff(f"{call.name}: the answer was cut off; ask for less at once ({error})", phase=phase)
    if phase is Phase.TLS and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Untrusted(
            f"{call.name}: the server's certificate is not trusted ({error}); set the CA file", phase=phase
        )
    return Unreachable(f"{call.name}: {_SAYS.get(phase, 'failed')} ({error})", phase=phase)


class _Client(httpx.Client):
    """A client whose sockets end in time."""

    def __init__(self, trusted: ssl.SSLContext, sockets: "_Sockets", n_kept: int) -> None:
        super().__init__(transport=_Pool(trusted, sockets, n_kept), trust_env=False, follow_redirects=False)
        self.sockets = sockets


class _Pool(httpx.HTTPTransport):
    """Connections whose sockets end in time."""

    def __init__(self, trusted: ssl.SSLContext, sockets: "_Sockets", n_kept: int) -> None:
        super().__init__(verify=trusted)
        self._pool = httpcore.ConnectionPool(  # httpx hands no network backend on, and only there a deadline reaches
            ssl_context=trusted,
            max_connections=CONNECTIONS,
            max_keepalive_connections=n_kept,
            keepalive_expiry=KEPT_ALIVE_S,
            network_backend=sockets,
        )


class _Sockets(httpcore.NetworkBackend):
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

    def __init__(self, stream: httpcore.NetworkStream, sockets: _Sockets) -> None:
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
