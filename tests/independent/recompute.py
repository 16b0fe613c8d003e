"""Recomputes from the raw JSON of a record what Rasad says about it, with the standard library alone.

Written from the documentation of the formats (RIPE Atlas result format, RFC 1035, 5001, 6891), without
Sagan, dnspython or any line of ours, so that agreement means something.

    python tests/independent/recompute.py < results.ndjson     one JSON object per record
"""

import base64
import json
import statistics
import struct
import sys
from typing import Any

RCODES = (
    *("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"),
    *("YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"),
)
EXTENDED_RCODES = {16: "BADVERS", 23: "BADCOOKIE"}
SOA, TXT, OPT, NSID = 6, 16, 41, 3


def recompute(record: dict[str, Any]) -> dict[str, Any]:
    """The figures of a record of any of the three types."""
    kind: str = record["type"]
    return {"ping": ping, "traceroute": traceroute, "dns": dns}[kind](record)


def ping(record: dict[str, Any]) -> dict[str, Any]:
    """Counters and RTTs; a duplicate is none of the RTTs, a send error is neither sent nor lost."""
    entries = record.get("result") or []
    rtts = [entry["rtt"] for entry in entries if "rtt" in entry and "dup" not in entry]
    listed = [entry for entry in entries if "dup" not in entry]
    n_errors = sum("error" in entry for entry in listed)
    sent, received = int(record["sent"]), int(record["rcvd"])
    # The platform leaves send errors out of `sent`; where all entries were counted they are taken off.
    tried = sent - n_errors if n_errors and sent >= len(listed) else sent
    return {
        "n_sent": sent,
        "n_received": received,
        "n_duplicates": int(record["dup"]),
        "loss": (tried - received) / tried if tried else None,
        "rtt_min_ms": min(rtts, default=None),
        "rtt_mean_ms": statistics.fmean(rtts) if rtts else None,
        "rtt_median_ms": statistics.median(rtts) if rtts else None,
        "rtt_max_ms": max(rtts, default=None),
    }


def traceroute(record: dict[str, Any]) -> dict[str, Any]:
    """Whether, and how far away, the destination answered in time, and the path."""
    destination = _number(record.get("dst_addr"))
    reached_at = []
    last_rtt = None
    hops = []
    for hop in record["result"]:
        packets = hop.get("result", [])
        in_time = [packet for packet in packets if "from" in packet and "late" not in packet]
        if destination is not None and any(_number(packet["from"]) == destination for packet in in_time):
            reached_at.append(hop.get("hop"))
        rtts = [p["rtt"] for p in in_time if "dup" not in p and _known(p.get("rtt")) is not None]
        last_rtt = statistics.median(rtts) if rtts else last_rtt
        hops.append([hop.get("hop"), [[p.get("from"), _known(p.get("rtt")), "late" in p, "dup" in p] for p in packets]])
    return {
        "is_destination_reached": bool(reached_at),
        "hop_count": next((ttl for ttl in reached_at if ttl != 255), None),
        "last_rtt_ms": last_rtt,
        "hops": hops,
    }


def _known(rtt: float | None) -> float | None:
    """An RTT, but not a negative one (-42), which stands for one that the probe could not compute."""
    return rtt if rtt is not None and rtt >= 0 else None


def _number(address: str | None) -> int | None:
    """An address as the number it stands for, so that spelling does not matter."""
    if not address:
        return None
    if ":" not in address:
        return int.from_bytes(bytes(int(part) for part in address.split(".")), "big")
    head, is_short, tail = address.partition("::")
    front = [int(part, 16) for part in head.split(":") if part]
    back = [int(part, 16) for part in tail.split(":") if part]
    groups = front + [0] * (8 - len(front) - len(back) if is_short else 0) + back
    return int.from_bytes(struct.pack("!8H", *groups), "big")


def dns(record: dict[str, Any]) -> dict[str, Any]:
    """One answer per query, in the record's order."""
    return {"answers": [_answer(entry) for entry in record.get("resultset", [record])]}


