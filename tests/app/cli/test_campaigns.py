"""`rasad campaign` on a rehearsal: what is planned, applied, told and refused."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.main import app
from app.rehearsal.world import make_world, named_scenario
from measurements.agreements.parties import Party
from measurements.campaigns.campaign import digest, read_campaign
from measurements.campaigns.document import read_document
from measurements.campaigns.shipping import shipped_campaign
from tests.agreeing_rehearsed import SMALL, agree, runner, set_up
from tests.campaigning import DOCUMENT, NAME
from tests.databases import MakeDatabase
from tests.measurements.agreements.making import CARD
from tests.rehearsing import EPOCH, rehearsing

COMMANDS = ("plan", "apply", "list", "status", "run", "pause", "resume", "stop", "shipped", "summary")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name: str) -> None:
    assert "Example" in CliRunner().invoke(app, ["campaign", name, "--help"]).output


def test_the_whole_way(make_database: MakeDatabase, tmp_path: Path) -> None:
    card, file, wider = (tmp_path / name for name in ("card.json", "campaign.json", "wider.json"))
    card.write_text(json.dumps(CARD | SMALL), "utf-8")
    wanted = DOCUMENT | {"selections": SMALL["selections"]}
    file.write_text(json.dumps(wanted), "utf-8")
    dns = {"targets": ["k-root"], "type": "dns", "families": [4], "interval_s": 600,
           "parameters": {"query_type": "SOA", "query_argument": "."}}  # fmt: skip
    wider.write_text(json.dumps(wanted | {"matrix": [*DOCUMENT["matrix"], dns], "budget_credits": 1_000}), "utf-8")
    with rehearsing(make_world(3, named_scenario("calm"), EPOCH)) as atlas:
        rasad = runner(make_database(), atlas, tmp_path)
        keys = set_up(rasad)
        analyst = keys[Party.COMMUNICATIONS_SERVICE]
        unknown = rasad("campaign", "apply", str(file), key=analyst, exit_code=2).stderr
        agree(rasad, keys, card)
        machine = rasad("campaign", "apply", str(file), exit_code=1).stderr
        applied = rasad("campaign", "apply", str(file), key=analyst).stderr
        again = rasad("campaign", "apply", str(file), key=analyst).stderr
        planned = rasad("campaign", "plan", str(wider), key=analyst).stdout
        (listed,) = json.loads(rasad("campaign", "list", "--json", key=analyst).stdout)["campaigns"]
        asked = rasad("campaign", "run", NAME, key=analyst).stderr
        paused = rasad("campaign", "pause", NAME, key=analyst).stderr
        rasad("campaign", "run", NAME, key=analyst, exit_code=1)
        resumed = rasad("campaign", "resume", NAME, key=analyst).stderr
        rasad("campaign", "stop", NAME, key=analyst)
        rasad("campaign", "resume", NAME, key=analyst, exit_code=1)
        told = rasad("campaign", "status", NAME, key=analyst).stdout
        rasad("audit", "verify")
        missing = rasad("campaign", "status", "another", key=analyst, exit_code=1).stderr

    assert "--agreement-id: there is no agreement 1" in unknown
    assert "Not permitted" in machine
    assert "version 1, is applied; its next round is due at 2027-01-15T20:00:00Z" in applied
    assert "version 1, is as it was" in again
    assert "! blocked dns to k-root, IPv4, query_type SOA, query_argument ." in planned
    assert "The agreement does not name this type of measurement toward this target." in planned
    assert "That is more than the budget" in planned
    assert (listed["name"], listed["state"], listed["n_cells"]) == (NAME, "active", 2)
    assert "2 measurements are permitted, 0 refused" in asked
    assert "is paused" in paused
    assert "its next round is due at 2027-01-15T20:00:00Z" in resumed
    assert "k-root-tj, version 1: stopped; next round never" in told
    assert "There is no campaign another." in missing


def test_what_is_shipped_can_be_kept_and_applied() -> None:
    rasad = CliRunner()

    listed = rasad.invoke(app, ["campaign", "shipped"]).output
    text = rasad.invoke(app, ["campaign", "shipped", NAME, "--agreement", "3"]).output
    card = rasad.invoke(app, ["campaign", "shipped", NAME, "--card"]).output

    assert "k-root-tj: K-root from Tajikistan, every night" in listed
    assert digest(read_campaign(read_document(text))) == digest(shipped_campaign(NAME, 3))
    assert json.loads(card)["max_probes"] == 20


@pytest.mark.parametrize(
    ("text", "says"),
    [(None, "No such file"), (b"\xff", "is no text"), (b"a: [", "line 1"), (b"name: x", "--title: Field required")],
)
def test_a_file_that_is_no_campaign_is_refused(tmp_path: Path, text: bytes | None, says: str) -> None:
    file = tmp_path / "campaign.yaml"
    if text is not None:
        file.write_bytes(text)

    done = CliRunner().invoke(app, ["campaign", "apply", str(file)])

    assert done.exit_code in (1, 2)
    assert says in done.stderr
