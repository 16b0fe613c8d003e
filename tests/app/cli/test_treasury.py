"""`rasad credits`: a party allots, the gate refuses what it cannot pay, and a reconciliation says what was charged."""

import json
from pathlib import Path

import pytest

from measurements.agreements.parties import Party
from tests.agreeing_rehearsed import SMALL, agree, runner, set_up
from tests.databases import MakeDatabase
from tests.measurements.agreements.making import CARD
from tests.rehearsing import rehearsing

DAY = 360 * 3 * 3
"""A day of three packets from three probes, every 240 s."""


@pytest.mark.acceptance("orchestration.6")
def test_a_party_pays_and_sees_what_was_charged(make_database: MakeDatabase, tmp_path: Path) -> None:
    card = tmp_path / "card.json"
    card.write_text(json.dumps(CARD | SMALL), "utf-8")
    with rehearsing() as atlas:
        run = runner(make_database(), atlas, tmp_path)
        keys = set_up(run)
        agree(run, keys, card)
        key = keys[Party.TOJIKTELECOM]
        machine = run("credits", "allot", "1", "--credits", "5", exit_code=1).stderr
        said = run("credits", "allot", "1", "--credits", str(DAY + 1), key=key).stderr
        run("dispatch", "1", key=key)
        refused = run("dispatch", "1", "--dry-run", exit_code=1, key=key).stderr
        again = run("dispatch", "1", exit_code=1, key=key).stderr
        atlas.advance(12 * 3_600)
        done = json.loads(run("credits", "reconcile", "--json").stdout)
        table = run("credits", "reconcile").stdout
        (account,) = json.loads(run("credits", "show", "--json", key=key).stdout)["accounts"]
        entries = json.loads(run("credits", "show", "--entries", "--json").stdout)["entries"]
        run("audit", "verify")

    assert "The role does not allow it" in machine
    assert f"{DAY + 1} credits are available" in said
    assert f"It may cost {DAY}, and 1 are available." in refused
    assert f"It may cost {DAY}, and 1 are available." in again
    assert done["agrees"]
    assert done["charged"] == account["settled"] > 0
    assert "charged" in table
    assert (account["payer"], account["allotted"], account["available"]) == ("tojiktelecom", DAY + 1, 1)
    assert account["held"] == DAY - account["settled"]
    assert [one["kind"] for one in entries] == ["allot", "reserve", "commit", "settle"]
