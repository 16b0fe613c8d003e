"""The levers: time over HTTP, the ledger, counts of calls; and what outlives a restart."""

import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.rehearsal.contract import FIRST_PROBE_ID
from app.rehearsal.ledger import identity
from tests.app.rehearsal.asking import create
from tests.app.rehearsal.tiny import BUILTIN_PING
from tests.rehearsing import EPOCH, RehearsedAtlas, rehearsing


class _Participant(threading.Thread):
    """Somebody who waits in a thread of its own."""

    def __init__(self, atlas: RehearsedAtlas, name: str, until: float) -> None:
        super().__init__()
        self._url, self._body = f"{atlas.http}/rehearsal/clock/wait", {"participant": name, "until": until}
        self.came_back_at: float | None = None

    def run(self) -> None:
        """Wait."""
        answer = httpx.post(self._url, json=self._body, timeout=30, trust_env=False)
        self.came_back_at = answer.json()["now"]


def _wait_for(atlas: RehearsedAtlas, expected: dict[str, float | None]) -> None:
    """Until these take part."""
    deadline = time.monotonic() + 10
    while (found := atlas.control.get("/clock").json()["participants"]) != expected:
        assert time.monotonic() < deadline, found


def test_those_who_wait_are_woken_one_after_the_other(atlas: RehearsedAtlas) -> None:
    """The first when all wait, the next when the first waits again or is gone."""
    atlas.control.get("/clock", params={"participant": "test"})
    late, early = _Participant(atlas, "late", EPOCH + 900), _Participant(atlas, "early", EPOCH + 300)
    late.start()
    early.start()
    _wait_for(atlas, {"test": None, "late": EPOCH + 900, "early": EPOCH + 300})
    atlas.control.post("/clock/leave", json={"participant": "test"})
    early.join()
    assert early.came_back_at == EPOCH + 300
    assert late.is_alive()
    atlas.control.post("/clock/leave", json={"participant": "early"})
    late.join()
    assert late.came_back_at == EPOCH + 900


def test_one_who_dies_waiting_is_forgotten(atlas: RehearsedAtlas) -> None:
    """As soon as its connection is closed."""
    atlas.control.get("/clock", params={"participant": "test"})
    with pytest.raises(httpx.ReadTimeout):
        atlas.control.post("/clock/wait", json={"participant": "dying", "until": EPOCH + 60}, timeout=0.2)
    _wait_for(atlas, {"test": None})


def test_one_who_is_never_heard_of_again_holds_nobody_up(atlas: RehearsedAtlas) -> None:
    """After its lease, which it may choose."""
    atlas.control.get("/clock", params={"participant": "dead"})
    begun = time.monotonic()
    waiting = {"participant": "living", "until": EPOCH + 60, "lease_s": 1}
    assert atlas.control.post("/clock/wait", json=waiting).json() == {"now": EPOCH + 60}
    assert time.monotonic() - begun > 1


def test_time_can_be_set_forward_and_run(atlas: RehearsedAtlas) -> None:
    """To an instant, by a time, or faster."""
    assert atlas.control.post("/clock/advance", json={"to": EPOCH + 50}).json()["now"] == EPOCH + 50
    assert atlas.control.post("/clock/advance", json={"by": 50}).json()["now"] == EPOCH + 100
    atlas.control.put("/clock", json={"speed": 1000})
    waited = atlas.control.post("/clock/wait", json={"participant": "a", "until": EPOCH + 300}).json()
    assert waited["now"] >= EPOCH + 300


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/clock/wait", {}),
        ("/clock/wait", {"participant": "", "until": 1}),
        ("/clock/leave", []),
        ("/clock/advance", 1),
    ],
)
def test_what_is_not_understood(atlas: RehearsedAtlas, path: str, body: Any) -> None:
    """Is told so."""
    assert atlas.control.post(path, json=body).status_code == 422
    assert atlas.control.put("/faults", json={"rules": [{"kind": "x"}]}).status_code == 422
    assert atlas.control.get("/ledger").status_code == 422
    assert atlas.control.get("/ledger", params={"msm": 4711}).status_code == 404


def test_the_ledger_holds_what_one_can_read(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """Late ones when they have arrived, doubled ones once, those of a wrong clock as they were written."""
    number = create(client)
    atlas.faults(
        {"kind": "late", "probability": 0.3, "least_s": 600, "most_s": 7200},
        {"kind": "duplicate", "every": 3, "least_s": 60, "most_s": 600},
        {"kind": "clock_skew", "probability": 0.3, "offset_s": -900},
    )
    atlas.advance(4 * 3600)
    for _ in range(2):
        read = client.get(f"/measurements/{number}/results/", params={"start": 0}).json()
        assert set(atlas.ledger(number)) == {identity(body) for body in read}
        assert len(read) > len(atlas.ledger(number)) > 90
        atlas.advance(3 * 3600)
    assert set(atlas.ledger(number, until=EPOCH + 4 * 3600)) < set(atlas.ledger(number))
    lines = atlas.control.get("/ledger", params={"msm": number, "format": "lines"}).text.splitlines()
    assert len(lines) == len(atlas.ledger(number))
    assert len(atlas.ledger(BUILTIN_PING, **{"from": EPOCH, "to": EPOCH + 239})) == 11
    two = f"{FIRST_PROBE_ID},{FIRST_PROBE_ID + 1}"
    some = atlas.ledger(BUILTIN_PING, **{"from": EPOCH, "to": EPOCH + 239, "probe_ids": two})
    assert sorted(line.split(",")[1] for line in some) == two.split(",")
    assert atlas.control.get("/ledger", params={"msm": BUILTIN_PING, "probe_ids": "1,x"}).status_code == 422


def test_what_was_created_outlives_a_restart(tmp_path: Path) -> None:
    """With its results, its number and what time it is."""
    kept = tmp_path / "state.json"
    with rehearsing(state_file=kept) as atlas, atlas.client(atlas.key) as client:
        number = create(client)
        atlas.advance(3600)
        before = client.get(f"/measurements/{number}/").json()
        results = client.get(f"/measurements/{number}/results/").json()
    with rehearsing(state_file=kept) as atlas, atlas.client(atlas.key) as client:
        assert atlas.now() == EPOCH + 3600
        after = client.get(f"/measurements/{number}/").json()
        assert {**after, "result": "", "group": ""} == {**before, "result": "", "group": ""}
        assert client.get(f"/measurements/{number}/results/").json() == results
        assert create(client) == number + 1
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_calls_are_counted(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """By method, address and status, until they are forgotten."""
    number = create(client)
    client.get(f"/measurements/{number}/")
    client.get("/measurements/1001")
    client.get("/measurements/4711/")
    assert atlas.calls() == {
        "GET /api/v2/measurements/{id}": {"200": 2, "404": 1}, "POST /api/v2/measurements": {"201": 1}
    }  # fmt: skip
    atlas.control.delete("/requests")
    assert atlas.calls() == {}
