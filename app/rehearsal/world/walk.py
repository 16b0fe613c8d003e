"""One traceroute on its way: hop after hop, who answers each packet and when."""

from functools import lru_cache
from typing import Any, NamedTuple

from app.rehearsal.chance import number, share
from app.rehearsal.contract import Body
from app.rehearsal.world.chance import Chance, mix
from app.rehearsal.world.networks import IPV4
from app.rehearsal.world.paths import Router, Way
from app.rehearsal.world.targets import ANSWERING, Destination, Role
from app.rehearsal.world.turns import Attempt
from app.rehearsal.world.weather import PACKET, ROUND, SOONEST_MS, Conditions

LAST_DITCH = 255
INITIAL_TTLS = (64, 64, 255)
DESTINATION_TTL = 64
HEADERS = {(4, "TCP"): 40, (6, "TCP"): 60, (4, "ICMP"): 28, (4, "UDP"): 28, (6, "ICMP"): 48, (6, "UDP"): 48}
"""Bytes of headers that a router quotes together with the payload."""
LONGEST_QUOTE = {4: 548, 6: 1232}
LABELLED_SIZE = 140
"""Of a reply with MPLS labels after the quote (RFC 4884)."""
LARGEST_PACKET = 1500
LATE, DUPLICATED = 0.02, 0.004
"""Recorded: 1.9 % of traceroutes hold a late packet."""
LIMITED_ROUTERS, LIMITED_LOSS = 0.15, 0.3
"""Recorded: a quarter of traceroutes hold a hop that answered some packets and not others."""
SLOW_HOST_MS = 3_080.0
"""How long a router looks for a host in its own network before it says that there is none."""
FIRST_WITH_FLAGS = 4900
SERVES = {
    Role.HOST: (80, 443),
    Role.ANCHOR: (53, 80, 443),
    Role.K_ROOT: (53,),
    Role.TLD: (53,),
    Role.RESOLVER: (53, 853),
}
"""TCP ports that are open."""
SEGMENT = {4: 1460, 6: 1440}
HOME_MS, HOME_QUEUE_MS = 0.6, 0.3
UNSHIFTED_HOPS = 2
"""Whatever makes a way longer happens behind the access network."""


class Question(NamedTuple):
    """What the definition asks for."""

    protocol: str
    packets: int
    size: int
    paris: int
    first: int
    last: int
    port: int
    timeout_ms: int
    gap_limit: int
    keeps_whole: bool
    hop_options: int
    target_options: int


class _Face(NamedTuple):
    """How a router's answers look: all of it but the time."""

    body: Body
    rtt_ms: float
    loss: float


class Walk:
    """A traceroute. `flow` is the Paris flow, which sticks to one of parallel routers; 0 for none."""

    def __init__(
        self,
        question: Question,
        attempt: Attempt,
        destination: Destination,
        conditions: Conditions,
        chance: Chance,
        flow: int,
    ) -> None:
        """Each argument is what it says."""
        self._question, self._attempt, self._destination = question, attempt, destination
        self._conditions, self._chance, self._flow = conditions, chance, flow
        vantage = attempt.vantage
        gateway = vantage.gateway_address(attempt.family)
        self._hops = _faces(conditions.way, attempt.family, question, gateway)
        random = chance.random
        self._has_home = bool(gateway)
        self._is_filtered = attempt.family != IPV4 and (question.hop_options or question.target_options)
        self._queue = conditions.queue_ms
        self._shift = conditions.rtt_ms - conditions.way.rtt_ms + self._queue * ROUND.value(random())
        self._is_down = random() < conditions.troubled
        self._late_hop = 1 + int(random() * len(self._hops)) if random() < LATE else 0
        self._arrival = {**_arrival(question, destination, attempt.family, vantage.firmware)}
        self._arrival["ttl"] = DESTINATION_TTL - len(self._hops)
        self._took = 0.0

    def hops(self) -> tuple[list[Body], float]:
        """The hops, and how many milliseconds it all took."""
        question = self._question
        if self._attempt.family == IPV4 and question.keeps_whole and _wire_size(question) > LARGEST_PACKET:
            return [{"hop": question.first, "result": [{"error": "sendto failed: Message too long"}]}], 0.0
        found: list[Body] = []
        silent = 0
        for hop in range(question.first, max(question.first, question.last) + 1):
            replies, is_end = self._ask(hop)
            found.append({"hop": hop, "result": replies})
            if is_end:
                break
            silent = 0 if any("from" in reply for reply in replies) else silent + 1
            if silent >= question.gap_limit:
                found.append({"hop": LAST_DITCH, "result": [self._star() for _ in range(question.packets)]})
                break
        self._postpone(found)
        return found, self._took

    def _ask(self, hop: int) -> tuple[list[Body], bool]:
        if hop > len(self._hops):
            return self._ask_destination()
        replies = []
        twins = self._hops[hop - 1]
        is_home = hop == 1 and self._has_home
        for packet in range(self._question.packets):
            face = twins[self._twin(hop, packet, len(twins))] if len(twins) > 1 else twins[0]
            if (face.loss and self._chance.random() < face.loss) or (self._is_lost() and not is_home):
                replies.append(self._star())
                continue
            shift = self._shift if hop > UNSHIFTED_HOPS else 0.0
            queue = HOME_QUEUE_MS if is_home else self._queue
            replies.append(self._reply(face.body, face.rtt_ms + shift + queue * PACKET.value(self._chance.random())))
        return replies, False

    def _ask_destination(self) -> tuple[list[Body], bool]:
        """What comes back once packets have enough hops to arrive."""
        destination, packets = self._destination, range(self._question.packets)
        if destination.role in ANSWERING and not self._is_filtered:
            replies = [
                self._star()
                if self._is_lost()
                else self._reply(
                    self._arrival,
                    self._conditions.way.rtt_ms + self._shift + self._queue * PACKET.value(self._chance.random()),
                )
                for _ in packets
            ]
            return replies, any("from" in reply for reply in replies)
        error = _refusal(destination)
        if not error or self._is_down:
            return [self._star() for _ in packets], False
        last = self._hops[-1][0]
        rtt = last.rtt_ms + self._shift + (SLOW_HOST_MS if error == "H" else 0.0)
        return [self._reply({**last.body, "err": error}, rtt + self._chance.random()) for _ in packets], True

    def _twin(self, hop: int, packet: int, count: int) -> int:
        """Which of parallel routers a packet passes: always the same for a Paris flow, any without."""
        flow = self._flow or mix(self._attempt.at, packet)
        return mix(flow ^ self._attempt.vantage.id, hop) % count

    def _is_lost(self) -> bool:
        return self._is_down or self._chance.random() < self._conditions.lost

    def _reply(self, face: Body, rtt_ms: float) -> Body:
        rtt_ms = max(rtt_ms, SOONEST_MS)
        if rtt_ms > self._question.timeout_ms:
            return self._star()
        self._took += rtt_ms
        return {**face, "rtt": round(rtt_ms, 3)}

    def _star(self) -> Body:
        self._took += self._question.timeout_ms
        return {"x": "*"}

    def _postpone(self, found: list[Body]) -> None:
        """Now and then a reply comes after its packet was given up, while the next hop is asked; or comes twice."""
        at = self._late_hop
        if 0 < at < len(found):
            reply = found[at - 1]["result"][-1]
            if "from" in reply:
                found[at - 1]["result"][-1] = {"x": "*"}
                kept = {key: value for key, value in reply.items() if key != "rtt" or self._attempt.family != IPV4}
                found[at]["result"].insert(1, {"late": self._question.packets, **kept})
        if self._chance.random() < DUPLICATED:
            first = found[-1]["result"][0]
            if "from" in first and first.get("flags") != "RA":  # a refused connection is refused once
                found[-1]["result"].insert(1, {"dup": True, **first, "rtt": round(first["rtt"] + 2.1, 3)})


