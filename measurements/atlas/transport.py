"""HTTP as everything in this package does it: no call without an end, and every failure with its phase.

Nothing is taken from the environment: no proxies, no `.netrc` that would put other credentials in place of the key.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from measurements.atlas.endpoint import Endpoint, Limits, UnusableEndpoint
from measurements.atlas.failures import AtlasFailure, CutOff, Phase, TimedOut, Unreachable, Unreadable, Untrusted
from measurements.clock import Clock, Deadline
from measurements.connections import CONNECTIONS, Client, Sockets

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
        self._kept = Client(trusted, Sockets(clock), CONNECTIONS)
        self._fresh = Client(trusted, Sockets(clock, is_patient=True), 0)

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
