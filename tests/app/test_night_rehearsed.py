"""A night of a campaign on a rehearsal: the worker runs it by itself, each cell once, and says what came of it."""

import json
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine

from app.rehearsal.world import make_world, named_scenario
from measurements.agreements.parties import Party
from tests.agreeing_rehearsed import SMALL, agree, runner, set_up
from tests.campaigning import DOCUMENT, NAME, NIGHT_AT
from tests.measurements.agreements.making import CARD
from tests.rehearsing import rehearsing
from tests.weeks import compare, pass_until, working

EVENING = NIGHT_AT - 1_200
DEADLINE_S = 900
NIGHT_S = 3_600
NIGHT = {"kind": "nightly", "mode": "periodic", "begins": "01:00", "ends": "02:00"}


@pytest.mark.slow
def test_a_night_runs_by_itself(database_url: str, engine: Engine, tmp_path: Path) -> None:
    card, file = tmp_path / "card.json", tmp_path / "campaign.yaml"
    card.write_text(json.dumps(CARD | SMALL), "utf-8")
    wanted = DOCUMENT | {"selections": SMALL["selections"], "deadline_s": DEADLINE_S, "schedule": NIGHT}
    file.write_text(yaml.safe_dump(wanted, sort_keys=False), "utf-8")
    with rehearsing(make_world(3, named_scenario("calm"), EVENING), epoch=EVENING) as atlas:
        rasad = runner(database_url, atlas, tmp_path)
        keys = set_up(rasad)
        agree(rasad, keys, card)
        analyst = keys[Party.COMMUNICATIONS_SERVICE]
        planned = json.loads(rasad("campaign", "plan", str(file), "--json", key=analyst).stdout)
        rasad("campaign", "apply", str(file), key=analyst)
        rasad("campaign", "apply", str(file), key=analyst)
        with working(database_url, atlas, RASAD_DATA_DIR=str(tmp_path)) as workers:
            pass_until(atlas, workers, NIGHT_AT + 1_800)
            shown = rasad("campaign", "plan", str(file), key=analyst).stdout
            pass_until(atlas, workers, NIGHT_AT + NIGHT_S + DEADLINE_S + 600)
        status = json.loads(rasad("campaign", "status", NAME, "--json", key=analyst).stdout)
        (night,) = status["rounds"]
        ping, traceroute = night["cells"]
        span = (NIGHT_AT, NIGHT_AT + NIGHT_S)
        verdicts = [
            compare(engine, atlas, one["atlas_id"], span, range(9_100_000, 9_100_100)) for one in night["cells"]
        ]
        with atlas.client(atlas.key) as client:
            made = client.get("/measurements/", params={"mine": "true"}).json()["count"]
        told = rasad("campaign", "status", NAME, key=analyst).stdout

    assert [one["action"] for one in planned["steps"]] == ["create", "create"]
    assert planned["drift"] == []
    assert "= keep" in shown
    assert "0 create, 2 keep, 0 stop, 0 blocked" in shown
    assert made == 2
    assert (night["state"], night["completeness"], status["version"]) == ("closed", 1.0, 1)
    assert (ping["n_expected"], ping["n_received"], ping["missing"]) == (45, 45, None)
    assert (traceroute["n_expected"], traceroute["n_received"], traceroute["missing"]) == (6, 6, None)
    assert [one.missing + one.twice + one.invented for one in verdicts] == [[], []]
    assert status["credits_committed"] == 45 * 3 + 6 * 30
    assert "closed" in told
