"""A result, from a probe's turn to the object that the platform keeps: the parts that all types share."""

from typing import Protocol

from app.rehearsal.contract import Body, Produced
from app.rehearsal.world.chance import FULL, Chance, mix
from app.rehearsal.world.dns import Dns
from app.rehearsal.world.ping import Ping
from app.rehearsal.world.presence import Presence
from app.rehearsal.world.probes import MEASUREMENT_CODE, Vantage
from app.rehearsal.world.rounds import Due
from app.rehearsal.world.targets import Directory, is_private
from app.rehearsal.world.traceroute import make_traceroute
from app.rehearsal.world.turns import Aim, Attempt
from app.rehearsal.world.weather import Weather

RESOLVERS_FAIL = 0.004
"""Share of rounds in which a probe's resolver does not answer."""
NO_RESOLVER = "non-recoverable failure in name resolution"
NO_SUCH_NAME = "nodename nor servname provided, or not known"
RESOLVED_IN_MS, SLOWEST_RESOLVED_MS = 2.0, 60.0
CALLED = {"ping": "Ping", "traceroute": "Traceroute", "dns": "Tdig"}
FIRST_WITH_TTR = 5000


class Kind(Protocol):
    """One type of measurement."""

    def report(self, attempt: Attempt, chance: Chance) -> Body:
        """What is peculiar to the type, in the order of its keys."""
        ...


class Reporter:
    """Reports a measurement's results, in any order of turns."""

    def __init__(
        self, seed: int, measurement: Body, directory: Directory, weather: Weather, presence: Presence
    ) -> None:
        """`measurement` is its object as the API shows it."""
        self._id = int(measurement["id"])
        self._group = measurement.get("group_id") or self._id
        self._type = str(measurement["type"])
        self._family: int = measurement.get("af") or 4
        self._at_once = bool(measurement.get("is_oneoff"))
        self._directory, self._weather, self._presence = directory, weather, presence
        self._seed, self._key = seed, seed.to_bytes(8, "little", signed=True)
        self._chance = Chance(0)  # any seed: without one it asks the computer for one, which takes long
        self._kind: Kind
        match self._type:
            case "ping":
                self._kind = Ping(measurement)
            case "traceroute":
                self._kind = make_traceroute(measurement)
            case _:
                self._kind = Dns(measurement, directory, weather)
        self._name = str(measurement.get("target") or "")
        given = measurement.get("target_ip")
        self._given = None if measurement.get("resolve_on_probe") or not given else self._aim_at(str(given), str(given))

    def report(self, vantage: Vantage, turn: Due, *, is_cut: bool) -> Produced:
        """The result of one turn; `is_cut` when the probe's own access is down."""
        self._chance.turn_to(self._key, self._id, vantage.id, turn.round_number)
        at = turn.at
        aim = self._given or self._resolve(vantage, at, is_cut=is_cut)
        conditions = None
        if aim.destination and not aim.is_refused and (vantage.is_behind_nat or not is_cut):
            conditions = self._weather.at(vantage, aim.destination, self._family, at)
            conditions = conditions.cut() if is_cut else conditions
        lts = self._presence.clock_age(vantage, at)
        attempt = Attempt(vantage, at, turn.round_number, self._family, aim, conditions, lts, is_cut)
        stored_at = self._presence.stored_at(vantage, at, at_once=self._at_once)
        body: Body = {"fw": vantage.firmware}
        if vantage.firmware in MEASUREMENT_CODE:
            body["mver"] = MEASUREMENT_CODE[vantage.firmware]
        body["lts"] = lts
        if self._group != self._id:
            body["bundle"] = self._group
        body.update(self._kind.report(attempt, self._chance))
        body["msm_id"] = self._id
        body["prb_id"] = vantage.id
        body["timestamp"] = at
        body["msm_name"] = CALLED[self._type]
        body["type"] = self._type
        body["group_id"] = self._group
        body["stored_timestamp"] = stored_at
        body["from"] = vantage.seen_as(self._family)
        return Produced(at, stored_at, body)

    def _resolve(self, vantage: Vantage, at: int, *, is_cut: bool) -> Aim:
        """What the probe's own resolver makes of the target's name."""
        took = round(RESOLVED_IN_MS + SLOWEST_RESOLVED_MS * self._chance.random() ** 3, 6)
        if is_cut or mix(vantage.id ^ self._seed, at) < RESOLVERS_FAIL * FULL:
            aim = Aim(self._name, None, NO_RESOLVER)
        else:
            address = self._directory.resolve(self._name, self._family)
            aim = self._aim_at(self._name, address) if address else Aim(self._name, None, NO_SUCH_NAME)
        is_timed = self._directory.is_name(self._name) or aim.destination is None
        is_told = vantage.firmware >= FIRST_WITH_TTR and is_timed
        return aim._replace(resolved_in_ms=took) if is_told else aim

    def _aim_at(self, name: str, address: str) -> Aim:
        return Aim(name, self._directory.destination(address), is_refused=is_private(address))
