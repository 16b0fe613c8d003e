"""A sample: what one result, or one answer of a DNS result, says at one instant from one vantage point."""

from typing import NamedTuple

from measurements.results.instances import read_instance
from measurements.results.outcome import AnswerOutcome
from measurements.results.result import Answer, Dns, Ping, Result, Traceroute
from measurements.targets import K_ROOT, PROBE_RESOLVERS, canonical_target

IDENTITY_QUERIES = frozenset({"hostname.bind.", "id.server."})
"""CHAOS TXT names by which a server tells its identity (RFC 4892)."""
IDENTITY_MEASUREMENTS = frozenset(
    built_in.atlas_id for built_in in K_ROOT.built_ins if built_in.asks == "hostname.bind. CH TXT"
)
"""Built-ins that ask nothing else, so that even a message that does not repeat the question is known to answer it."""
NO_IDENTITY = "no-identity"
"""The instance of an answer to an identity query that gives none."""


class Subject(NamedTuple):
    """What a result is about: the same names that its samples have."""

    target: str
    address_family: int
    """4, 6, or 0 where the record does not say."""
    protocol: str
    """ICMP, UDP, TCP, or empty where the record does not say."""


class Sample(NamedTuple):
    """One observation. Counters are exact; `rtts_ms` is sorted ascending, milliseconds, unrounded.

    Of a ping: packets. Of a DNS answer: one query, its response time the only RTT. Of a traceroute:
    one path, `n_received` 1 when the destination was reached, `rtts_ms` empty or the last RTT.

    Three ends of a DNS query are told apart by the counters (sent, received, success): NOERROR is 1, 1, 1; a failure
    1, 1, 0 with a message, readable or not, and 1, 0, 0 without; where the RCODE is unknown (the message was not
    asked for) 0, 1, 0: something came back, and it is neither a success nor a failure.
    """

    ordinal: int
    """Position within the result: 0, or the answer's place in a DNS result."""
    target: str
    address_family: int
    """4, 6, or 0 where the record does not say."""
    protocol: str
    """ICMP, UDP, TCP, or empty where the record does not say."""
    n_sent: int
    """What left the probe: send errors, unsent queries and refused targets are left out; and DNS queries whose
    answer has an unknown RCODE, since this is what successes are held against."""
    n_received: int
    """What came back. Of DNS queries any message counts, a malformed one too, which has no RTT."""
    n_success: int
    """Of DNS queries: answered with NOERROR. Elsewhere equal to `n_received`."""
    rtts_ms: tuple[float, ...]
    hop_count: int | None
    instance: str | None
    """Identity the anycast server gave of itself (NSID, else hostname.bind or id.server); `NO_IDENTITY` where it was
    asked for it and something without one came back; None where it was not asked, or nothing came back."""


def subject_of(result: Result) -> Subject:
    """What a result is about; of a DNS result with several answers the first one tells what the record does not."""
    detail = result.detail
    if isinstance(detail, Dns):
        first = detail.answers[0]
        return Subject(
            PROBE_RESOLVERS if detail.is_by_probe_resolver else _target(result),
            result.address_family or first.address_family or 0,
            result.protocol or first.protocol or "",
        )
    return Subject(_target(result), result.address_family or 0, result.protocol or "")


def samples_of(result: Result, subject: Subject | None = None) -> list[Sample]:
    """The samples of one result, in order of their ordinal; never empty. `subject` is that of the result, if known."""
    detail = result.detail
    subject = subject or subject_of(result)
    if isinstance(detail, Ping):
        return [_of_ping(detail, subject)]
    if isinstance(detail, Traceroute):
        return [_of_traceroute(result, detail, subject)]
    return [_of_answer(i, answer, subject.target, result) for i, answer in enumerate(detail.answers)]


def is_possible_interception(result: Result) -> bool:
    """Whether something answered at an address of K-root that does not name itself as K-root's servers do."""
    if subject_of(result).target != K_ROOT.name:
        return False
    named = (sample.instance for sample in samples_of(result))
    return any(identity is not None and not read_instance(identity).is_known for identity in named)


def _target(result: Result) -> str:
    return canonical_target(result.target, result.destination) or ""


def _of_ping(ping: Ping, subject: Subject) -> Sample:
    return Sample(
        ordinal=0,
        target=subject.target,
        address_family=subject.address_family,
        protocol=subject.protocol,
        n_sent=max(ping.n_sent - ping.n_send_errors, ping.n_received),
        n_received=ping.n_received,
        n_success=ping.n_received,
        rtts_ms=tuple(sorted(ping.rtts_ms)),
        hop_count=None,
        instance=None,
    )


def _of_traceroute(result: Result, path: Traceroute, subject: Subject) -> Sample:
    is_sent = result.outcome in ("reply", "no_reply")
    return Sample(
        ordinal=0,
        target=subject.target,
        address_family=subject.address_family,
        protocol=subject.protocol,
        n_sent=int(is_sent),
        n_received=int(path.is_destination_reached),
        n_success=int(path.is_destination_reached),
        rtts_ms=() if path.last_rtt_ms is None or not path.is_destination_reached else (path.last_rtt_ms,),
        hop_count=path.hop_count,
        instance=None,
    )


def _of_answer(ordinal: int, answer: Answer, target: str, result: Result) -> Sample:
    is_answer = answer.outcome is AnswerOutcome.ANSWER
    is_something = is_answer or answer.outcome is AnswerOutcome.MALFORMED
    is_judged = answer.is_sent and not (is_answer and answer.rcode is None)
    return Sample(
        ordinal=ordinal,
        target=target,
        address_family=answer.address_family or result.address_family or 0,
        protocol=answer.protocol or result.protocol or "",
        n_sent=int(is_judged),
        n_received=int(is_something),
        n_success=int(is_answer and answer.rcode == "NOERROR"),
        rtts_ms=(answer.response_time_ms,) if is_answer and answer.response_time_ms is not None else (),
        hop_count=None,
        instance=_identity(answer, result.atlas_id) if is_something else None,
    )


def _identity(answer: Answer, atlas_id: int) -> str | None:
    is_readable = answer.outcome is AnswerOutcome.ANSWER
    if is_readable and answer.nsid:
        return answer.nsid
    if not _asks_identity(answer, atlas_id):
        return None
    return (is_readable and answer.text) or NO_IDENTITY


def _asks_identity(answer: Answer, atlas_id: int) -> bool:
    if answer.query_name is None:
        return atlas_id in IDENTITY_MEASUREMENTS
    return answer.query_class == "CH" and answer.query_name.lower() in IDENTITY_QUERIES
