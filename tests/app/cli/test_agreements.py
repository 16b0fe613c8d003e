"""The whole way on the command line: from nobody to a measurement on a rehearsal, and back out of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import app
from app.rehearsal.world import make_world, named_scenario
from measurements.agreements.card import digest
from measurements.agreements.parties import Party
from tests.databases import MakeDatabase
from tests.measurements.agreements.making import CARD, make_card
from tests.rehearsing import EPOCH, RehearsedAtlas, rehearsing

COMMANDS = (
    "agreement check", "agreement open", "agreement draft", "agreement list", "agreement show", "agreement explain",
    "agreement consult", "agreement submit", "agreement vote", "agreement suspend", "agreement resume",
    "agreement narrow", "memorandum show", "memorandum sign", "memorandum notice", "memorandum rule",
    "memorandum confirm", "memorandum amend", "memorandum approve", "target list", "target put", "target opt-out",
    "target confirm", "target consent", "target withdraw-consent", "target notice", "reminders list",
    "reminders acknowledge", "dispatch", "withdraw",
)  # fmt: skip
SMALL = {"selections": [{"by": "country", "value": "TJ", "requested": 3}], "max_probes": 3}
Run = Callable[..., Result]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name: str) -> None:
    assert "Example" in CliRunner().invoke(app, [*name.split(), "--help"]).output


def runner(url: str, atlas: RehearsedAtlas, folder: Path) -> Run:
    """Runs a command in this process, on a rehearsal, with somebody's key."""
    settings = {
        "RASAD_DATABASE_URL": url, "RASAD_DATA_DIR": str(folder), "RASAD_LOG_LEVEL": "error",
        "RASAD_ATLAS_URL": atlas.http, "RASAD_ATLAS_IS_REHEARSAL": "1", "RASAD_ATLAS_KEY": atlas.key,
    }  # fmt: skip

    def run(*arguments: str, key: str | None = None, exit_code: int = 0) -> Result:
        done = CliRunner().invoke(app, arguments, env={**settings, "RASAD_KEY": key})
        assert done.exit_code == exit_code, (arguments, done.output, done.exception)
        return done

    return run


def set_up(run: Run) -> dict[Party, str]:
    """People of every party with their keys, a memorandum in force, and K-root in the catalogue."""
    run("admin", "create", "--name", "Firuz", "--contact", "firuz@example.net")
    keys = {}
    for party in Party:
        person = ("--name", party.value, "--contact", "-", "--party", party.value, "--role", "representative")
        number = str(json.loads(run("people", "add", *person, "--json").stdout)["id"])
        keys[party] = run("keys", "issue", number, "--name", "laptop").stdout.strip()
        run("designate", number, "--duty", "coordination", "--act", "letter")
        run("memorandum", "sign", party.value, "2026-03-02")
    run("memorandum", "confirm", key=keys[Party.RIPE_NCC])
    owner = ("--owner", "RIPE NCC", "--party", "ripe_ncc", "--contact", "ops@example.net", "--publicness", "for_anyone")
    run("target", "put", "k-root", *owner, "--type", "ping", "--type", "traceroute")
    return keys


def agree(run: Run, keys: dict[Party, str], card: Path) -> None:
    """Agreement 1, from its draft to three votes."""
    first = keys[Party.RIPE_NCC]
    everybody = [word for party in Party for word in ("--party", party.value)]
    run("agreement", "open", str(card), key=first)
    run("agreement", "consult", "1", *everybody, "--shown", "the draft", key=first)
    submitted = run("agreement", "submit", "1", key=first).stdout.strip()
    assert submitted == run("agreement", "check", str(card)).stdout.strip() == digest(make_card(**SMALL))
    for key in keys.values():
        run("agreement", "vote", "1", "approve", "--digest", submitted, "--public", key=key)


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
