"""Reads a DNS message for the independent script, from RFC 1035, 5001 and 6891 and the standard library alone."""

import struct
from typing import Any

RCODES = (
    *("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"),
    *("YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"),
)
EXTENDED_RCODES = {16: "BADVERS", 23: "BADCOOKIE"}
SOA, TXT, OPT, NSID = 6, 16, 41, 3
TYPES = {0: "NONE", 1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV",
         35: "NAPTR", 43: "DS", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 255: "ANY"}  # fmt: skip
CLASSES = {1: "IN", 3: "CH", 4: "HS", 254: "NONE", 255: "ANY"}
"""By name; any other as RFC 3597 writes it, `TYPE64` and `CLASS65280`."""
QR, AA, TC = 0x8000, 0x0400, 0x0200
PROBE_BUFFER = 5120
"""The probe keeps no more of an answer over UDP."""


def message(wire: bytes) -> dict[str, Any]:
    """Header, question, first TXT and SOA among the answers, and what OPT adds; the header alone if that fails.

    `outcome` is `answer` for a response that can be read, or is known to be cut, else `malformed`.
    """
    found: dict[str, Any] = {"outcome": "malformed"}
    if len(wire) < 12:
        return found
    _, flags, n_questions, *n_records = struct.unpack_from("!6H", wire)
    found["rcode"], found["is_authoritative"] = _rcode(flags & 15), bool(flags & AA)
    is_cut = bool(flags & TC) or len(wire) >= PROBE_BUFFER
    if flags & QR and is_cut:
        found["outcome"] = "answer"
    read = {**found, "outcome": "answer" if flags & QR else "malformed"}
    try:
        offset = _questions(wire, n_questions, read)
        for index in range(sum(n_records)):
            offset = _record(wire, offset, read, is_answer=index < n_records[0], flags=flags)
    except (IndexError, struct.error):
        return found
    return read


def question(wire: bytes) -> dict[str, Any]:
    """What a query asks; three times None where it cannot be read."""
    asked: dict[str, Any] = dict.fromkeys(("query_name", "query_type", "query_class"))
    if len(wire) >= 12:
        try:
            _questions(wire, min(1, struct.unpack_from("!H", wire, 4)[0]), asked)
        except (IndexError, struct.error):
            return dict.fromkeys(asked)
    return asked


def _questions(wire: bytes, n: int, read: dict[str, Any]) -> int:
    offset = 12
    for index in range(n):
        end = _skip_name(wire, offset)
        kind, klass = struct.unpack_from("!HH", wire, end)
        if index == 0:
            read["query_name"] = _name(wire, offset)
            read["query_type"] = TYPES.get(kind, f"TYPE{kind}")
            read["query_class"] = CLASSES.get(klass, f"CLASS{klass}")
        offset = end + 4
    return offset


def _record(wire: bytes, offset: int, read: dict[str, Any], *, is_answer: bool, flags: int) -> int:
    at = _skip_name(wire, offset) + 10
    kind, _, ttl, length = struct.unpack_from("!HHIH", wire, at - 10)
    end: int = at + length
    if end > len(wire):
        raise IndexError(end)
    if kind == OPT:
        read["rcode"] = _rcode(flags & 15 | (ttl >> 24) << 4)
        read.setdefault("nsid", _nsid(wire[at:end]))
    elif is_answer and kind == TXT and "text" not in read:
        read["text"] = " ".join(_strings(wire[at:end]))
    elif is_answer and kind == SOA and "soa_serial" not in read:
        numbers_at = _skip_name(wire, _skip_name(wire, at))
        if numbers_at + 20 != end:
            raise IndexError(numbers_at)
        read["soa_serial"] = struct.unpack_from("!5I", wire, numbers_at)[0]
    return end


def _skip_name(wire: bytes, offset: int) -> int:
    while 0 < wire[offset] < 64:
        offset += wire[offset] + 1
    if wire[offset] == 0:
        return offset + 1
    if wire[offset] < 192 or (wire[offset] & 63) << 8 | wire[offset + 1] >= offset:
        raise IndexError(offset)  # not a label, or a pointer that does not lead back (RFC 1035, section 4.1.4)
    return offset + 2


def _name(wire: bytes, offset: int) -> str:
    labels = []
    while wire[offset]:
        end = offset + 1 + wire[offset]
        labels.append(_printable(wire[offset + 1 : end]))
        offset = end
    return ".".join(labels) + "."


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
