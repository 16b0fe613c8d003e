"""What a DNS message says, where Sagan's reading of it cannot be used (RFC 1035, RFC 6891).

Sagan loses a whole message over a client subnet or an identity (NSID) that is not ASCII, and reads on
where a record runs past the end. Here the boundaries are checked, and dnspython reads what Sagan cannot.
"""

from typing import NamedTuple

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.rdataclass
import dns.rdatatype

HEADER_BYTES = 12
POINTER = 0xC0
"""From this value on, the length of a label is a compression pointer (RFC 1035, section 4.1.4)."""
PROBE_BUFFER_BYTES = 5120
"""The probe cuts longer UDP answers here, so that the end of the message is lost without a fault of the server."""
_RCODES = {
    0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN",
    7: "YXRRSET", 8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE", 16: "BADVERS", 23: "BADCOOKIE",
}  # fmt: skip
"""RCODEs by name as Sagan knows them; any other is its number as text."""


class Question(NamedTuple):
    """What was asked, as messages word it; None where it is not known."""

    query_name: str | None
    query_type: str | None
    query_class: str | None


NO_QUESTION = Question(None, None, None)


class Message(NamedTuple):
    """What Rasad uses of a DNS message. `is_readable` is False for bytes that are no readable response."""

    is_readable: bool
    rcode: str | None = None
    is_authoritative: bool | None = None
    nsid: str | None = None
    text: str | None = None
    soa_serial: int | None = None
    query_name: str | None = None
    query_type: str | None = None
    query_class: str | None = None

    @property
    def question(self) -> Question:
        """What it says was asked."""
        return Question(self.query_name, self.query_type, self.query_class)


def printable(raw: bytes) -> str:
    r"""Text for bytes from the wire: printable ASCII as it is, a backslash and all else as `\DDD`."""
    if raw.isascii():
        plain = raw.decode("ascii")
        if plain.isprintable() and "\\" not in plain:
            return plain
    return "".join(chr(byte) if 32 <= byte < 127 and byte != 92 else f"\\{byte:03d}" for byte in raw)  # noqa: PLR2004 - ASCII


def is_whole(wire: bytes) -> bool:
    """Whether all records that the header announces lie within the message; more may follow them."""
    if len(wire) < HEADER_BYTES:
        return False
    n_questions = wire[4] << 8 | wire[5]
    n_records = (wire[6] << 8 | wire[7]) + (wire[8] << 8 | wire[9]) + (wire[10] << 8 | wire[11])
    offset = HEADER_BYTES
    try:
        for _ in range(n_questions):
            offset = _after_name(wire, offset) + 4
        for _ in range(n_records):
            offset = _after_name(wire, offset) + 10
            offset += wire[offset - 2] << 8 | wire[offset - 1]
    except IndexError:
        return False
    return offset <= len(wire)


def _after_name(wire: bytes, offset: int) -> int:
    while (length := wire[offset]) != 0:
        if length >= POINTER:
            return offset + 2
        offset += length + 1
    return offset + 1


def read_header(wire: bytes) -> Message:
    """What the first twelve bytes say. Readable only if the rest was announced, or known, to be cut off."""
    if len(wire) < HEADER_BYTES:
        return Message(is_readable=False)
    flags = wire[2] << 8 | wire[3]
    is_cut = bool(flags & dns.flags.TC) or len(wire) >= PROBE_BUFFER_BYTES
    return Message(
        is_readable=is_cut and bool(flags & dns.flags.QR),
        rcode=_rcode_text(flags & 0x000F),
        is_authoritative=bool(flags & dns.flags.AA),
    )


def read_message(wire: bytes) -> Message:
    """The message as dnspython reads it, else as much as its header says.

    An OPT record too many, or in the wrong place, is no reason to give up the rest.
    """
    if not is_whole(wire):
        return read_header(wire)
    try:
        message = dns.message.from_wire(wire, ignore_trailing=True, continue_on_error=True)
    except (dns.exception.DNSException, ValueError):
        return read_header(wire)
    if any(not isinstance(error.exception, dns.message.BadEDNS) for error in message.errors):
        return read_header(wire)
    return Message(
        is_readable=bool(message.flags & dns.flags.QR),
        rcode=_rcode_text(int(message.rcode())),
        is_authoritative=bool(message.flags & dns.flags.AA),
        nsid=_nsid(message),
        text=_text(message),
        soa_serial=_serial(message),
        **_question(message)._asdict(),
    )


def read_question(query: bytes) -> Question:
    """What a query asks; nothing where it cannot be read."""
    try:
        return _question(dns.message.from_wire(query, ignore_trailing=True, question_only=True))
    except (dns.exception.DNSException, ValueError):
        return NO_QUESTION


def _question(message: dns.message.Message) -> Question:
    if not message.question:
        return NO_QUESTION
    asked = message.question[0]
    return Question(asked.name.to_text(), dns.rdatatype.to_text(asked.rdtype), dns.rdataclass.to_text(asked.rdclass))


def _rcode_text(rcode: int) -> str:
    return _RCODES.get(rcode, str(rcode))


def _nsid(message: dns.message.Message) -> str | None:
    for option in message.options:
        if option.otype == dns.edns.OptionType.NSID:
            return printable(option.to_wire() or b"")
    return None


def _text(message: dns.message.Message) -> str | None:
    for rrset in message.answer:
        if rrset.rdtype == dns.rdatatype.TXT:
            return " ".join(printable(string) for string in rrset[0].strings)
    return None


def _serial(message: dns.message.Message) -> int | None:
    for rrset in message.answer:
        if rrset.rdtype == dns.rdatatype.SOA:
            return int(rrset[0].serial)
    return None
