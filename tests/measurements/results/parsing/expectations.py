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
    "tr4-udp-reorder": ("reply", "an answer of the destination overtook those before it, and is counted at hop 2"),
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
    (r"tr4-tcp-unreach-10|tr4-tcp-rst-mid", 6),  # the router in the middle speaks for the destination
    (r"tr[46]-\w+-(g1-p1|name|mpls-k)", 8),  # behind a home router, or by labels one hop further
    (r"tr[46]-\w+-(g1-p[45]|tos|kroot|mtu-\d+F?|mpls-prerfc4884|pathchange)", 6),
    (r"tr[46]-udp-late", 9),  # the answers of two hops come too late, and two more are tried
    (r"tr[46]-\w+-c8-ratelimit", 5),
    (r"tr.*", 7),
)

ROUTER_ERRORS = (
    (r"tr4-\w+-unreach-1|tr6-\w+-unreach-4|tr[46]-\w+-nohost", "H"),
    (r"tr4-\w+-unreach-[27]|tr6-\w+-unreach-[25]", "A"),
    (r"tr4-\w+-unreach-4", "P"),
    (r"tr4-\w+-unreach-5", "10"),
    (r"tr4-\w+-unreach-6", "9"),
    (r"tr4-icmp-unreach-8", "p"),  # with UDP and TCP a closed port is how a traceroute ends, and no error
    (r"tr4-\w+-unreach-9|tr6-\w+-unreach-[16]|tr[46]-\w+-noroute", "N"),
)
"""ICMP unreachable codes as the laboratory's README counts them: no other label has one."""

LATE = re.compile(r"tr[46]-\w+-(w30|late)|tr4-udp-reorder")
"""Traceroutes with late answers; in all others there is none."""
DUPLICATED = re.compile(r"tr[46]-\w+-dup(-z100)?|ping6?-(dup(-k)?|late2?|bloat6?|fast)")
"""Pings and traceroutes with duplicates, for ping answers later than the interval too; in all others there is none."""

FAILURES = (
    (r"ping-(badif)", "bind to interface failed"),
    (r"ping-broadcast", "connect failed: Permission denied"),
    (r"ping-no-(network6?|v6)|tr[46]-\w+-(nonet|nov6)", "connect failed: Network is unreachable"),
    (r"ping6?-ifdown", "sendto failed: Network is unreachable"),
    (r"tr[46]-\w+-badif", "bind_interface failed"),
    (r"(ping-deny-.*|ping-name-priv-4|tr[46]-\w+-(priv|deny))", "address not allowed"),
    (r"ping-(af-mismatch4?|name-nx-[46]|literal-odd|idn)", "dns resolution failed: nodename nor servname provided"),
    (r"ping-(name-.*-[46]|servfail|no-resolver|badname|longname)", "dns resolution failed: non-recoverable failure"),
    (r"tr[46]-\w+-nx", "name resolution failed: nodename nor servname provided"),
    (r"tr[46]-\w+-nores", "name resolution failed: non-recoverable failure"),
    (r"dns-(portclosedt|rstt|k-downt)", "TUCONNECT: Connection refused"),
    (r"dns-unreach-[1257]-t", "TUCONNECT: No route to host"),
    (r"dns-unreach-4-t", "TUCONNECT: Protocol not available"),
    (r"dns-unreach-[69]-t|dns-(nonett|nov6t)", "TUCONNECT: Network is unreachable"),
    (r"dns-(nonet6?|nov6)", "socket: connect failed Network is unreachable"),
    (r"dns-badif", "socket: bind_interface failed"),
    (r"dns-(longlabel|longname)", "err: unable to format DNS query"),
    (r"dns-macro1", "err: macro expansion failed"),
    (r"dns-(doh|dot-no\w+)", "TUCONNECT: error:"),
    (r"dns-oddt-(close|reset)", "TU_READ_ERR: "),
    (r"dns-oddt-short", "TCPREADSIZE: reply too small"),
    (r"dns-oddt-wrongid(thenok)?", "idmismatch: mismatch id"),
    (r"dns-name-(nx|nores|no6)|dns-afmismatch", "evdns_getaddrinfo: "),
    (r"dns-name-(nxt|norest)", "TUDNS: "),
    (r"dns-(deny6?|name-priv)", "reason: address not allowed"),
    (r"dns-(denyt|name-privt)|dns-resolv-p[13]-tcp", "TU_BAD_ADDR: true"),
    (r"dns-resolv-p4-tcp", "TUCONNECT: Network is unreachable"),
    (r"dns-resolv-p7-.*", "nameserver: no local resolvers found"),
)
"""How the error of a run begins. A DNS query that got no answer, and is not among these, timed out."""

