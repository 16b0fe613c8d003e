"""World, API and faults together: what was read once stays, and in the end is what the ledger says was produced."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.rehearsal.ledger import identity
from app.rehearsal.world import make_world, named_scenario
from tests.app.rehearsal.asking import DNS, PING, TAJIKISTAN, TRACEROUTE, create
from tests.rehearsing import EPOCH, RehearsedAtlas, rehearsing

WORLDWIDE = {"type": "area", "value": "WW", "requested": 15}
RULES: tuple[dict[str, Any], ...] = (
    {"kind": "late", "probability": 0.1},
    {"kind": "duplicate", "probability": 0.1},
    {"kind": "clock_skew", "probability": 0.2, "offset_s": -400},
    {"kind": "clock_skew", "probability": 0.2, "offset_s": 300},
    {"kind": "silent", "probability": 0.1, "from": "2h", "to": "4h"},
)


@pytest.fixture(scope="module")
def atlas() -> Iterator[RehearsedAtlas]:
    """The world of practice, and much that goes wrong with its results."""
    with rehearsing(make_world(1, named_scenario(), EPOCH), rules=RULES) as running:
        yield running


@pytest.mark.parametrize("is_oneoff", [False, True])
def test_nothing_that_was_read_ever_changes(atlas: RehearsedAtlas, *, is_oneoff: bool) -> None:
    """Whatever joins, leaves, ends or arrives late; and stream, ledger and credits count the same."""
    with atlas.client(atlas.key) as client:
        numbers = [
            create(client, each, probes=[TAJIKISTAN, WORLDWIDE], is_oneoff=is_oneoff)
            for each in (PING, TRACEROUTE, DNS)
        ]
        seen: dict[int, set[str]] = {number: set() for number in numbers}
        begun = int(atlas.now())
        for step, hours in enumerate((0.01, 0.1, 0.5, 1, 2, 4, 30)):
            atlas.advance(hours * 3600)
            for number in numbers:
                read = client.get(f"/measurements/{number}/results/", params={"start": begun - 3600}).json()
                now = {identity(body) for body in read}
                assert seen[number] <= now
                assert now == set(atlas.ledger(number))
                seen[number] = now
                _change(client, number, step)
        assert all(len(found) > (10 if is_oneoff else 100) for found in seen.values())
        assert {client.get(f"/measurements/{number}/").json()["status"]["name"] for number in numbers} == {"Stopped"}
        spent = {each["measurement_id"]: 0 for each in _transactions(client)}
        for each in _transactions(client):
            spent[each["measurement_id"]] += each["results"]
        assert all(spent[number] >= len(seen[number]) for number in numbers)


def _transactions(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/credits/transactions/", params={"page_size": 500}).json()["results"]
    return found


def _change(client: Any, number: int, step: int) -> None:
    """Probes join, then some leave, then it is stopped."""
    path = f"/measurements/{number}/"
    if client.get(path).json()["status"]["name"] != "Ongoing":
        return
    if step == 2:
        some = {"action": "add", "type": "country", "value": "KZ", "requested": 2}
        assert client.post(f"{path}participation-requests/", json=[some]).status_code == 201
    elif step == 3:
        probes = client.get(path, params={"fields": "probes"}).json()["probes"]
        gone = {"action": "remove", "type": "probes", "value": ",".join(str(each["id"]) for each in probes[:3])}
        assert client.post(f"{path}participation-requests/", json=gone).status_code == 201
    elif step == 5:
        assert client.delete(path).status_code == 204