def _answer(entry: dict[str, Any]) -> dict[str, Any]:
    result = entry.get("result")
    if result is None:
        return {"is_answered": False, **_NOTHING, "response_time_ms": None, "size_bytes": None}
    message = _message(base64.b64decode(result["abuf"])) if "abuf" in result else _listed(result)
    return {"is_answered": True, **message, "response_time_ms": result.get("rt"), "size_bytes": result.get("size")}


_NOTHING: dict[str, Any] = {"rcode": None, "is_authoritative": None, "nsid": None, "text": None, "soa_serial": None}


def _listed(result: dict[str, Any]) -> dict[str, Any]:
    """Without the message: the first TXT and SOA that the probe lists."""
    texts = [answer["RDATA"] for answer in result.get("answers", []) if answer.get("TYPE") == "TXT"]
    serials = [answer["SERIAL"] for answer in result.get("answers", []) if answer.get("TYPE") == "SOA"]
    return {
        **_NOTHING,
        "text": (" ".join(texts[0]) if isinstance(texts[0], list) else texts[0]) if texts else None,
        "soa_serial": serials[0] if serials else None,
    }


def _message(wire: bytes) -> dict[str, Any]:
    """Header, first TXT and SOA among the answers, and what an OPT record adds; the header alone if that fails."""
    found = dict(_NOTHING)
    if len(wire) < 12:
        return found
    _, flags, n_questions, n_answers, n_authorities, n_additionals = struct.unpack_from("!6H", wire)
    found["rcode"], found["is_authoritative"] = _rcode(flags & 15), bool(flags & 0x0400)
    read = dict(found)
    offset = 12
    try:
        for _ in range(n_questions):
            offset = _skip_name(wire, offset) + 4
        for index in range(n_answers + n_authorities + n_additionals):
            offset = _skip_name(wire, offset)
            kind, _, ttl, length = struct.unpack_from("!HHIH", wire, offset)
            offset += 10
            if offset + length > len(wire):
                return found
            _record(wire, offset, length, kind, ttl, read, is_answer=index < n_answers, flags=flags)
            offset += length
    except (IndexError, struct.error):
        return found
    return read


def _record(
    wire: bytes, at: int, length: int, kind: int, ttl: int, read: dict[str, Any], *, is_answer: bool, flags: int
) -> None:
    if kind == OPT:
        read["rcode"] = _rcode(flags & 15 | (ttl >> 24) << 4)
        read["nsid"] = _nsid(wire[at : at + length]) if read["nsid"] is None else read["nsid"]
    elif is_answer and kind == TXT and read["text"] is None:
        read["text"] = " ".join(_strings(wire[at : at + length]))
    elif is_answer and kind == SOA and read["soa_serial"] is None:
        read["soa_serial"] = struct.unpack_from("!5I", wire, _skip_name(wire, _skip_name(wire, at)))[0]


def _skip_name(wire: bytes, offset: int) -> int:
    while 0 < wire[offset] < 64:
        offset += wire[offset] + 1
    if wire[offset] == 0:
        return offset + 1
    if wire[offset] < 192 or (wire[offset] & 63) << 8 | wire[offset + 1] >= offset:
        raise IndexError(offset)  # not a label, or a pointer that does not lead back (RFC 1035, section 4.1.4)
    return offset + 2


def _nsid(options: bytes) -> str | None:
    offset = 0
    while offset + 4 <= len(options):
        code, length = struct.unpack_from("!HH", options, offset)
        if code == NSID:
            return _printable(options[offset + 4 : offset + 4 + length])
        offset += 4 + length
    return None


def _strings(rdata: bytes) -> list[str]:
    strings, offset = [], 0
    while offset < len(rdata):
        end = offset + 1 + rdata[offset]
        if end > len(rdata):
            raise IndexError(end)
        strings.append(_printable(rdata[offset + 1 : end]))
        offset = end
    return strings


def _printable(octets: bytes) -> str:
    return "".join(chr(octet) if 31 < octet < 127 and octet != 92 else f"\\{octet:03}" for octet in octets)


def _rcode(number: int) -> str:
    return RCODES[number] if number < len(RCODES) else EXTENDED_RCODES.get(number, str(number))


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(recompute(json.loads(line))) + "\n")