RESOLVERS = (
    (r"dns-resolv-p[124]-.*", 2),
    (r"dns-resolv-p5-.*", 3),
    (r"dns.*", 1),  # p3 and p6 know one, p7 none, which is one answer too
)
DEAD_RESOLVER = re.compile(r"dns-resolv-p4-.*")
"""The first resolver of this probe never answers."""

ODD_RESOLVER = re.compile(r"dns-resolv-p5-.*")
"""The second resolver of this probe is the server of odd answers: NOERROR to what it does not know."""

UNASKED = re.compile(r"dns6?-oddt?-opt(mid)?")
"""A server that tells an identity (NSID) whether it is asked for it or not."""

INSTANCES = (
    (r"dns[46]t?-(hostname|idserver)-p[126]", "nl-ams"),
    (r"dns[46]t?-(hostname|idserver)-p[45]", "de-fra"),
    (r"dns[46]t?-host-(?!ednsver1).*|dns-(ecmp|dup)-\d|dns-name-k6", "nl-ams"),
)
"""Where the server stands that tells its name; two networks of the laboratory are served from Frankfurt."""

CHANCE = re.compile(r"dns-losst?-\d")
"""A lossy link: an answer may come or not. These 14 labels call for no outcome, and for everything else."""
UNSTEADY = re.compile(r"ping6?-(loss.*|late2?|bloat6?)")
"""Packets lost, or answered too late, after the first reply leave no entry, from which the laboratory counted `sent`
(its README says so). These 9 labels call for no exact number: received <= sent <= asked for, and some lost."""


class Expected(NamedTuple):
    """What a label calls for; None where it does not say."""

    outcomes: frozenset[str]
    rcode: str | None
    other_rcodes: frozenset[str]
    """What an odd server among the resolvers says to everything."""
    is_reached: bool
    hop_count: int | None
    router_error: str | None
    """ICMP code in some answer of a traceroute; None where there is none."""
    is_late: bool
    is_duplicated: bool
    failure: str | None
    """How the error begins; None for none, or for a time-out."""
    n_resolvers: int
    is_first_dead: bool
    is_nsid_unasked: bool
    instance: str | None


def expected(label: str, command: str) -> Expected:
    """What the label calls for; a few commands under one label differ, and are told apart by their target."""
    outcome = EXCEPTIONS[label][0] if label in EXCEPTIONS else _first(OUTCOMES, label)
    outcomes = {"reply", "no_reply"} if CHANCE.fullmatch(label) else {outcome}
    is_refused = "notserved" in command
    is_failing = outcome != "reply" or label.startswith("dns-resolv") or "ifdown" in label
    return Expected(
        outcomes=frozenset(outcomes),
        rcode="REFUSED" if is_refused else _first(RCODES, label) if label.startswith("dns") else None,
        other_rcodes=frozenset({"NOERROR"}) if ODD_RESOLVER.fullmatch(label) else frozenset(),
        is_reached=bool(_first(REACHED, label)),
        hop_count=_first(HOPS, label) if _first(REACHED, label) else None,
        router_error=_first(ROUTER_ERRORS, label),
        is_late=LATE.fullmatch(label) is not None,
        is_duplicated=DUPLICATED.fullmatch(label) is not None,
        failure=_first(FAILURES, label) if is_failing else None,
        n_resolvers=_first(RESOLVERS, label) or 1,
        is_first_dead=DEAD_RESOLVER.fullmatch(label) is not None,
        is_nsid_unasked=UNASKED.fullmatch(label) is not None,
        instance=_first(INSTANCES, label),
    )


def _first(rules: tuple[tuple[str, Any], ...], label: str) -> Any:
    return next((value for pattern, value in rules if re.fullmatch(pattern, label)), None)
