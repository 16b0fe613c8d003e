"""Signals: seen in the results while they are on and for whom they are, and nowhere else."""

import statistics
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Sequence

import dns.flags
import dns.message
import pytest

from app.rehearsal.contract import Body
from app.rehearsal.world import RehearsedWorld
from app.rehearsal.world.scenario import read_scenario
from app.rehearsal.world.sites import SITES
from tests.app.rehearsal.world.worlds import (
    DAY,
    EPOCH,
    HOSTNAME,
    HOUR,
    PING,
    SOA,
    SOA_TCP,
    TRACEROUTE,
    bodies,
    builtin,
    measurement,
    probe_ids,
    quiet,
    results,
)

ON, OFF = 6 * HOUR, 12 * HOUR
WHEN = {"from": "6h", "to": "12h"}
BROADBAND, MOBILE, CABLE = 64497, 64498, 64500
NORTH, EAST = 64601, 64602


def split(found: Sequence[Body], is_meant: Callable[[Body], bool]) -> tuple[list[Body], list[Body]]:
    """Results of those who are meant while it is on, and all others."""
    judged = [(ON <= body["timestamp"] - EPOCH < OFF and is_meant(body), body) for body in found]
    return [body for is_within, body in judged if is_within], [body for is_within, body in judged if not is_within]


def of(world: RehearsedWorld, asn: int) -> set[int]:
    """The probes of a network."""
    return set(probe_ids(world, asn_v4=asn))


def instance(body: Body) -> str:
    """The name in a `hostname.bind` answer."""
    told = body["result"]["answers"][0]["RDATA"]
    return told if isinstance(told, str) else str(told[0])


def test_latency_shift() -> None:
    """By so many milliseconds, for its network and target only."""
    world = quiet({"kind": "latency_shift", **WHEN, "asns": [BROADBAND], "targets": ["k-root"], "milliseconds": 28})
    usual, meant = quiet(), of(world, BROADBAND)

    for asked, is_shifted in ((builtin(PING), True), (measurement("ping", "192.0.2.10", interval=240), False)):
        pairs = list(zip(bodies(world, asked), bodies(usual, asked), strict=True))
        shifts = {
            (
                round(one["min"] - other["min"], 3),
                ON <= one["timestamp"] - EPOCH < OFF and one["prb_id"] in meant,
            )
            for one, other in pairs
            if one["rcvd"]
        }
        assert shifts == ({(28.0, True), (0.0, False)} if is_shifted else {(0.0, True), (0.0, False)})


def test_a_world_without_signals_shows_none() -> None:
    """Medians of halves of a day differ by what evenings do, and no site or path changes."""
    world = quiet()
    names = {
        (body["prb_id"], instance(body).split(".")[1]) for body in bodies(world, builtin(HOSTNAME)) if "result" in body
    }
    ttls = {(body["prb_id"], body["ttl"]) for body in bodies(world, builtin(PING)) if body["rcvd"]}

    assert len(names) == len(ttls) == len(probe_ids(world))


def test_catchment_change() -> None:
    """Another site answers, at its own distance and over its own path."""
    world = quiet({"kind": "catchment_change", **WHEN, "asns": [MOBILE], "site": "de-fra"})
    is_meant = of(world, MOBILE).__contains__
    found = [body for body in bodies(world, builtin(HOSTNAME)) if "result" in body]
    within, without = split(found, lambda body: is_meant(body["prb_id"]))

    assert {instance(body).split(".")[1] for body in within} == {"de-fra"}
    assert {instance(body).split(".")[1] for body in without if is_meant(body["prb_id"])} == {"kz-ast"}
    near = statistics.median(body["result"]["rt"] for body in without if is_meant(body["prb_id"]))
    assert statistics.median(body["result"]["rt"] for body in within) > near + 40
    pings, others = split(bodies(world, builtin(PING)), lambda body: is_meant(body["prb_id"]))
    assert {b["ttl"] for b in pings if b["rcvd"]}.isdisjoint(
        b["ttl"] for b in others if is_meant(b["prb_id"]) and b["rcvd"]
    )


