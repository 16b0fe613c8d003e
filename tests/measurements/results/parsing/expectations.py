"""What the laboratory's edge cases call for, read off their labels and commands, not off our parser.

A label names what was provoked: the tool and the address family, then the situation. Rules are tried in
order and the first whose pattern matches the whole label counts. A situation that is not what its label
alone suggests is an exception, with its reason.
"""

import re
from typing import Any, NamedTuple

NO_LINE = frozenset(
    {"tr4-icmp-c0", "tr4-udp-c0", "tr4-tcp-c0"}  # zero packets: the probe writes no valid JSON
    | {"dns4t-soa-cookies", "dns4t-soa-all", "dns-doh-path"}  # the probe crashed
    | {"dns-nodot"}  # the probe refused the command
)
"""Runs that left no result."""

EXCEPTIONS = {
    "ping-0": ("no_reply", "asked for zero packets: nothing was sent, so there is neither a reply nor an error"),
    "ping-fast": ("no_reply", "sent faster than replies come; the probe calls each late one a duplicate, rcvd is 0"),
    "dns-unreach-6-t": ("send_error", "the system words a router's refusal like its own lack of a route"),
    "dns-unreach-9-t": ("send_error", "as dns-unreach-6-t"),
    "dns-odd-huge": ("reply", "the server answered in full; the probe kept the first 5,120 bytes"),
    "dns6-odd-huge": ("reply", "as dns-odd-huge"),
}

OUTCOMES = (
    # ping
    (r"ping-af-mismatch4?|ping-name-(nx-[46]|v4only-6|v6only-4|priv-6|multi-6)", "resolution_failed"),
    (r"ping-(servfail|no-resolver|literal-odd|idn|badname|longname)", "resolution_failed"),
    (r"ping-deny-.*|ping-name-priv-4", "not_allowed"),
    (r"ping-(no-network6?|no-v6|broadcast|badif)", "send_error"),
    (r"ping6?-(unreach-\d+|nohost|noroute)|ping-(lan6?-nohost|loop|drop-filter)", "no_reply"),
    (r"ping.*", "reply"),
    # traceroute
    (r"tr[46]-\w+-(nx|nores)", "resolution_failed"),
    (r"tr[46]-\w+-(priv|deny)", "not_allowed"),
    (r"tr[46]-\w+-(nonet|nov6|badif)", "send_error"),
    (r"tr[46]-\w+-w30", "no_reply"),  # waits 30 ms, so that every answer is late
    (r"tr6-\w+-hbh", "no_reply"),  # the first router drops packets with hop-by-hop options
    (r"tr4-(udp|tcp)-mtu-1440F", "no_reply"),  # too big for the first link, and not to be fragmented
    (r"tr.*", "reply"),
    # dns: what fails before a query is sent
    (r"dns-name-(nxt?|norest?|no6)|dns-afmismatch|dns-resolv-p7-.*", "resolution_failed"),
    (r"dns-deny[6t]?|dns-name-privt?|dns-resolv-p3-tcp", "not_allowed"),
    (r"dns-(nonet[6t]?|nov6t?|badif|longlabel|longname|macro1)", "send_error"),
    # dns: what is sent and stays without an answer
    (r"dns6?-unreach-\d(-t)?|dns-(portclosed[6t]?|port5353|blackhole(t|-retry)?|filterudp|filtert|rstt)", "no_reply"),
    (r"dns-k-(down[6t]?|mutet?)|dns-(notdns|doh|timeout-100|retry-\w+)|dns-dot-no\w+|dns6-destopt", "no_reply"),
    (r"dns-resolv-p[246]-servfail", "no_reply"),  # the resolvers are still trying when the probe gives up
    (r"dns6?-oddt?-(verylate|drop|hang|halflen|close|reset)|dns-oddsoa-drop", "no_reply"),
    (r"dns6?-odd-(short|wrongid|split)", "no_reply"),  # over UDP the probe goes on waiting, or nothing is sent
    # dns: what is answered so that nobody can read it
    (r"dns-oddt-(short|wrongid|wrongidthenok)", "malformed"),
    (r"dns6?-odd(t|soa)?-(hdrlie|garbage|cut|badrdlen|loop|fwdptr|txtlie|noqr|soacut)", "malformed"),
    (r"dns.*", "reply"),
)

RCODES = (
    (r"dns.*-noabuf.*", None),  # without the message nobody knows
    (r"dns6?-oddt?-refused|dns-oddsoa-refused|dns-oddch--[br]t?", "REFUSED"),
    (r"dns6?-oddt?-servfail", "SERVFAIL"),
    (r"dns6?-oddt?-(hdr)?formerr", "FORMERR"),
    (r"dns6?-oddt?-notimp|dns-type0", "NOTIMP"),
    (r"dns6?-oddt?-notauth|dns-axfr", "NOTAUTH"),
    (r"dns6?-oddt?-badvers|dns[46]t?-(soa|host)-ednsver1", "BADVERS"),
    (r"dns6?-oddt?-rcode15", "15"),
    (r"dns6?-oddt?-nxdomain|dns-a-nx-.*|dns-resolv-p\d-nx", "NXDOMAIN"),
    (r"dns-resolv-p[13]-servfail", "SERVFAIL"),
    (r"dns.*", "NOERROR"),
)

REACHED = (
    (r"tr4-tcp-unreach-10", True),  # this router refuses TCP with a reset in the destination's name
    (r"tr[46]-\w+-(unreach-\d+|nohost|noroute|loop|edst|max3|dst|deadmid|port443)", False),
    (r"tr.*", True),
)

HOPS = (
    (r"tr[46]-\w+-(hop1|g1-p6)", 1),  # in the same network
    (r"tr[46]-\w+-g1-p[45]", 6),
    (r"tr[46]-\w+-g1-p2", 7),
    (r"tr[46]-\w+-g1-p1", 8),  # behind a home router
)

CHANCE = re.compile(r"dns-losst?-\d")
"""A lossy link: an answer may come or not."""
UNSTEADY = re.compile(r"ping6?-(loss.*|late2?|bloat6?)")
"""Packets lost after the first reply leave no entry, from which `sent` is counted."""


class Expected(NamedTuple):
    """What a label calls for; None where it does not say."""

    outcomes: frozenset[str]
    rcode: str | None
    is_reached: bool
    hop_count: int | None


def expected(label: str, command: str) -> Expected:
    """What the label calls for; a few commands under one label differ, and are told apart by their target."""
    outcome = EXCEPTIONS[label][0] if label in EXCEPTIONS else _first(OUTCOMES, label)
    outcomes = {"reply", "no_reply"} if CHANCE.fullmatch(label) else {outcome}
    is_refused = "notserved" in command
    return Expected(
        outcomes=frozenset(outcomes),
        rcode="REFUSED" if is_refused else _first(RCODES, label) if label.startswith("dns") else None,
        is_reached=bool(_first(REACHED, label)),
        hop_count=_first(HOPS, label),
    )


def packets(command: str) -> int:
    """How many packets a ping's command asks for; three where it does not say."""
    stated = re.search(r" -c (\d+)", command)
    return int(stated[1]) if stated else 3


def _first(rules: tuple[tuple[str, Any], ...], label: str) -> Any:
    return next((value for pattern, value in rules if re.fullmatch(pattern, label)), None)
