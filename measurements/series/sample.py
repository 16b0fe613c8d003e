"""A sample: what one result, or one answer of a DNS result, says at one instant from one vantage point."""

from typing import NamedTuple

from measurements.results.outcome import AnswerOutcome
from measurements.results.result import Answer, Dns, Ping, Result, Traceroute
from measurements.targets import canonical_target

PROBE_RESOLVERS = "probe-resolvers"
"""The target of a DNS measurement that asks whatever resolvers a probe is configured with."""
IDENTITY_QUERIES = frozenset({"hostname.bind.", "id.server."})
"""CHAOS TXT names by which a server tells its identity (RFC 4892)."""


class Sample(NamedTuple):
    """One observation. Counters are exact; `rtts_ms` is sorted ascending, milliseconds, unrounded.

    Of a ping: packets. Of a DNS answer: one query, its response time the only RTT. Of a traceroute:
    one path, `n_received` 1 when the destination was reached, `rtts_ms` empty or the last RTT.
    """

    ordinal: int
    """Position within the result: 0, or the answer's place in a DNS result."""
    target: str
    address_family: int
    """4, 6, or 0 where the record does not say."""
    protocol: str
    """ICMP, UDP, TCP, or empty where the record does not say."""
    n_sent: int
    """What left the probe: send errors, unsent queries and refused targets are left out."""
    n_received: int
    n_success: int
    """Of DNS queries: answered with NOERROR. Elsewhere equal to `n_received`."""
    rtts_ms: tuple[float, ...]
    hop_count: int | None
    instance: str | None
    """Identity the anycast server gave of itself (NSID, else hostname.bind or id.server)."""


def samples_of(result: Result) -> list[Sample]:
    """The samples of one result, in order of their ordinal; never empty."""
    target = canonical_target(result.target, result.destination) or ""
    detail = result.detail
    if isinstance(detail, Ping):
        return [_of_ping(result, detail, target)]
    if isinstance(detail, Traceroute):
        return [_of_traceroute(result, detail, target)]
    return _of_dns(result, detail, target)


def _of_ping(result: Result, ping: Ping, target: str) -> Sample:
    return Sample(
        ordinal=0,
        target=target,
        address_family=result.address_family or 0,
        protocol=result.protocol or "",
        n_sent=max(ping.n_sent - ping.n_send_errors, ping.n_received),
        n_received=ping.n_received,
        n_success=ping.n_received,
        rtts_ms=tuple(sorted(ping.rtts_ms)),
        hop_count=None,
        instance=None,
    )


def _of_traceroute(result: Result, path: Traceroute, target: str) -> Sample:
    is_sent = result.outcome in ("reply", "no_reply")
    return Sample(
        ordinal=0,
        target=target,
        address_family=result.address_family or 0,
        protocol=result.protocol or "",
        n_sent=int(is_sent),
        n_received=int(path.is_destination_reached),
        n_success=int(path.is_destination_reached),
        rtts_ms=() if path.last_rtt_ms is None or not path.is_destination_reached else (path.last_rtt_ms,),
        hop_count=path.hop_count,
        instance=None,
    )


def _of_dns(result: Result, dns: Dns, target: str) -> list[Sample]:
    asked = PROBE_RESOLVERS if dns.is_by_probe_resolver else target
    return [_of_answer(i, answer, asked, result) for i, answer in enumerate(dns.answers)]


def _of_answer(ordinal: int, answer: Answer, target: str, result: Result) -> Sample:
    is_answer = answer.outcome is AnswerOutcome.ANSWER
    return Sample(
        ordinal=ordinal,
        target=target,
        address_family=answer.address_family or result.address_family or 0,
        protocol=answer.protocol or result.protocol or "",
        n_sent=int(answer.is_sent),
        n_received=int(is_answer),
        n_success=int(is_answer and answer.rcode == "NOERROR"),
        rtts_ms=(answer.response_time_ms,) if is_answer and answer.response_time_ms is not None else (),
        hop_count=None,
        instance=_identity(answer) if is_answer else None,
    )


def _identity(answer: Answer) -> str | None:
    if answer.nsid:
        return answer.nsid
    is_identity_query = answer.query_class == "CH" and (answer.query_name or "").lower() in IDENTITY_QUERIES
    return answer.text if is_identity_query else None