def test_site_withdrawal() -> None:
    """Whoever reached the site reaches the next one; the others do not notice."""
    world = quiet({"kind": "site_withdrawal", **WHEN, "sites": ["tj-dyu"]})
    usual = quiet()
    moved: Counter[tuple[bool, bool, bool]] = Counter()
    for one, other in zip(bodies(world, builtin(HOSTNAME)), bodies(usual, builtin(HOSTNAME)), strict=True):
        if "result" in one and "result" in other:
            is_on = ON <= one["timestamp"] - EPOCH < OFF
            moved[is_on, instance(other) == "ns1.tj-dyu.k.ripe.net", instance(one) != instance(other)] += 1

    assert set(moved) == {(True, True, True), (True, False, False), (False, True, False), (False, False, False)}


def test_path_change() -> None:
    """Other routers, with the RTT that their towns make."""
    world = quiet({"kind": "path_change", **WHEN, "asns": [CABLE], "transit": "east"})
    is_meant = of(world, CABLE).__contains__
    within, without = split(bodies(world, builtin(TRACEROUTE)), lambda body: is_meant(body["prb_id"]))

    def transits(found: Sequence[Body]) -> set[int]:
        addresses = {r["from"] for b in found for h in b["result"] for r in h["result"] if "from" in r}
        networks = {world.network_of(address) for address in addresses}
        return {network.asn for network in networks if network} & {NORTH, EAST}

    assert transits(within) == {EAST}
    assert transits([body for body in without if is_meant(body["prb_id"])]) == {NORTH}


def test_loss() -> None:
    """A fifth of the packets, for its network only."""
    world = quiet({"kind": "loss", **WHEN, "asns": [CABLE], "share": 0.2})
    asked = builtin(PING, packets=16, interval=60)
    is_meant = of(world, CABLE).__contains__
    within, without = split(
        bodies(world, asked, [*of(world, CABLE), *of(world, BROADBAND)]), lambda body: is_meant(body["prb_id"])
    )

    assert statistics.fmean(1 - body["rcvd"] / 16 for body in within) == pytest.approx(0.2, abs=0.02)
    assert statistics.fmean(1 - body["rcvd"] / 16 for body in without) < 0.02


@pytest.mark.parametrize("mode", ["off", "late", "cut"])
def test_disconnection(mode: str) -> None:
    """Nothing is measured, or it comes afterwards, or it says that nothing could be reached."""
    world = quiet({"kind": "disconnection", **WHEN, "asns": [CABLE], "mode": mode})
    is_meant = of(world, CABLE)
    found = [one for one in results(world, builtin(PING)) if one.body["prb_id"] in is_meant]
    within = [one for one in found if ON <= one.measured_at - EPOCH < OFF]

    assert bool(within) == (mode != "off")
    assert all(one.stored_at > EPOCH + OFF for one in within)
    assert all(one.stored_at - one.measured_at < 900 for one in found if one.measured_at > EPOCH + OFF)
    answered = {one.body["rcvd"] > 0 for one in within}
    assert answered == {"off": set(), "late": {True}, "cut": {False}}[mode] or (mode == "late" and True in answered)
    shown = {probe["id"]: probe for probe in world.probes(EPOCH + ON + HOUR)}
    assert {shown[probe_id]["status"]["name"] for probe_id in is_meant} == {"Disconnected"}
    assert {shown[probe_id]["status_since"] for probe_id in is_meant} == {EPOCH + ON}
    after = {probe["id"]: probe for probe in world.probes(EPOCH + OFF + HOUR)}
    assert {(after[i]["status"]["name"], after[i]["status_since"]) for i in is_meant} == {("Connected", EPOCH + OFF)}


