"""Recomputes from the raw JSON of a record what Rasad publishes about it, with the standard library alone.

Written from the documentation of the formats (RIPE Atlas result format and probe code, RFC 1035, 5001, 6891),
without Sagan, dnspython or any line of ours, so that agreement means something. Names are those of the wire.

    python -m tests.independent.recompute < results.ndjson     one JSON object per record
"""

import base64
import ipaddress
import json
import statistics
import sys
from datetime import UTC, datetime
from typing import Any

from tests.independent.dns_message import message, question

K_ROOT = {"k.root-servers.net", "193.0.14.129", "2001:7fd::1"}
NOT_SENT = {"socket", "senderror", "TUSOCKET", "err", "TUDNS", "TU_OUT_OF_ADDRESS", "getaddrinfo", "evdns_getaddrinfo",
            "nameserver", "reason", "TU_BAD_ADDR"}  # fmt: skip
RESOLUTION = {"TUDNS", "TU_OUT_OF_ADDRESS", "getaddrinfo", "evdns_getaddrinfo", "nameserver"}
REFUSED_BY_PROBE = {"reason", "TU_BAD_ADDR"}
DAMAGED = {"idmismatch", "TCPREADSIZE", "TCPREAD"}
NO_ROUTE = {"Network is unreachable", "Permission denied", "Invalid argument", "Cannot assign requested address"}
LAST_TRY = 255
CHAOS = {"hostname.bind", "id.server", "version.bind", "version.server"}


def recompute(record: dict[str, Any]) -> dict[str, Any]:
    """The figures of a record of any of the three types."""
    kind: str = record["type"]
    stored = record.get("stored_timestamp")
    name, address = record.get("dst_name") or record.get("name"), record.get("dst_addr") or record.get("addr")
    return {
        "atlas_id": record["msm_id"],
        "probe_id": record["prb_id"],
        "measured_at": _iso(record["timestamp"]),
        "stored_at": None if stored is None else _iso(stored),
        "type": kind,
        "target": "probe-resolvers" if "resultset" in record else _target(name, address),
        "destination": address or None,
        **{"ping": ping, "traceroute": traceroute, "dns": dns}[kind](record),
    }


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")


def _target(name: str | None, address: str | None) -> str:
    spellings = [_plain(text) for text in (name, address) if text]
    return "k-root" if K_ROOT & set(spellings) else spellings[0] if spellings else ""


