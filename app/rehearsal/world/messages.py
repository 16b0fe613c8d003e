"""DNS messages: what a probe asks and what a server writes back, in wire format with an ID of zero."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

SMALLEST_PAYLOAD = 512
"""What UDP carries without EDNS (RFC 1035, section 4.2.1)."""
SERVER_PAYLOAD = 1232
CACHED = 4096
SHOWN_ANSWERS = 2
"""The probe spells out TXT and SOA records among the first two answers."""
UDP, TCP = "UDP", "TCP"


class Query(NamedTuple):
    """What a probe asks."""

    name: str
    type: str
    class_: str
    protocol: str
    wants_recursion: bool
    is_unchecked: bool
    """The CD bit."""
    wants_dnssec: bool
    wants_identity: bool
    """The NSID option."""
    payload: int
    """Bytes that the probe can take over UDP."""

    @property
    def has_edns(self) -> bool:
        """Whether anything needs an OPT record."""
        return self.wants_dnssec or self.wants_identity or self.payload > SMALLEST_PAYLOAD


class Records(NamedTuple):
    """The sections of an answer, each a list of record sets in text: (name, TTL, class, type, data, …)."""

    rcode: str = "NOERROR"
    answer: tuple[tuple[str, ...], ...] = ()
    authority: tuple[tuple[str, ...], ...] = ()
    additional: tuple[tuple[str, ...], ...] = ()
    is_authoritative: bool = True
    offers_recursion: bool = False
    identity: str = ""
    """What NSID tells; empty for a server that tells nothing."""
    is_bare: bool = False
    """Only a header, without even the question."""


class Message(NamedTuple):
    """A message as it travels, its counts, and the records that the probe spells out."""

    wire: bytes
    counts: dict[str, int]
    shown: list[dict[str, Any]]


@lru_cache(maxsize=CACHED)
def question(query: Query) -> bytes:
    """The query in wire format."""
    return _asked(query).to_wire()


@lru_cache(maxsize=CACHED)
def answer(query: Query, records: Records) -> Message:
    """The response in wire format, truncated if the probe could not take it over UDP."""
    asked = _asked(query)
    response = dns.message.Message(id=0)
    response.flags = dns.flags.QR | (asked.flags & (dns.flags.RD | dns.flags.CD))
    response.flags |= dns.flags.AA if records.is_authoritative and records.rcode != "REFUSED" else 0
    response.flags |= dns.flags.RA if records.offers_recursion else 0
    response.set_rcode(dns.rcode.from_text(records.rcode))
    if not records.is_bare:
        response.question = asked.question
        response.answer = _sets(records.answer)
        response.authority = _sets(records.authority)
        response.additional = _sets(records.additional)
        if query.has_edns:
            options: list[dns.edns.Option] = [
                dns.edns.GenericOption(dns.edns.OptionType.NSID, records.identity.encode())
            ]
            told = options if query.wants_identity and records.identity else []
            response.use_edns(0, dns.flags.DO if query.wants_dnssec else 0, SERVER_PAYLOAD, options=told)
    return _fitted(response, query)


def _fitted(response: dns.message.Message, query: Query) -> Message:
    limit = 65_535 if query.protocol == TCP else max(SMALLEST_PAYLOAD, query.payload if query.has_edns else 0)
    wire = response.to_wire(max_size=65_535)
    if len(wire) > limit:
        response.additional = []
        wire = response.to_wire(max_size=65_535)
    if len(wire) > limit:
        response.flags |= dns.flags.TC
        response.answer, response.authority = [], []
        wire = response.to_wire(max_size=65_535)
    counts = {
        "ANCOUNT": int.from_bytes(wire[6:8], "big"),
        "QDCOUNT": int.from_bytes(wire[4:6], "big"),
        "NSCOUNT": int.from_bytes(wire[8:10], "big"),
        "ARCOUNT": int.from_bytes(wire[10:12], "big"),
    }
    return Message(wire, counts, _shown(response.answer))


def _asked(query: Query) -> dns.message.Message:
    class_ = dns.rdataclass.from_text("CH" if query.class_ == "CHAOS" else query.class_)
    asked = dns.message.make_query(query.name, dns.rdatatype.from_text(query.type), class_, id=0)
    asked.flags = (dns.flags.RD if query.wants_recursion else 0) | (dns.flags.CD if query.is_unchecked else 0)
    if query.has_edns:
        told: list[dns.edns.Option] = (
            [dns.edns.GenericOption(dns.edns.OptionType.NSID, b"")] if query.wants_identity else []
        )
        asked.use_edns(0, dns.flags.DO if query.wants_dnssec else 0, query.payload, options=told)
    return asked


def _sets(texts: Sequence[tuple[str, ...]]) -> list[dns.rrset.RRset]:
    return [dns.rrset.from_text(name, int(ttl), class_, type_, *data) for name, ttl, class_, type_, *data in texts]


def _shown(sets: Sequence[dns.rrset.RRset]) -> list[dict[str, Any]]:
    first = [(one, rdata) for one in sets for rdata in one][:SHOWN_ANSWERS]
    shown: list[dict[str, Any]] = []
    for one, rdata in first:
        name = one.name.to_text()
        if one.rdtype == dns.rdatatype.TXT:
            text = [part.decode("ascii") for part in rdata.strings]
            shown.append({"TYPE": "TXT", "NAME": name.rstrip("."), "RDATA": text})
        elif one.rdtype == dns.rdatatype.SOA:
            names = {"MNAME": rdata.mname.to_text(), "RNAME": rdata.rname.to_text()}
            shown.append({"TYPE": "SOA", "NAME": name, "TTL": one.ttl, **names, "SERIAL": rdata.serial})
    return shown