@pytest.mark.parametrize("answer", ["foreign", "empty", "refused"])
def test_interception(answer: str) -> None:
    """Somebody near answers over UDP; the same question over TCP reaches K-root."""
    world = quiet({"kind": "interception", **WHEN, "asns": [CABLE], "targets": ["k-root"], "answer": answer})
    is_meant = of(world, CABLE).__contains__
    within, without = split(bodies(world, builtin(HOSTNAME)), lambda body: is_meant(body["prb_id"]))
    got = [dns.message.from_wire(b64decode(body["result"]["abuf"])) for body in within]

    assert len(within) == 180
    if answer == "foreign":
        assert {instance(body) for body in within} == {"cache1.access.example"}
        assert {bool(message.flags & dns.flags.RA) for message in got} == {True}
    if answer == "empty":
        assert {(body["result"]["size"], body["result"]["QDCOUNT"]) for body in within} == {(12, 0)}
    if answer == "refused":
        assert {message.rcode() for message in got} == {dns.rcode.REFUSED}
    assert statistics.median(body["result"]["rt"] for body in within) < 30
    assert {"k.ripe.net" in instance(body) for body in without if "result" in body} == {True}
    stream = [body for body in bodies(world, builtin(SOA_TCP)) if is_meant(body["prb_id"]) and "result" in body]
    assert min(body["result"]["qt"] for body in stream if "qt" in body["result"]) > 30


def test_serial_lag() -> None:
    """A site serves an older zone than the others."""
    world = quiet({"kind": "serial_lag", **WHEN, "sites": ["kz-ast"], "seconds": "12h"})
    usual = quiet()
    changed = Counter(
        (
            ON <= one["timestamp"] - EPOCH < OFF,
            one["result"]["answers"][0]["SERIAL"] - other["result"]["answers"][0]["SERIAL"],
        )
        for one, other in zip(bodies(world, builtin(SOA)), bodies(usual, builtin(SOA)), strict=True)
        if "result" in one and "result" in other
    )

    assert set(changed) == {(True, 2026111801 - 2026111900), (True, 0), (False, 0)}


def test_evenings_are_slower_than_nights() -> None:
    """By the clocks of the probes' own country: queues are longest at nine in the evening."""
    world = quiet()
    found = bodies(world, builtin(PING), probe_ids(world, asn_v4=BROADBAND), hours=72)

    def median_at(hour: int) -> float:
        return statistics.median(
            float(b["avg"]) for b in found if b["rcvd"] and (b["timestamp"] // HOUR + 5) % 24 == hour
        )

    assert median_at(21) > median_at(9) * 1.2


def test_a_scenario_may_name_instants() -> None:
    """With their offset to UTC."""
    scenario = read_scenario(
        {
            "name": "test",
            "signals": [
                {"kind": "loss", "from": "2026-11-19T05:00:00+05:00", "to": "2026-11-19T06:00:00+05:00", "share": 1}
            ],
        }
    )

    told = RehearsedWorld(1, scenario, EPOCH).ground_truth(EPOCH, EPOCH + DAY)
    assert told["signals"][0]["occurrences"] == [{"from": EPOCH, "to": EPOCH + HOUR}]


def test_when_no_site_is_left_nobody_answers() -> None:
    """Every site is withdrawn."""
    world = quiet({"kind": "site_withdrawal", **WHEN, "sites": [*SITES]})
    kinds = [bodies(world, builtin(kind)) for kind in (PING, SOA, SOA_TCP, TRACEROUTE)]
    during = [split(found, lambda _body: True)[0] for found in kinds]

    assert all(during)
    assert {body["rcvd"] for body in during[0]} == {0}
    assert {str(body.get("error")) for found in during[1:3] for body in found} <= {
        "{'timeout': 5000}", "{'TU_READ_ERR': ''}"
    }  # fmt: skip
    assert not any(r.get("from") == body["dst_addr"] for body in during[3] for r in body["result"][-1]["result"])


def test_a_shift_takes_off_no_more_than_there_is() -> None:
    """No reply comes before it was asked for."""
    world = quiet({"kind": "latency_shift", **WHEN, "milliseconds": -50})
    pings, ways, answers = (bodies(world, builtin(kind), hours=12) for kind in (PING, TRACEROUTE, SOA))

    assert min(entry["rtt"] for body in pings for entry in body["result"] if "rtt" in entry) > 0
    assert min(r["rtt"] for body in ways for hop in body["result"] for r in hop["result"] if "rtt" in r) > 0
    assert min(body["result"]["rt"] for body in answers if "result" in body) > 0
