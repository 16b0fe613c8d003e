"""What arrives is told as it can be read: once, whoever listens, and whatever changes meanwhile."""

import random

import httpx
import pytest

from app.rehearsal.api.arrivals import Arrivals
from app.rehearsal.contract import FIRST_PROBE_ID, Body
from app.rehearsal.world import make_world, named_scenario
from tests.app.rehearsal.asking import create
from tests.rehearsing import EPOCH, RehearsedAtlas, rehearsing

HOUR = 3600
STEPS = (0, 1, 7, 59, 240, 600, HOUR, 5 * HOUR)
FAULTS: tuple[Body, ...] = (
    {"kind": "late", "probability": 0.3, "least_s": 600, "most_s": 7200},
    {"kind": "duplicate", "every": 3, "least_s": 60, "most_s": 600},
    {"kind": "clock_skew", "probability": 0.3, "offset_s": -900},
    {"kind": "silent", "probes": [FIRST_PROBE_ID + 1]},
)
Key = tuple[int, int, int]


def _read(client: httpx.Client, number: int) -> list[Key]:
    found = client.get(f"/measurements/{number}/results/", params={"start": 0}).json()
    return sorted((body["prb_id"], body["timestamp"], body["stored_timestamp"]) for body in found)


class _Listener:
    """One who asks again and again for what is new, of some probes or of all."""

    def __init__(self, atlas: RehearsedAtlas, arrivals: Arrivals, number: int, probes: frozenset[int] | None) -> None:
        self._platform, self._arrivals, self._number, self._probes = atlas.rehearsal.platform, arrivals, number, probes
        self._told_until = EPOCH - 1
        self.told: list[Key] = []

    def listen(self) -> None:
        """Ask."""
        entry, now = self._platform.find(self._number), self._platform.now()
        assert entry is not None
        for text in self._arrivals.between(entry, self._probes, self._told_until, now):
            body = httpx.Response(200, text=text).json()[1]
            assert self._told_until < body["stored_timestamp"] <= now
            self.told.append((body["prb_id"], body["timestamp"], body["stored_timestamp"]))
        self._told_until = now


@pytest.mark.parametrize("seed", range(3))
def test_everybody_is_told_what_can_be_read(seed: int) -> None:
    """Though some look seldom, time leaps, probes join and leave, faults change, and it stops."""
    chance = random.Random(seed)  # noqa: S311 - guards nothing
    with rehearsing(make_world(seed, named_scenario("practice"), EPOCH)) as atlas, atlas.client(atlas.key) as client:
        number = create(client)
        requests = f"/measurements/{number}/participation-requests/"
        arrivals = Arrivals(atlas.rehearsal.platform.faults)
        wanted = (None, frozenset({FIRST_PROBE_ID}), frozenset({FIRST_PROBE_ID, FIRST_PROBE_ID + 1}))
        listeners = [_Listener(atlas, arrivals, number, probes) for probes in wanted]
        for turn in range(40):
            if turn % 10 == 3:
                atlas.faults(*chance.sample(FAULTS, 3), seed=turn)
            if turn in (8, 20):
                change = {"type": "probes", "value": str(FIRST_PROBE_ID + turn % 2), "requested": 1}
                client.post(requests, json=[{**change, "action": "add" if turn == 8 else "remove"}])
            if turn == 35:
                client.delete(f"/measurements/{number}/")
            atlas.advance(chance.choice(STEPS))
            for listener in chance.sample(listeners, chance.randrange(4)):
                listener.listen()
        read = _read(client, number)
        for listener, probes in zip(listeners, wanted, strict=True):
            listener.listen()
            assert sorted(listener.told) == [one for one in read if probes is None or one[0] in probes]
        assert len(read) > 200


def test_what_nobody_comes_for_is_let_go(atlas: RehearsedAtlas) -> None:
    """What is kept does not grow with time."""
    arrivals = Arrivals(atlas.rehearsal.platform.faults)
    listener = _Listener(atlas, arrivals, 1001, None)
    sizes = []
    for _ in range(20):
        atlas.advance(2 * HOUR)
        listener.listen()
        sizes.append(arrivals.n_kept())
    assert max(sizes[10:]) <= max(sizes[5:10])
    other = _Listener(atlas, arrivals, 1001, frozenset({FIRST_PROBE_ID}))
    other.listen()
    atlas.advance(HOUR)
    for _ in range(3):
        atlas.advance(2 * HOUR)
        other.listen()
    assert arrivals.n_kept() < min(sizes[10:])
