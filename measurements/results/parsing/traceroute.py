"""Traceroute results of every firmware.

Sagan gives protocol and checks the shape as far as it looks: from the last hop to the last that answered. From the
raw hops come what it loses: late and duplicate packets, errors of hops and packets, and the RTTs, which it rounds to
three decimals.
"""

from statistics import median
from typing import Any

from ripe.atlas.sagan import TracerouteResult

from measurements.errors import UnreadableResult
from measurements.results.outcome import Outcome
from measurements.results.parsing.failures import outcome_of
from measurements.results.parsing.fields import MAX_DURATION_MS, sentence, wrong_type
from measurements.results.parsing.heading import Heading
from measurements.results.parsing.sagan import parse_with
from measurements.results.quarantine import QuarantineReason
from measurements.results.result import Hop, Reply, Result, Traceroute
from measurements.targets import normal_address

LAST_TRY = 255
"""After a run of silent hops the probe tries this TTL once more: not a length of the path."""
_PLAIN = 4
"""Keys of a reply that holds nothing but `from`, `rtt`, `size` and `ttl`: neither late, nor duplicate, nor error."""
_SILENCE = Reply(address=None, rtt_ms=None, ttl=None, error=None, is_late=False, is_duplicate=False)


def read_traceroute(heading: Heading, record: dict[str, Any]) -> Result:
    """The result of a traceroute record; raises `UnreadableResult`."""
    hops = _read_hops(record)
    outcome, error = _outcome(hops)
    return Result(
        type="traceroute",
        atlas_id=heading.atlas_id,
        probe_id=heading.probe_id,
        measured_at=heading.measured_at,
        stored_at=heading.stored_at,
        address_family=heading.address_family,
        protocol=parse_with(TracerouteResult, record, parse_all_hops=False).protocol,
        target=heading.target,
        destination=heading.destination,
        outcome=outcome,
        error=error,
        is_clock_trusted=heading.is_clock_trusted,
        clock_age_s=heading.clock_age_s,
        firmware=heading.firmware,
        detail=_summarise(hops, heading.destination),
    )


def _read_hops(record: dict[str, Any]) -> tuple[Hop, ...]:
    raw_hops = record.get("result")
    if not raw_hops:
        raise UnreadableResult(QuarantineReason.NO_RESULT_BODY, "no hops")
    if type(raw_hops) is not list:
        raise wrong_type("result", raw_hops)
    return tuple([_read_hop(raw) for raw in raw_hops])


def _read_hop(raw: Any) -> Hop:
    if type(raw) is not dict:
        raise wrong_type("result", raw)
    ttl, error, replies = raw.get("hop"), raw.get("error"), raw.get("result", [])
    if error is not None:
        sentence("error", error)
    if (ttl is None and error is None) or (ttl is not None and not _is_ttl(ttl)):
        raise wrong_type("hop", ttl)
    if type(replies) is not list:
        raise wrong_type("result", replies)
    return Hop(ttl, tuple([_read_reply(reply) for reply in replies]), error)


def _read_reply(raw: Any) -> Reply:
    if type(raw) is not dict:
        raise wrong_type("result", raw)
    address = raw.get("from")
    if address is None:
        error = raw.get("error")
        return _SILENCE if error is None else _SILENCE._replace(error=sentence("error", error))
    rtt, ttl = raw.get("rtt"), raw.get("ttl")
    if ttl is not None and not _is_ttl(ttl):
        raise wrong_type("ttl", ttl)
    if not 0.0 <= (rtt if type(rtt) is float else -1.0) <= MAX_DURATION_MS:
        rtt = _rtt(rtt)
    if type(address) is not str or not address.isprintable():
        raise wrong_type("from", address)
    if len(raw) == _PLAIN and rtt is not None and ttl is not None and "size" in raw:
        return Reply(address, rtt, ttl, None, False, False)
    return Reply(address, rtt, ttl, _code(raw.get("err")), "late" in raw, "dup" in raw)


def _rtt(value: Any) -> float | None:
    """An RTT; the probe writes a negative one (−42) where it has lost the time of sending."""
    if value is None:
        return None
    if (type(value) is not float and type(value) is not int) or not value <= MAX_DURATION_MS:
        raise wrong_type("rtt", value)
    return float(value) if value >= 0 else None


def _is_ttl(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LAST_TRY


def _code(value: Any) -> str | None:
    if value is None:
        return None
    return str(value) if type(value) is int and abs(value) <= LAST_TRY else sentence("err", value)


def _summarise(hops: tuple[Hop, ...], destination: str | None) -> Traceroute:
    spellings = _spellings(hops, destination)
    reached = [hop.ttl for hop in hops if any([r[0] in spellings and not r.is_late for r in hop.replies])]  # noqa: C419 - a list is quicker for three
    return Traceroute(
        is_destination_reached=bool(reached),
        hop_count=next((ttl for ttl in reached if ttl is not None and ttl < LAST_TRY), None),
        last_rtt_ms=_last_rtt(hops),
        hops=hops,
    )


def _spellings(hops: tuple[Hop, ...], destination: str | None) -> set[str]:
    """The ways in which the destination's address is written among the replies (IPv6 has several)."""
    if not destination:
        return set()
    if ":" not in destination:
        return {destination}
    wanted = normal_address(destination)
    seen = {reply.address for hop in hops for reply in hop.replies if reply.address}
    return {address for address in seen if normal_address(address) == wanted}


def _last_rtt(hops: tuple[Hop, ...]) -> float | None:
    for hop in reversed(hops):
        rtts = [r.rtt_ms for r in hop.replies if r.rtt_ms is not None and not r.is_late and not r.is_duplicate]
        if rtts:
            return median(rtts)
    return None


def _outcome(hops: tuple[Hop, ...]) -> tuple[Outcome, str | None]:
    """A reply is an answer in time, from anywhere on the path; a late one is none, as with ping."""
    replies = [reply for hop in hops for reply in hop.replies]
    unsent = [reply.error for reply in replies if reply.address is None and reply.error]
    errors = [hop.error for hop in hops if hop.error] + unsent
    error = "; ".join(dict.fromkeys(errors)) or None
    if any(reply.address and not reply.is_late for reply in replies):
        return Outcome.REPLY, error
    if errors and len(unsent) == len(replies):
        return outcome_of(errors[0]), error
    return Outcome.NO_REPLY, error
