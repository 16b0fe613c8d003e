"""Where stock Sagan says something else than the raw record does, by name of the known fault.

The names are those of the parser's documentation; anything else is `UNEXPLAINED`.
"""

from collections.abc import Iterator
from typing import Any

from ripe.atlas.sagan import Result

UNEXPLAINED = "unexplained"
ROUNDED = "RTT rounded to three decimals"
SEND_ERROR = "error of a packet not reported"
LATE = "late packets left out"
DUPLICATES = "duplicates counted in a median"
LAST_HOP_ONLY = "destination looked for in the last hop only"
LAST_TRY = "hop 255 counted as a hop"
HOP_ERROR = "error of a hop not reported"
NO_RESPONSE = "no response for a failed query"
SET_ERROR = "error inside a resultset not reported"
MESSAGE_LOST = "message lost: RCODE, identity or text missing"
ESCAPES = "quotes and backslashes escaped otherwise than on the wire"
UNREADABLE_ACCEPTED = "message that runs past its end accepted"
NO_MESSAGE = "answers listed without a message not reached"
PRECISION = 0.0005 + 1e-9


def faults(record: dict[str, Any], figures: dict[str, Any]) -> Iterator[str]:
    """The faults of stock Sagan on one record, given what the independent script says."""
    parsed = Result.get(record, on_error=Result.ACTION_IGNORE, on_malformation=Result.ACTION_IGNORE)
    yield from {"ping": _ping, "traceroute": _traceroute, "dns": _dns}[record["type"]](record, figures, parsed)


def _ping(record: dict[str, Any], figures: dict[str, Any], parsed: Any) -> Iterator[str]:
    counters = (parsed.packets_sent, parsed.packets_received, parsed.duplicates)
    if counters != (figures["n_sent"], figures["n_received"], figures["n_duplicates"]):
        yield UNEXPLAINED
    if not _is_close(parsed.rtt_median, figures["rtt_median_ms"]):
        yield ROUNDED if _is_close(parsed.rtt_median, figures["rtt_median_ms"], PRECISION) else UNEXPLAINED
    if any("error" in entry for entry in record.get("result") or []) and not parsed.is_error:
        yield SEND_ERROR


def _traceroute(record: dict[str, Any], figures: dict[str, Any], parsed: Any) -> Iterator[str]:
    packets = [packet for hop in record["result"] for packet in hop.get("result", [])]
    if not _is_close(parsed.last_median_rtt, figures["last_rtt_ms"]):
        yield _why_median(parsed.last_median_rtt, figures["last_rtt_ms"], packets)
    if any("late" in packet for packet in packets):
        yield LATE
    if parsed.destination_ip_responded != figures["is_destination_reached"]:
        yield LAST_HOP_ONLY if figures["is_destination_reached"] else UNEXPLAINED
    if parsed.hops[-1].index == 255:
        yield LAST_TRY
    if any("error" in hop for hop in record["result"]) and not parsed.is_error:
        yield HOP_ERROR


def _why_median(given: float | None, wanted: float | None, packets: list[dict[str, Any]]) -> str:
    if _is_close(given, wanted, PRECISION):
        return ROUNDED
    return DUPLICATES if any("dup" in packet for packet in packets) else UNEXPLAINED


def _dns(record: dict[str, Any], figures: dict[str, Any], parsed: Any) -> Iterator[str]:
    entries, answers = record.get("resultset", [record]), figures["answers"]
    if len(parsed.responses) != len(answers):
        yield UNEXPLAINED if entries[0].get("result") is not None else NO_RESPONSE
        return
    for entry, answer, response in zip(entries, answers, parsed.responses, strict=True):
        if entry.get("result") is None:
            yield UNEXPLAINED if parsed.is_error or response.is_error else SET_ERROR
            continue
        if not _is_close(response.response_time, answer["response_time_ms"]):
            yield ROUNDED
        yield from _message(entry["result"], answer, response)


def _message(body: dict[str, Any], answer: dict[str, Any], response: Any) -> Iterator[str]:
    if "abuf" not in body:
        yield from [NO_MESSAGE] if body.get("answers") else []
        return
    message = response.abuf
    rcode = message.header.return_code if message.header is not None else None
    nsid = next((o.nsid for o in message.edns0.options if o.code == 3), None) if message.edns0 is not None else None
    text = next((a.data_string for a in message.answers if a.type == "TXT"), None)
    if rcode != answer["rcode"] or nsid != answer["nsid"] or (text is None) != (answer["text"] is None):
        yield UNREADABLE_ACCEPTED if text is not None and answer["text"] is None else MESSAGE_LOST
    elif text != answer["text"]:
        yield ESCAPES if text else MESSAGE_LOST


def _is_close(one: float | None, other: float | None, within: float = 1e-9) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= within
