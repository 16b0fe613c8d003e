"""A name server on this machine: it answers what it was told, and nothing to whom it does not know."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = Mapping[str, Mapping[str, list[str]] | dns.rcode.Rcode]
"""Name -> type -> records; or how a question about it fails."""


@dataclass
class NameServer:
    """Where it answers, and what it was asked."""

    address: str
    port: int
    asked: list[str] = field(default_factory=list)


@contextmanager
def naming(zone: Zone) -> Iterator[NameServer]:
    """Answer while the block runs. What is not in the zone does not exist; an alias is followed in the answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        server = NameServer(*door.getsockname())
        answering = Thread(target=_answer, args=(door, zone, server))
        answering.start()
        try:
            yield server
        finally:
            door.sendto(b"", door.getsockname())
            answering.join()


def _answer(door: socket.socket, zone: Zone, server: NameServer) -> None:
    while True:
        wire, client = door.recvfrom(4096)
        if not wire:
            return
        try:
            question = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            continue
        door.sendto(_answered(question, zone, server), client)


def _answered(question: dns.message.Message, zone: Zone, server: NameServer) -> bytes:
    answer = dns.message.make_response(question)
    answer.flags |= dns.flags.RA | dns.flags.AA
    asked = question.question[0]
    kind = dns.rdatatype.to_text(asked.rdtype)
    name = asked.name.to_text(omit_final_dot=True)
    server.asked.append(f"{name} {kind}")
    known = zone.get(name, dns.rcode.NXDOMAIN)
    while not isinstance(known, dns.rcode.Rcode) and "CNAME" in known:
        [alias] = known["CNAME"]
        answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", f"{alias}."))
        name, known = alias, zone.get(alias, dns.rcode.NXDOMAIN)
    if isinstance(known, dns.rcode.Rcode):
        answer.set_rcode(known)
    elif known.get(kind):
        answer.answer.append(dns.rrset.from_text_list(f"{name}.", 60, "IN", kind, known[kind]))
    return answer.to_wire()
