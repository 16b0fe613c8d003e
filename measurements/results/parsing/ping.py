"""Ping results of every firmware.

Sagan gives the counters and protocol. From the raw entries come what it loses: errors, which it never
reports, and the RTTs, which it rounds to three decimals.
"""

from typing import Any, NamedTuple

from ripe.atlas.sagan import PingResult

from measurements.errors import UnreadableResult
from measurements.results.outcome import Outcome
from measurements.results.parsing.failures import outcome_of
from measurements.results.parsing.fields import count, duration, impossible, sentence, wrong_type
from measurements.results.parsing.heading import Heading
from measurements.results.parsing.sagan import parse_with
from measurements.results.quarantine import QuarantineReason
from measurements.results.result import Ping, Result

MAX_PACKETS = 2**16
"""So many the sequence numbers of ICMP can tell apart (RFC 792); the platform offers 16."""


class _Entries(NamedTuple):
    """What the entries of `result` hold."""

    rtts_ms: tuple[float, ...]
    n_duplicates: int
    n_silent: int
    errors: tuple[str, ...]


def read_ping(heading: Heading, record: dict[str, Any]) -> Result:
    """The result of a ping record; raises `UnreadableResult`."""
    entries = _read_entries(record)
    ping = _count(record, entries)
    return Result(
        type="ping",
        atlas_id=heading.atlas_id,
        probe_id=heading.probe_id,
        measured_at=heading.measured_at,
        stored_at=heading.stored_at,
        address_family=heading.address_family,
        protocol=parse_with(PingResult, record).protocol,
        target=heading.target,
        destination=heading.destination,
        outcome=_outcome(ping, entries.errors),
        error="; ".join(dict.fromkeys(entries.errors)) if entries.errors else None,
        is_clock_trusted=heading.is_clock_trusted,
        clock_age_s=heading.clock_age_s,
        firmware=heading.firmware,
        detail=ping,
    )


def _read_entries(record: dict[str, Any]) -> _Entries:
    entries = record.get("result")
    if entries is None:
        if "sent" not in record:
            raise UnreadableResult(QuarantineReason.NO_RESULT_BODY, "neither `result` nor `sent`")
        return _Entries((), 0, 0, ())
    if type(entries) is not list:
        raise wrong_type("result", entries)
    rtts: list[float] = []
    errors: list[str] = []
    n_duplicates = n_silent = 0
    for entry in entries:
        if type(entry) is not dict:
            raise wrong_type("result", entry)
        if "dup" in entry:
            n_duplicates += 1
        elif "rtt" in entry:
            rtts.append(duration("rtt", entry["rtt"]))
        elif "error" in entry:
            errors.append(sentence("error", entry["error"]))
        else:
            n_silent += 1
    return _Entries(tuple(rtts), n_duplicates, n_silent, tuple(errors))


def _count(record: dict[str, Any], entries: _Entries) -> Ping:
    """The counters as the platform gives them, else by counting entries, as it does itself.

    Probes report entries only; the platform adds the counters. In all 81,996 recorded pings of firmware 4460 to
    5080 that have entries, `sent` is the replies and silences among them and `rcvd` the replies, so that counting
    gives what the platform would have said. Firmware 0 and 1 came with counters and without entries. Where
    losses leave no entry (after the first reply), the platform's own `sent` is as low as the count.
    """
    n_replies, n_listed = len(entries.rtts_ms), len(entries.rtts_ms) + entries.n_silent
    n_sent = count(record, "sent")
    n_received = count(record, "rcvd")
    n_duplicates = count(record, "dup")
    ping = Ping(
        n_listed if n_sent is None else n_sent,
        n_replies if n_received is None else n_received,
        entries.n_duplicates if n_duplicates is None else n_duplicates,
        _send_errors_in(n_sent, n_listed, len(entries.errors)),
        entries.rtts_ms,
    )
    if ping.n_sent > MAX_PACKETS:
        raise impossible(f"`sent` is {ping.n_sent}, which no probe sends at once")
    if ping.n_received > ping.n_sent:
        raise impossible(f"`rcvd` is {ping.n_received}, but `sent` is {ping.n_sent}")
    if ping.n_received != n_replies and "result" in record:
        raise impossible(f"`rcvd` is {ping.n_received}, but {n_replies} replies are listed")
    return ping


def _send_errors_in(n_sent: int | None, n_listed: int, n_errors: int) -> int:
    """How many send errors `sent` includes: all or none.

    The platform leaves them out (929 of 929 recorded pings with errors, firmware 4790 to 4970); our laboratory, after
    older published examples, counted every entry (firmware 5120). So they are in it only where `sent` is exactly
    all entries. Anything else it has beyond replies and silences are losses without an entry: those stay losses.
    """
    return n_errors if n_sent is not None and n_sent == n_listed + n_errors else 0


def _outcome(ping: Ping, errors: tuple[str, ...]) -> Outcome:
    if ping.n_received:
        return Outcome.REPLY
    if errors and ping.n_sent == ping.n_send_errors:
        return outcome_of(errors[0])
    return Outcome.NO_REPLY
