"""`rasad dispatch`, `dispatch-settle` and `withdraw` where RIPE Atlas does not answer as it should."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.rehearsal.world import make_world, named_scenario
from measurements.agreements.parties import Party
from tests.agreeing_rehearsed import SMALL, Run, agree, runner, set_up
from tests.databases import MakeDatabase
from tests.measurements.agreements.making import CARD
from tests.rehearsing import EPOCH, RehearsedAtlas, rehearsing

LOST = {"kind": "reply_lost", "every": 1, "limit": 1, "method": "POST"}


@pytest.fixture
def atlas() -> Iterator[RehearsedAtlas]:
    """A rehearsal whose time stands still."""
    with rehearsing(make_world(3, named_scenario("calm"), EPOCH)) as found:
        yield found


@pytest.fixture
def keys() -> dict[Party, str]:
    """Filled when they agree."""
    return {}


@pytest.fixture
def run(atlas: RehearsedAtlas, make_database: MakeDatabase, tmp_path: Path, keys: dict[Party, str]) -> Run:
    """Runs a command after the parties agreed; the analyst's unless another is named."""
    card = tmp_path / "card.json"
    card.write_text(json.dumps(CARD | SMALL), "utf-8")
    go = runner(make_database(), atlas, tmp_path)
    keys.update(set_up(go))
    agree(go, keys, card)
    return go


def test_a_withdrawal_stops_what_was_made_unheard(atlas: RehearsedAtlas, run: Run, keys: dict[Party, str]) -> None:
    analyst = keys[Party.RIPE_NCC]
    atlas.faults(LOST)
    lost = run("dispatch", "1", key=analyst, exit_code=1).stderr
    explained = run("agreement", "explain", "1", key=analyst).stdout

    withdrawn = json.loads(run("withdraw", "1", "--json", key=keys[Party.TOJIKTELECOM]).stdout)

    assert "looked up by its tag" in lost
    assert "the answer was lost" in explained
    (measurement,) = withdrawn["measurements"]
    with atlas.client(atlas.key) as client:
        made = client.get(f"/measurements/{measurement['atlas_id']}/").json()
    assert (withdrawn["is_complete"], made["status"]["name"]) == (True, "Stopped")


def test_a_person_says_which_of_two_it_is(atlas: RehearsedAtlas, run: Run, keys: dict[Party, str]) -> None:
    """What was made twice under its tag is shown, and nothing is settled by itself."""
    analyst = keys[Party.RIPE_NCC]
    atlas.faults(LOST)
    run("dispatch", "1", key=analyst, exit_code=1)
    with atlas.client(atlas.key) as client:
        (made,) = client.get("/measurements/my/").json()["results"]
        names = ("type", "af", "target", "description", "interval", "packets", "tags")
        definition = {name: made[name] for name in names}
        body = {
            "definitions": [definition], "probes": [{"type": "country", "value": "TJ", "requested": 3}],
            "start_time": made["start_time"], "stop_time": made["stop_time"],
        }  # fmt: skip
        (again,) = client.post("/measurements/", json=body).json()["measurements"]

    def settle(*which: str, code: int = 1) -> str:
        return run("dispatch-settle", "1", *which, key=analyst, exit_code=code).stderr

    neither, unknown = settle(code=2), settle("--adopt", "7")
    explained = run("agreement", "explain", "1", key=analyst).stdout
    settled = settle("--adopt", str(again), code=0)
    afterwards = settle("--give-up")

    assert "--adopt" in neither
    assert f"{made['id']}" in unknown
    assert f"{again}" in unknown
    assert "rasad dispatch-settle 1 --adopt ATLAS_ID, or --give-up" in explained
    assert f"it is measurement {again}" in settled
    assert "known" in afterwards


def test_what_is_found_alone_leaves_nothing_to_settle(atlas: RehearsedAtlas, run: Run, keys: dict[Party, str]) -> None:
    analyst = keys[Party.RIPE_NCC]
    atlas.faults(LOST)
    run("dispatch", "1", key=analyst, exit_code=1)

    assert "nothing is left to settle" in run("dispatch-settle", "1", "--give-up", key=analyst, exit_code=1).stderr


def test_a_missing_key_is_named_and_no_measurement_has_so_many_probes(
    run: Run, keys: dict[Party, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    analyst = keys[Party.RIPE_NCC]
    monkeypatch.setenv("RASAD_ATLAS_CREATE_KEY", "no-such-key")
    said = run("dispatch", "1", key=analyst, exit_code=1).stderr
    explained = run("agreement", "explain", "1", key=analyst).stdout
    many = run("dispatch", "1", "--probes", "1001", key=analyst, exit_code=2).stderr

    assert "set RASAD_ATLAS_CREATE_KEY" in said
    assert "It is tried again later and later" in explained
    assert "1000" in many
