"""RIPEstat over the Internet: few connections, no call without an end, and questions repeated later and later.

Nothing is taken from the environment: no proxies, no `.netrc`. No redirect is followed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import httpx
import tenacity

from measurements.clock import Clock, Deadline
from measurements.connections import CONNECTIONS, Client, Sockets, retry_after_s
from measurements.errors import UnreadableObject
from measurements.ripestat import payloads, questions
from measurements.ripestat.cache import Cache
from measurements.ripestat.endpoint import Endpoint, Limits
from measurements.ripestat.envelope import Envelope, read_envelope
from measurements.ripestat.failures import CutOff, RipestatFailure, TimedOut, Unreachable, Unreadable
from measurements.ripestat.gateway import AnnouncedPrefixes, CountryResources, NetworkInfo
from measurements.ripestat.questions import Question

USER_AGENT = "Rasad"
MOST_BYTES = 16_000_000
"""Of an answer; the list of a country, the longest that is asked for, has a hundred thousand."""

T = TypeVar("T")


class RipestatClient:
    """RIPEstat behind one endpoint (`gateway.RipestatGateway`). Threads may share it."""

    def __init__(self, endpoint: Endpoint, clock: Clock, *, limits: Limits | None = None) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._limits = limits or Limits()
        self._cache = Cache(clock)
        trusted = httpx.create_ssl_context(trust_env=False)
        self._client = Client(trusted, Sockets(clock), CONNECTIONS, {"User-Agent": USER_AGENT})
        self._client.base_url = httpx.URL(endpoint.origin)

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def country_resources(self, country: str, at: int | None = None) -> CountryResources:
        """What is registered to a country."""
        question = questions.of_country(country, at)
        return self._understood(question, lambda envelope: payloads.read_country_resources(envelope, country))

    def announced_prefixes(self, asn: int) -> AnnouncedPrefixes:
        """What a network has announced lately."""
        found = self._understood(questions.of_network(asn), payloads.read_announced_prefixes)
        if found.asn != asn:
            raise Unreadable(f"asked about AS{asn}, RIPEstat tells of AS{found.asn}", query_id=found.envelope.query_id)
        return found

    def network_info(self, address: str) -> NetworkInfo:
        """Who announces an address."""
        return self._understood(questions.of_address(address), payloads.read_network_info)

    def _understood(self, question: Question, read: Callable[[Envelope], T]) -> T:
        """What the answer says; only one that can be read is held on to."""
        held = self._cache.find(question)
        envelope = self._until_answered(question) if held is None else held
        try:
            value = read(envelope)
        except UnreadableObject as error:
            raise Unreadable(f"{question.name}: {error}", query_id=envelope.query_id) from error
        if held is None:
            self._cache.keep(question, envelope)
        return value

    def _until_answered(self, question: Question) -> Envelope:
        """The answer; the last failure once `retry_s` are over or waiting would take longer."""
        deadline = self._clock.deadline(self._limits.retry_s)
        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_is_transient),
            wait=self._wait_s,
            stop=lambda state: state.upcoming_sleep >= deadline.left(),
            sleep=self._clock.sleep,
            reraise=True,
        )
        return attempts(self._once, question)

    def _wait_s(self, state: tenacity.RetryCallState) -> float:
        """Between half and all of a time that doubles, or what RIPEstat asks for and a little more."""
        doubling = tenacity.wait_exponential(multiplier=self._limits.first_wait_s, max=self._limits.longest_wait_s)
        half_s = doubling(state) / 2
        chance_s = tenacity.wait_random(0, half_s)(state)
        error = state.outcome.exception() if state.outcome else None
        asked_s = error.retry_after_s if isinstance(error, RipestatFailure) else None
        return half_s + chance_s if asked_s is None else asked_s + min(chance_s, self._limits.first_wait_s)

    def _once(self, question: Question) -> Envelope:
        deadline = self._clock.deadline(self._limits.call_s)
        params = (*question.params, ("sourceapp", self._endpoint.sourceapp))
        with (
            _named(question, deadline),
            self._client.sockets.until(deadline),
            self._client.stream("GET", question.path, params=params, timeout=self._timeouts()) as response,
        ):
            body = _read(question, response)
        wait_s = retry_after_s(response.headers, self._clock.now())
        return read_envelope(question.name, body, response.status_code, wait_s)

    def _timeouts(self) -> httpx.Timeout:
        """For each operation, by the clock as it runs now."""
        real, limits = self._clock.real_seconds, self._limits
        return httpx.Timeout(real(limits.idle_s), connect=real(limits.connect_s), pool=real(limits.call_s))


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, RipestatFailure) and error.is_retryable


def _read(question: Question, response: httpx.Response) -> bytes:
    body = bytearray()
    try:
        for block in response.iter_bytes():
            body += block
            if len(body) > MOST_BYTES:
                raise Unreadable(f"{question.name}: the answer is too long to be one")
    except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
        raise CutOff(f"{question.name}: the answer was cut off ({error})") from error
    return bytes(body)


@contextmanager
def _named(question: Question, deadline: Deadline) -> Iterator[None]:
    """Turns what the HTTP library raises into a member of our family."""
    try:
        yield
    except httpx.TimeoutException as error:
        what = "the whole call took too long" if deadline.is_over() else "nothing happened for too long"
        raise TimedOut(f"{question.name}: {what}") from error
    except httpx.DecodingError as error:
        raise Unreadable(f"{question.name}: the answer cannot be decompressed") from error
    except httpx.TransportError as error:
        raise Unreachable(f"{question.name}: no connection, or one that broke ({error})") from error