def _refusal(destination: Destination) -> str:
    """What the last router says of an address that does not answer: no network, no host, or nothing."""
    if destination.role is Role.NOWHERE:
        return ("N", "", "N")[number("refusal", destination.address) % 3]
    return "H" if destination.role is Role.MUTE and not destination.identity and _is_far(destination) else ""


def _is_far(destination: Destination) -> bool:
    return number("refusal", destination.address) % 3 == 0


def _wire_size(question: Question) -> int:
    return question.size + HEADERS[IPV4, question.protocol]


def _arrival(question: Question, destination: Destination, family: int, firmware: int) -> dict[str, Any]:
    """How the destination answers: an echo, an unreachable port that quotes the packet, or a TCP segment."""
    if question.protocol == "ICMP":
        return {"from": destination.address, "ttl": 0, "size": question.size}
    if question.protocol == "UDP":
        return {"from": destination.address, "ttl": 0, "size": _quoted(question, family)}
    is_open = question.port in SERVES.get(destination.role, ())
    segment: dict[str, Any] = {"from": destination.address, "ttl": 0, "size": 4 if is_open else 0}
    if firmware >= FIRST_WITH_FLAGS:
        segment["flags"] = "SA" if is_open else "RA"
        if is_open:
            segment["hdropts"] = [{"mss": SEGMENT[family]}]
    return segment


def _quoted(question: Question, family: int) -> int:
    return min(LONGEST_QUOTE[family], question.size + HEADERS[family, question.protocol] + question.target_options)


@lru_cache(maxsize=4096)
def _faces(way: Way, family: int, question: Question, gateway: str) -> tuple[tuple[_Face, ...], ...]:
    """The answers of each hop's routers; the first hop is the subscriber's own router, if there is one."""
    size = _quoted(question, family)
    options = {"dstoptsize": question.target_options} if family != IPV4 and question.target_options else {}
    is_blocked = family != IPV4 and question.hop_options > 0
    hops: list[tuple[_Face, ...]] = []
    if gateway:
        home: Body = {"from": gateway, "ttl": DESTINATION_TTL, "size": size, **options}
        hops.append((_Face(home, HOME_MS, float(is_blocked)),))
    for routers in way.hops:
        taken = len(hops)
        hops.append(tuple(_face(router, size, taken, options, is_blocked=is_blocked) for router in routers))
    return tuple(hops)


def _face(router: Router, size: int, taken: int, options: Body, *, is_blocked: bool) -> _Face:
    initial = INITIAL_TTLS[number("ttl", router.address) % len(INITIAL_TTLS)]
    body: Body = {"from": router.address, "ttl": initial - taken, "size": LABELLED_SIZE if router.label else size}
    body |= options
    if router.label:
        label = {"label": router.label, "exp": 0, "s": 1, "ttl": 1}
        body["icmpext"] = {"version": 2, "rfc4884": 1, "obj": [{"class": 1, "type": 1, "mpls": [label]}]}
    is_limited = share("limited", router.address) < LIMITED_ROUTERS
    loss = 1.0 if router.is_silent or is_blocked else LIMITED_LOSS if is_limited else 0.0
    return _Face(body, router.rtt_ms, loss)
