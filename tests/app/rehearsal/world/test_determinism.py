"""A result depends on seed, scenario, measurement, probe and round: never on what was asked before."""

import random
import tracemalloc
from itertools import islice

import pytest

from app.rehearsal.contract import World
from app.rehearsal.world import make_world, named_scenario
from tests.app.rehearsal.world.worlds import (
    DAY,
    EPOCH,
    HOSTNAME,
    HOUR,
    PING,
    SOA,
    TRACEROUTE,
    builtin,
    calm,
    measurement,
    probe_ids,
    results,
)

KINDS = [PING, TRACEROUTE, SOA, HOSTNAME]


def test_the_world_is_the_contracts() -> None:
    """The API needs nothing but the contract."""
    world: World = make_world(1, named_scenario(), EPOCH)

    assert len(world.probes(EPOCH)) == 48
    assert len(world.builtins()) == 14


@pytest.mark.parametrize("measurement_id", KINDS)
def test_two_worlds_of_one_seed_are_the_same(measurement_id: int) -> None:
    """Another process, another day: the same results."""
    asked = builtin(measurement_id)
    again = make_world(1, named_scenario("calm"), EPOCH)

    assert results(calm(), asked, hours=4) == results(again, asked, hours=4)


def test_another_seed_is_another_world() -> None:
    """Its probes are the same, what they see is not."""
    other = make_world(2, named_scenario("calm"), EPOCH)
    asked = builtin(PING)

    assert [probe["id"] for probe in other.probes(EPOCH)] == [probe["id"] for probe in calm().probes(EPOCH)]
    assert results(calm(), asked, hours=1) != results(other, asked, hours=1)


@pytest.mark.parametrize("measurement_id", KINDS)
def test_pieces_in_any_order_make_the_whole(measurement_id: int) -> None:
    """Windows cut anywhere and probes asked one by one give what one question gives."""
    world, asked = calm(), builtin(measurement_id)
    whole = results(world, asked, hours=12)
    ids = probe_ids(world)
    chance = random.Random(measurement_id)  # noqa: S311 - cuts, not secrets
    cuts = sorted(chance.sample(range(1, 12 * HOUR), 9))
    starts, stops = [0, *cuts], [cut - 1 for cut in cuts] + [12 * HOUR - 1]
    pieces = [(start, stop, probe_id) for start, stop in zip(starts, stops, strict=True) for probe_id in ids]
    chance.shuffle(pieces)

    found = [
        produced
        for start, stop, probe_id in pieces
        for produced in world.results(asked, [probe_id], EPOCH + start, EPOCH + stop)
    ]

    def key(produced: object) -> str:
        return str(produced)

    assert sorted(found, key=key) == sorted(whole, key=key)


def test_results_come_in_order_of_measuring_and_within_the_window() -> None:
    """Both ends included."""
    asked = builtin(PING)
    found = [produced.measured_at for produced in results(calm(), asked, hours=6)]

    assert found == sorted(found)
    first, last = found[0], found[-1]
    assert [one.measured_at for one in calm().results(asked, probe_ids(calm()), first, last)] == found


def test_a_probe_reports_once_a_round_at_its_own_place() -> None:
    """Its turn wanders by a few seconds at most."""
    asked = builtin(PING)
    probe_id = probe_ids(calm(), is_anchor=True)[0]
    found = [produced.measured_at for produced in results(calm(), asked, [probe_id])]
    places = [(at - asked["start_time"]) % 240 for at in found]

    assert len(found) == DAY // 240
    assert max(places) - min(places) < 4
    assert max(places) < 120, "the spread is half the interval"


def test_spread_interval_start_and_stop_are_honoured() -> None:
    """All probes fall into the spread, and nothing outside the measurement's life."""
    start, stop = EPOCH + HOUR, EPOCH + 5 * HOUR
    asked = measurement("ping", "192.0.2.10", interval=600, spread=20, start_time=start, stop_time=stop)
    found = [produced.measured_at for produced in results(calm(), asked)]

    assert {(at - start) % 600 for at in found} <= set(range(20))
    assert start <= min(found) < start + 20
    assert stop - 600 <= max(found) <= stop


def test_a_oneoff_comes_once_within_a_minute() -> None:
    """And is stored within seconds."""
    asked = measurement("ping", "192.0.2.10", is_oneoff=True, interval=None)
    found = results(calm(), asked)

    assert sorted(one.body["prb_id"] for one in found) == probe_ids(calm())
    assert all(EPOCH + 5 <= one.measured_at < EPOCH + 60 and one.stored_at - one.measured_at < 20 for one in found)
    assert {one.body["step"] for one in found} == {None}


def test_memory_stays_flat_over_a_long_stream() -> None:
    """Eight times as many results need no more memory than the first ones."""
    world, asked = make_world(1, named_scenario("calm"), EPOCH), builtin(PING)
    stream = world.results(asked, probe_ids(world), EPOCH, EPOCH + 14 * DAY)
    assert sum(1 for _ in islice(stream, 1000)) == 1000
    tracemalloc.start()
    assert sum(1 for _ in islice(stream, 8_000)) == 8_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 500_000