def _plain(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        lowered = text.rstrip(".").lower()
        return str(ipaddress.ip_address(lowered)) if _family(lowered) else lowered


def _family(address: str | None) -> int | None:
    try:
        return ipaddress.ip_address(address).version if address else None
    except ValueError:
        return None


def _joined(errors: list[str]) -> str | None:
    return "; ".join(dict.fromkeys(errors)) or None


def _failure(error: str) -> str:
    if error.startswith("address not allowed"):
        return "not_allowed"
    return "resolution_failed" if error.startswith(("dns resolution", "name resolution")) else "send_error"


def ping(record: dict[str, Any]) -> dict[str, Any]:
    """Counters and RTTs; a duplicate is none of the RTTs, a send error is neither sent nor lost."""
    entries = record.get("result") or []
    rtts = [entry["rtt"] for entry in entries if "rtt" in entry and "dup" not in entry]
    listed = [entry for entry in entries if "dup" not in entry]
    errors = [entry["error"] for entry in listed if "error" in entry]
    sent, received = int(record["sent"]), int(record["rcvd"])
    # The platform leaves send errors out of `sent`; only where exactly all entries were counted are they in it.
    n_errors = len(errors) if sent == len(listed) else 0
    lost = sent - n_errors - received
    return {
        "outcome": "reply" if received else _failure(errors[0]) if errors and not lost else "no_reply",
        "error": _joined(errors),
        "n_sent": sent,
        "n_received": received,
        "n_duplicates": int(record["dup"]),
        "n_send_errors": n_errors,
        "loss": [lost, sent - n_errors],
        "rtt_min_ms": min(rtts, default=None),
        "rtt_mean_ms": statistics.fmean(rtts) if rtts else None,
        "rtt_median_ms": statistics.median(rtts) if rtts else None,
        "rtt_max_ms": max(rtts, default=None),
    }


def traceroute(record: dict[str, Any]) -> dict[str, Any]:
    """Whether, and how far away, the destination answered in time, and the path."""
    destination = _plain(record["dst_addr"]) if record.get("dst_addr") else None
    hops = [_hop(hop) for hop in record["result"]]
    reached_at = []
    last_rtt = None
    for hop in hops:
        in_time = [reply for reply in hop["replies"] if reply["address"] and not reply["is_late"]]
        if destination is not None and any(_plain(reply["address"]) == destination for reply in in_time):
            reached_at.append(hop["ttl"])
        rtts = [reply["rtt_ms"] for reply in in_time if not reply["is_duplicate"] and reply["rtt_ms"] is not None]
        last_rtt = statistics.median(rtts) if rtts else last_rtt
    return {
        **_end_of_path(hops),
        "is_destination_reached": bool(reached_at),
        "hop_count": next((ttl for ttl in reached_at if ttl != LAST_TRY), None),
        "last_rtt_ms": last_rtt,
        "hops": hops,
    }


def _hop(hop: dict[str, Any]) -> dict[str, Any]:
    return {"ttl": hop.get("hop"), "replies": [_reply(p) for p in hop.get("result", [])], "error": hop.get("error")}


def _reply(packet: dict[str, Any]) -> dict[str, Any]:
    """An answer, or the lack of one; a negative RTT (-42) stands for one that the probe could not compute."""
    is_answer = "from" in packet
    error = packet.get("err" if is_answer else "error")
    rtt = packet.get("rtt")
    return {
        "address": packet.get("from"),
        "rtt_ms": rtt if is_answer and rtt is not None and rtt >= 0 else None,
        "ttl": packet.get("ttl") if is_answer else None,
        "error": None if error is None else str(error),
        "is_late": is_answer and "late" in packet,
        "is_duplicate": is_answer and "dup" in packet,
    }


def _end_of_path(hops: list[dict[str, Any]]) -> dict[str, Any]:
    replies = [reply for hop in hops for reply in hop["replies"]]
    unsent = [reply["error"] for reply in replies if reply["address"] is None and reply["error"]]
    errors = [hop["error"] for hop in hops if hop["error"]] + unsent
    if any(reply["address"] and not reply["is_late"] for reply in replies):
        outcome = "reply"
    else:
        outcome = _failure(errors[0]) if errors and len(unsent) == len(replies) else "no_reply"
    return {"outcome": outcome, "error": _joined(errors)}


def dns(record: dict[str, Any]) -> dict[str, Any]:
    """One answer per query, in the record's order, and the best of them."""
    answers = [_answer(entry, record) for entry in record.get("resultset", [record])]
    outcomes = [answer["outcome"] for answer in answers]
    ends = [_end_of_query(entry["error"]) for entry in record.get("resultset", [record]) if "error" in entry]
    if "answer" in outcomes:
        outcome = "reply"
    elif "malformed" in outcomes:
        outcome = "malformed"
    else:
        outcome = next(end for end in ("no_reply", "send_error", "resolution_failed", "not_allowed") if end in ends)
    return {
        "outcome": outcome,
        "error": _joined([_words(entry["error"]) for entry in record.get("resultset", [record]) if "error" in entry]),
        "is_by_probe_resolver": "resultset" in record,
        "answers": answers,
    }


def _answer(entry: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] | None = entry.get("result")
    asked = question(base64.b64decode(entry["qbuf"], validate=True)) if "qbuf" in entry else question(b"")
    whom = {**_whom(entry, record), **asked}
    if result is None:
        error: dict[str, Any] = entry["error"]
        kind = next(iter(error))
        outcome = "timeout" if kind == "timeout" else "malformed" if kind in DAMAGED else "network_error"
        is_sent = _end_of_query(error) in ("no_reply", "malformed")
        return {**_NOTHING, **whom, "outcome": outcome, "is_sent": is_sent, "error": _words(error)}
    found = message(base64.b64decode(result["abuf"], validate=True)) if "abuf" in result else _listed(result)
    said = {key: value for key, value in found.items() if value is not None}
    return {
        **_NOTHING,
        **whom,
        **said,
        "response_time_ms": result.get("rt"),
        "size_bytes": result.get("size"),
        "is_sent": True,
        "error": "unreadable DNS message" if found["outcome"] == "malformed" else None,
    }


_NOTHING: dict[str, Any] = dict.fromkeys(
    ("response_time_ms", "rcode", "is_authoritative", "nsid", "text", "soa_serial", "size_bytes")
)


def _whom(entry: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    """Which resolver; in a set a name that is not the address beside it is the newer of the two."""
    protocol = {"UDP": "UDP", "U": "UDP", "TCP": "TCP", "T": "TCP"}.get(entry.get("proto", ""))
    name, address = entry.get("dst_name"), entry.get("dst_addr")
    if "resultset" in record:
        is_stale = name is not None and (not address or _plain(name) != _plain(address))
        family = _family(name) if is_stale else entry.get("af") or _family(address)
        return {"resolver": name if is_stale else address, "protocol": protocol, "address_family": family}
    resolver = address or record.get("addr") or name or record.get("name")
    family = record.get("af") or record.get("pf") or _family(address or record.get("addr"))
    return {"resolver": resolver, "protocol": protocol, "address_family": family}


def _end_of_query(error: dict[str, Any]) -> str:
    """What a failed query makes of its result."""
    kind = next(iter(error))
    if kind in DAMAGED:
        return "malformed"
    if kind in REFUSED_BY_PROBE:
        return "not_allowed"
    if kind in RESOLUTION:
        return "resolution_failed"
    return "send_error" if kind in NOT_SENT or error[kind] in NO_ROUTE else "no_reply"


def _words(error: dict[str, Any]) -> str:
    return "; ".join(
        f"{kind}: {value if isinstance(value, str) else json.dumps(value)}" for kind, value in error.items()
    )


def _listed(result: dict[str, Any]) -> dict[str, Any]:
    """Without the message: the first TXT and SOA that the probe lists, and a name that only CHAOS knows."""
    texts = [answer for answer in result.get("answers", []) if answer.get("TYPE") == "TXT"]
    serials = [answer["SERIAL"] for answer in result.get("answers", []) if answer.get("TYPE") == "SOA"]
    strings = texts[0]["RDATA"] if texts else None
    is_chaos = bool(texts) and texts[0].get("NAME", "").lower() in CHAOS
    asked = {"query_name": f"{texts[0]['NAME']}.", "query_type": "TXT", "query_class": "CH"} if is_chaos else {}
    return {
        "outcome": "answer",
        "text": " ".join(strings) if isinstance(strings, list) else strings,
        "soa_serial": serials[0] if serials else None,
        **asked,
    }


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(recompute(json.loads(line))) + "\n")
