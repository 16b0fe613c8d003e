"""The guard of creating: without the gate's permission only a rehearsal may be asked to measure.

An endpoint is the rehearsal's when a setting says so and it can be seen to be: it is on this machine, it is not the
platform by any name, and it answers for the rehearsal's clock, which the platform does not have.
"""

import orjson

from measurements.agreements.gate import Decision
from measurements.atlas.endpoint import PLATFORM_DOMAIN, Endpoint, EndpointKind
from measurements.atlas.failures import AtlasFailure, NotAgreed
from measurements.atlas.transport import Call, Transport

CLOCK_PATH = "/rehearsal/clock"

DECISION_LASTS_S = 120
"""Seconds in which what a decision rests on is taken to hold: the call comes on the line after it."""


def require_permitted(decision: Decision, now: int) -> None:
    """Raise `NotAgreed` unless the gate said yes, and just now."""
    if not decision.is_permitted:
        raise NotAgreed(f"The gate refused it: {decision.reason.explanation.rstrip('.')}")
    if now - decision.decided_at > DECISION_LASTS_S:
        raise NotAgreed("The gate permitted it too long ago to go by that")


class RehearsalCheck:
    """Whether one endpoint is a rehearsal's; asked once, then remembered where it is."""

    def __init__(self, endpoint: Endpoint, transport: Transport) -> None:
        self._endpoint = endpoint
        self._transport = transport
        self._is_known = False

    def require(self) -> None:
        """Raise `NotAgreed`, with the reason, unless it is one."""
        if not self._is_known:
            if why := self._why_not():
                raise NotAgreed(why)
            self._is_known = True

    def _why_not(self) -> str | None:
        endpoint = self._endpoint
        if f".{endpoint.host}".endswith(f".{PLATFORM_DOMAIN}"):
            return f"{endpoint.host} is RIPE Atlas itself"
        if endpoint.kind is not EndpointKind.REHEARSAL:
            return f"{endpoint.host} is not set to be a rehearsal"
        if not endpoint.is_loopback:
            return f"{endpoint.host} is not on this machine, so it is no rehearsal"
        if not endpoint.is_stream_loopback:
            return f"the stream of {endpoint.host} is not on this machine, and what it sends is not rehearsed"
        return self._why_no_clock()

    def _why_no_clock(self) -> str | None:
        headers = {"Accept": "application/json"}
        call = Call(method="GET", url=f"{self._endpoint.origin}{CLOCK_PATH}", headers=headers)
        try:
            answer = self._transport.send(call)
        except AtlasFailure as failure:
            return f"whether {self._endpoint.host} is a rehearsal cannot be seen ({failure})"
        is_clock = answer.status == 200 and _is_object(answer.body)  # noqa: PLR2004 - the status of success
        return None if is_clock else f"{self._endpoint.host} does not answer for a rehearsal's clock"


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(orjson.loads(body), dict)
    except orjson.JSONDecodeError:
        return False
