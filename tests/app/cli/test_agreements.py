"""The whole way on the command line: from nobody to a measurement on a rehearsal, and back out of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli.main import app
from app.rehearsal.world import make_world, named_scenario
from measurements.agreements.parties import Party
from tests.agreeing_rehearsed import SMALL, agree, runner, set_up
from tests.databases import MakeDatabase
from tests.measurements.agreements.making import CARD
from tests.rehearsing import EPOCH, rehearsing

COMMANDS = (
    "agreement check", "agreement open", "agreement draft", "agreement list", "agreement show", "agreement explain",
    "agreement consult", "agreement submit", "agreement vote", "agreement suspend", "agreement resume",
    "agreement narrow", "memorandum show", "memorandum sign", "memorandum notice", "memorandum rule",
    "memorandum confirm", "memorandum amend", "memorandum approve", "target list", "target put", "target opt-out",
    "target confirm", "target consent", "target withdraw-consent", "target notice", "target opt-in", "target approve",
    "reminders list", "reminders acknowledge", "dispatch", "dispatch-settle", "withdraw",
)  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name: str) -> None:
    assert "Example" in CliRunner().invoke(app, [*name.split(), "--help"]).output


def test_the_whole_way(make_database: MakeDatabase, tmp_path: Path) -> None:
    card = tmp_path / "card.json"
    card.write_text(json.dumps(CARD | SMALL), "utf-8")
    with rehearsing(make_world(3, named_scenario("calm"), EPOCH)) as atlas:
        run = runner(make_database(), atlas, tmp_path)
        keys = set_up(run)
        analyst = keys[Party.COMMUNICATIONS_SERVICE]
        agree(run, keys, card)
        run("dispatch", "1", key=analyst)
        explained = run("agreement", "explain", "1", key=analyst).stdout
        refused = run("dispatch", "1", "--to", "2027-07-01", key=analyst, exit_code=1).stderr
        withdrawn = json.loads(run("withdraw", "1", "--json", key=keys[Party.TOJIKTELECOM]).stdout)
        afterwards = run("agreement", "explain", "1", key=analyst).stdout
        shown: Any = json.loads(run("agreement", "show", "1", key=analyst).stdout)
        (listed,) = json.loads(run("agreement", "list", "--json", key=analyst).stdout)["agreements"]
        run("audit", "verify")
        (measurement,) = withdrawn["measurements"]
        with atlas.client(atlas.key) as client:
            made = client.get(f"/measurements/{measurement['atlas_id']}/").json()

    assert "ping to k-root: permitted" in explained
    assert "It would run for longer than the agreement." in refused
    assert withdrawn["is_complete"]
    assert (made["target"], made["status"]["name"]) == ("193.0.14.129", "Stopped")
    assert "refused. A party has withdrawn." in afterwards
    assert (shown["state"], listed["state"]) == ("withdrawn", "withdrawn")
    assert shown["possible"] == []


def test_nobody_votes_for_another_party_and_the_machine_for_none(make_database: MakeDatabase, tmp_path: Path) -> None:
    card = tmp_path / "card.json"
    card.write_text(json.dumps(CARD | SMALL), "utf-8")
    with rehearsing(make_world(3, named_scenario("calm"), EPOCH)) as atlas:
        run = runner(make_database(), atlas, tmp_path)
        keys = set_up(run)
        nobody = run("agreement", "open", str(card), exit_code=1).stderr
        agree(run, keys, card)
        again = run("agreement", "vote", "1", "decline", "--digest", "0", key=keys[Party.RIPE_NCC], exit_code=1).stderr
        machine = run("withdraw", "1", exit_code=1).stderr
        missing = run("agreement", "show", "7", exit_code=1).stderr

    assert "The role does not allow it" in nobody
    assert "nothing is put before the parties" in again
    assert "The role does not allow it" in machine
    assert "There is no agreement 7" in missing


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "is not JSON"), ("{}", "/purpose: Field required"), (json.dumps(CARD | {"max_probes": 0}), "/max_probes")],
)
def test_a_card_that_makes_no_sense_is_told_at_its_place(text: str, said: str, tmp_path: Path) -> None:
    card = tmp_path / "card.json"
    card.write_text(text, "utf-8")

    done = CliRunner().invoke(app, ["agreement", "check", str(card)])

    assert done.exit_code == 1
    assert said in done.stderr
