"""Ping results, as the platform shows them."""

from typing import Any

from app.rehearsal.world.chance import Chance
from app.rehearsal.world.weather import PACKET, ROUND, Conditions

PACKETS, SIZE, INTERVAL_MS = 3, 48, 1000
SMALLEST = 32
"""Payloads are at least so large: the probe's own stamp has to fit in."""
LARGEST = 4048
INITIAL_TTL = 64
PER_BYTE_MS = 0.0004
"""Larger packets take longer: both ways over a line of some 40 Mbit/s."""
DUPLICATED, CHANGED_TTL = 0.0004, 0.0006
DIGITS, AVERAGE_DIGITS = 6, 10


def size_of(measurement: dict[str, Any]) -> int:
    """Bytes of payload that are really sent."""
    asked = measurement.get("size")
    return min(LARGEST, max(SMALLEST, SIZE if asked is None else asked))


def ttl_of(conditions: Conditions) -> int:
    """The TTL of a reply: every router on the way back has taken one."""
    return INITIAL_TTL - len(conditions.way.hops)


def replies(measurement: dict[str, Any], conditions: Conditions | None, chance: Chance) -> dict[str, Any]:
    """From `ttl` to `step`. Without conditions nothing answers."""
    asked = measurement.get("packets") or PACKETS
    interval_ms = measurement.get("packet_interval") or INTERVAL_MS
    size = size_of(measurement)
    entries: list[dict[str, Any]] = []
    rtts: list[float] = []
    duplicates = 0
    if conditions:
        random = chance.random
        loss = 1.0 if random() < conditions.troubled else conditions.loss
        best = conditions.rtt_ms + conditions.queue_ms * ROUND.value(random()) + PER_BYTE_MS * size
        fastest = int(random() * asked)
        for turn in range(asked):
            if random() < loss:
                if not rtts:
                    entries.append({"x": "*"})
                continue
            rtt = best if turn == fastest else best + conditions.queue_ms * PACKET.value(random())
            entries.append({"rtt": round(rtt, DIGITS)})
            if rtt > interval_ms:
                _come_late(entries)
                duplicates += 1
                continue
            rtts.append(entries[-1]["rtt"])
            if random() < DUPLICATED:
                entries.append({"rtt": round(rtt + 0.1, DIGITS), "dup": 1})
                duplicates += 1
    else:
        entries = [{"x": "*"} for _ in range(asked)]
    return _summed(entries, rtts, duplicates, size, conditions)


def _come_late(entries: list[dict[str, Any]]) -> None:
    """A reply after the next packet was sent counts as a duplicate; its own packet counts as lost."""
    late = entries.pop()
    if not any("rtt" in entry for entry in entries):
        entries.append({"x": "*"})
    entries.append({**late, "dup": 1})


def _summed(
    entries: list[dict[str, Any]], rtts: list[float], duplicates: int, size: int, conditions: Conditions | None
) -> dict[str, Any]:
    found: dict[str, Any] = {"proto": "ICMP"}
    if conditions and any("rtt" in entry for entry in entries):
        found["ttl"] = ttl_of(conditions)
    if entries and "x" in entries[0]:
        first = next((entry for entry in entries if "rtt" in entry), None)
        if first is not None:
            first["ttl"] = found["ttl"]
    found["size"] = size
    found["result"] = entries
    found["sent"] = len(entries) - duplicates
    found["rcvd"] = len(rtts)
    found["dup"] = duplicates
    found["min"] = min(rtts, default=-1)
    found["max"] = max(rtts, default=-1)
    found["avg"] = round(sum(rtts) / len(rtts), AVERAGE_DIGITS) if rtts else -1
    return found


def failed(error: str, size: int) -> dict[str, Any]:
    """From `proto` to `step`, of a ping that was not sent."""
    return {
        "proto": "ICMP",
        "size": size,
        "result": [{"error": error}],
        **{"sent": 0, "rcvd": 0, "dup": 0, "min": -1, "max": -1, "avg": -1},
    }
