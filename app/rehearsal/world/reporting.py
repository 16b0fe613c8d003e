"""A result, from a probe's turn to the object that the platform keeps: the parts that all types share."""

from typing import Any

from app.rehearsal.contract import Body, Produced
from app.rehearsal.world import ping
from app.rehearsal.world.chance import Chance, share
from app.rehearsal.world.presence import Presence
from app.rehearsal.world.probes import MEASUREMENT_CODE, Vantage
from app.rehearsal.world.rounds import Due
from app.rehearsal.world.targets import Destination, Directory, is_private
from app.rehearsal.world.weather import Conditions, Weather

RESOLVERS_FAIL = 0.004
"""Share of rounds in which a probe's resolver does not answer."""
NO_RESOLVER = "non-recoverable failure in name resolution"
NO_SUCH_NAME = "nodename nor servname provided, or not known"
CALLED = {"ping": "Ping", "traceroute": "Traceroute", "dns": "Tdig"}


class Reporter:
    """Reports a measurement's results, one turn after the other, in any order."""

    def __init__(
        self, seed: int, measurement: Body, directory: Directory, weather: Weather, presence: Presence
    ) -> None:
        """`measurement` is its object as the API shows it."""
        self._measurement = measurement
        self._directory, self._weather, self._presence = directory, weather, presence
        self._seed, self._key = seed, seed.to_bytes(8, "little", signed=True)
        self._chance = Chance()
        self._family: int = measurement.get("af") or 4
        self._kind = str(measurement["type"])
        self._is_resolved_there = bool(measurement.get("resolve_on_probe")) or not measurement.get("target_ip")
        self._destinations: dict[str, Destination] = {}

    def report(self, vantage: Vantage, turn: Due, *, is_cut: bool) -> Produced:
        """The result of one turn; `is_cut` when the probe's own access is down."""
        self._chance.begin(self._key, self._measurement["id"], vantage.id, turn.round_number)
        at_once = bool(self._measurement.get("is_oneoff"))
        stored_at = self._presence.stored_at(vantage, turn.at, at_once=at_once)
        body = self._head(vantage, turn.at)
        body |= self._ping(vantage, turn.at, is_cut=is_cut)
        body |= self._tail(vantage, turn.at, stored_at)
        return Produced(turn.at, stored_at, body)

    def _ping(self, vantage: Vantage, at: int, *, is_cut: bool) -> Body:
        target = self._target(vantage, at)
        found: Body = {"dst_name": target["dst_name"]}
        if "ttr" in target:
            found["ttr"] = target["ttr"]
        found["af"] = self._family
        size = ping.size_of(self._measurement)
        address = target.get("dst_addr")
        if address is None:
            found |= ping.failed(f"dns resolution failed: {target['error']}", 0)
        elif is_private(address):
            found |= {"dst_addr": address, **ping.failed("address not allowed", size)}
        elif is_cut:
            found |= {"dst_addr": address, "src_addr": "", **ping.failed("connect failed: Network is unreachable", 0)}
        else:
            found |= {"dst_addr": address, "src_addr": vantage.own_address(self._family)}
            conditions = self._conditions(vantage, address, at)
            found |= ping.replies(self._measurement, conditions, self._chance)
        found["step"] = self._measurement.get("interval")
        return found

    def _conditions(self, vantage: Vantage, address: str, at: int) -> Conditions | None:
        destination = self._destinations.get(address)
        if destination is None:
            destination = self._destinations[address] = self._directory.destination(address)
        return self._weather.at(vantage, destination, self._family, at)

    def _target(self, vantage: Vantage, at: int) -> dict[str, Any]:
        if not self._is_resolved_there:
            address = self._measurement["target_ip"]
            return {"dst_name": address, "dst_addr": address}
        name = str(self._measurement["target"])
        found: dict[str, Any] = {"dst_name": name, "ttr": round(2 + 60 * self._chance.random() ** 3, 6)}
        address = self._directory.resolve(name, self._family)
        if share(self._seed, "resolver", vantage.id, at) < RESOLVERS_FAIL:
            return {**found, "error": NO_RESOLVER}
        return {**found, "dst_addr": address} if address else {**found, "error": NO_SUCH_NAME}

    def _head(self, vantage: Vantage, at: int) -> Body:
        head: Body = {"fw": vantage.firmware}
        if vantage.firmware in MEASUREMENT_CODE:
            head["mver"] = MEASUREMENT_CODE[vantage.firmware]
        head["lts"] = self._presence.clock_age(vantage, at)
        return head

    def _tail(self, vantage: Vantage, at: int, stored_at: int) -> Body:
        return {
            "msm_id": self._measurement["id"],
            "prb_id": vantage.id,
            "timestamp": at,
            "msm_name": CALLED[self._kind],
            "type": self._kind,
            "group_id": self._measurement.get("group_id") or self._measurement["id"],
            "stored_timestamp": stored_at,
            "from": vantage.seen_as(self._family),
        }
