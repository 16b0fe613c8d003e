"""Worlds for the tests: a calm one, and others in which one thing happens."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from app.rehearsal.contract import Body, Produced
from app.rehearsal.world import RehearsedWorld, make_world, named_scenario
from app.rehearsal.world.scenario import read_scenario

EPOCH = 1_795_046_400
"""Midnight UTC, 19 November 2026."""
HOUR, DAY = 3600, 86_400
PING, TRACEROUTE, SOA, SOA_TCP, VERSION, HOSTNAME = 1001, 5001, 10001, 10101, 10201, 10301


@cache
def calm() -> RehearsedWorld:
    """The usual weather."""
    return make_world(1, named_scenario("calm"), EPOCH)


def quiet(*signals: dict[str, Any], seed: int = 1) -> RehearsedWorld:
    """A world without outages in which only these signals happen."""
    return make_world(seed, read_scenario({"name": "test", "outages": 0, "signals": list(signals)}), EPOCH)


def probe_ids(world: RehearsedWorld, **wanted: object) -> list[int]:
    """Ids of the connected probes whose object has these values."""
    found = [probe for probe in world.probes(EPOCH) if probe["status"]["name"] == "Connected"]
    return [probe["id"] for probe in found if all(probe[key] == value for key, value in wanted.items())]


def builtin(measurement_id: int, **changes: object) -> Body:
    """A built-in measurement, some of its fields changed."""
    found = next(body for body in calm().builtins() if body["id"] == measurement_id)
    return {**found, **changes}


def measurement(kind: str, target: str, address_family: int = 4, **fields: Any) -> Body:
    """A periodic measurement as the API would show it, hourly unless asked otherwise."""
    address = calm().resolve(target, address_family)
    common = {"id": 1_000_001, "type": kind, "af": address_family, "target": target, "target_ip": address}
    timing = {"start_time": EPOCH, "stop_time": None, "interval": HOUR, "spread": None, "is_oneoff": False}
    return {**common, **timing, "group_id": None, "resolve_on_probe": False, **fields}


def results(world: RehearsedWorld, asked: Body, ids: Sequence[int] = (), hours: float = 24) -> list[Produced]:
    """What probes report from the epoch on; all connected probes unless some are named."""
    return list(world.results(asked, ids or probe_ids(world), EPOCH, EPOCH + int(hours * HOUR) - 1))


def bodies(world: RehearsedWorld, asked: Body, ids: Sequence[int] = (), hours: float = 24) -> list[Body]:
    """The same without the instants."""
    return [produced.body for produced in results(world, asked, ids, hours)]
