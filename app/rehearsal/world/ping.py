"""Ping results, as the platform shows them."""

from typing import Any

from app.rehearsal.contract import Body
from app.rehearsal.world.chance import Chance
from app.rehearsal.world.targets import ANSWERING
from app.rehearsal.world.turns import Attempt
from app.rehearsal.world.weather import PACKET, ROUND, Conditions

PACKETS, SIZE, INTERVAL_MS = 3, 48, 1000
SMALLEST, LARGEST = 32, 4048
"""Bytes of payload: the probe's own stamp has to fit in, and its buffer has an end."""
INITIAL_TTL = 64
PER_BYTE_MS = 0.0004
"""Larger packets take longer: both ways over a line of some 40 Mbit/s."""
DUPLICATED, FAILED_TO_SEND = 0.0004, 0.0002
DIGITS, AVERAGE_DIGITS = 6, 10
PERMISSION = "sendto failed: Operation not permitted"


class Ping:
    """Reports the results of one ping measurement."""

    def __init__(self, measurement: Body) -> None:
        """From its object as the API shows it."""
        asked = measurement.get("size")
        self._size = min(LARGEST, max(SMALLEST, SIZE if asked is None else asked))
        self._packets: int = measurement.get("packets") or PACKETS
        self._interval_ms: int = measurement.get("packet_interval") or INTERVAL_MS
        self._step = None if measurement.get("is_oneoff") else measurement.get("interval")

    def report(self, attempt: Attempt, chance: Chance) -> Body:
        """A result from `dst_name` to `step`."""
        aim = attempt.aim
        found: Body = {"dst_name": aim.name}
        if aim.resolved_in_ms is not None:
            found["ttr"] = aim.resolved_in_ms
        found["af"] = attempt.family
        if aim.destination is None:
            found |= _failed(f"dns resolution failed: {aim.error}", 0)
        elif aim.is_refused:
            found |= {"dst_addr": aim.destination.address, **_failed("address not allowed", 0)}
        elif attempt.conditions is None:
            found |= {"dst_addr": aim.destination.address, "src_addr": ""}
            found |= _failed("connect failed: Network is unreachable", 0)
        else:
            found["dst_addr"] = aim.destination.address
            found["src_addr"] = attempt.vantage.own_address(attempt.family)
            answers = aim.destination.role in ANSWERING
            ttl = INITIAL_TTL - len(attempt.conditions.way.hops) - attempt.vantage.is_behind_nat
            found.update(self._exchange(attempt.conditions, chance, ttl, answers=answers))
        found["step"] = self._step
        return found

    def _exchange(self, conditions: Conditions, chance: Chance, ttl: int, *, answers: bool) -> Body:
        random = chance.random
        loss = 1.0 if not answers or random() < conditions.troubled else conditions.lost
        queue = conditions.queue_ms
        best = conditions.rtt_ms + queue * ROUND.value(random()) + PER_BYTE_MS * self._size
        fastest = int(random() * self._packets)
        entries: list[Body] = []
        rtts: list[float] = []
        duplicates = 0
        for turn in range(self._packets):
            if random() < loss:
                if not rtts and not duplicates:
                    entries.append({"x": "*"})
                continue
            if random() < FAILED_TO_SEND:
                entries.append({"error": PERMISSION})
                continue
            rtt = round(best if turn == fastest else best + queue * PACKET.value(random()), DIGITS)
            if rtt > self._interval_ms and turn + 1 < self._packets:
                # the next packet was sent before it came: its own counts as lost, and the reply as a duplicate
                entries += [{"rtt": rtt, "dup": 1}] if rtts or duplicates else [{"x": "*"}, {"rtt": rtt, "dup": 1}]
                duplicates += 1
                continue
            rtts.append(rtt)
            entries.append({"rtt": rtt})
            if random() < DUPLICATED:
                entries.append({"rtt": round(rtt + 0.1, DIGITS), "dup": 1})
                duplicates += 1
        summed = _summed(entries, rtts, duplicates, self._size)
        if not rtts and not duplicates:
            return summed
        if "x" in entries[0]:
            next(entry for entry in entries if "rtt" in entry)["ttl"] = ttl
        return {"proto": "ICMP", "ttl": ttl, **summed}


def _summed(entries: list[Body], rtts: list[float], duplicates: int, size: int) -> dict[str, Any]:
    """What the platform adds. A packet lost after the first reply has no entry, and so was never sent for it."""
    low, high = (min(rtts), max(rtts)) if rtts else (-1, -1)
    return {
        "proto": "ICMP",
        "size": size,
        "result": entries,
        "sent": len(entries) - duplicates,
        "rcvd": len(rtts),
        "dup": duplicates,
        "min": low,
        "max": high,
        "avg": round(sum(rtts) / len(rtts), AVERAGE_DIGITS) if rtts else -1,
    }


def _failed(error: str, size: int) -> Body:
    """Of a ping that was not sent."""
    return {**_summed([{"error": error}], [], 0, size), "sent": 0}
