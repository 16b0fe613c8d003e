"""`rasad request`: from a question to a measurement on a rehearsal, and out of it again, on the command line."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from app.cli.main import app
from app.dependencies import atlas_clock
from app.doors import make_atlas
from app.operations.send_dispatches import send_intended
from app.rehearsal.world import make_world, named_scenario
from app.settings import Settings
from app.store.engine import create_engine_for, transactions
from measurements.agreements.parties import Party
from measurements.results.outcome import Label
from tests.agreeing_rehearsed import SMALL, agree, runner, set_up
from tests.databases import MakeDatabase
from tests.measurements.agreements.making import CARD
from tests.rehearsing import EPOCH, RehearsedAtlas, rehearsing


def send_everything(url: str, atlas: RehearsedAtlas) -> int:
    """What a worker does with what is intended; gives how much was sent."""
    settings = Settings(database_url=url, atlas_url=atlas.http, atlas_is_rehearsal=True, atlas_key=SecretStr(atlas.key))
    engine = create_engine_for(url)
    with atlas_clock(settings) as clock, make_atlas(settings, clock) as gateway:
        n_sent = send_intended(transactions(engine), gateway, clock, Label.REHEARSED)
    engine.dispose()
    return n_sent


@pytest.mark.parametrize("name", ["ask", "templates", "show", "list", "cancel", "extend", "clone"])
def test_help_has_an_example(name: str) -> None:
    assert "Example" in CliRunner().invoke(app, ["request", name, "--help"]).output


def test_the_whole_way(make_database: MakeDatabase, tmp_path: Path) -> None:
    """Tried, asked for, sent, shown, extended, cancelled and asked again."""
    card = tmp_path / "card.json"
    card.write_text(json.dumps(CARD | SMALL), "utf-8")
    with rehearsing(make_world(3, named_scenario("calm"), EPOCH)) as atlas:
        run = runner(make_database(), atlas, tmp_path)
        keys = set_up(run)
        key = keys[Party.COMMUNICATIONS_SERVICE]
        asks = ("request", "ask", "k-root", "--family", "4", "--type", "ping", "--every", "1800", "--to", "2027-01-20")
        before = run(*asks, "--dry-run", key=key)
        agree(run, keys, card)
        tried = run(*asks, "--dry-run", key=key)
        asked = run(*asks, "--json", key=key)
        listed = run("request", "list", key=key)
        run("request", "extend", "1", "--to", "2027-01-25", key=key)
        wider = run("request", "extend", "1", "--to", "2027-12-25", key=key, exit_code=1)
        cancelled = run("request", "cancel", "1", "--json", key=key)
        again = run("request", "clone", "1", "--probes", "2", key=key)
        shown = json.loads(run("request", "show", "2", "--json", key=key).stdout)
        refused = run("request", "ask", "k-root", "--place", "Dushanbe", "--type", "ntp", key=key, exit_code=2)
        templates = json.loads(run("request", "templates", "--json").stdout)
        nobody = run("request", "ask", "k-root", exit_code=1)

    assert "none comes near" in before.stdout
    assert "It would be permitted." in tried.stdout
    assert "measurement 1001 answers it for free" in tried.stdout
    assert [one["state"] for one in json.loads(asked.stdout)["runs"]] == ["planned"]
    assert "ping to k-root" in listed.stdout
    assert "approval of all three parties" in wider.stderr
    assert json.loads(cancelled.stdout)["state"] == "cancelled"
    assert "Request 2: ping to k-root (planned)" in again.stdout
    assert (shown["cloned_from"], shown["runs"][0]["n_probes"]) == (1, 2)
    assert "--places/0: 'Dushanbe' is no place" in refused.stderr
    assert "--measurements/0/type" in refused.stderr
    assert "k-root-inside" in {one["template"] for one in templates["templates"]}
    assert "Not permitted" in nobody.stderr


def test_what_runs_is_stopped_when_it_is_cancelled(make_database: MakeDatabase, tmp_path: Path) -> None:
    """At RIPE Atlas itself, or here at the rehearsal, before the command ends."""
    card = tmp_path / "card.json"
    card.write_text(json.dumps(CARD | SMALL), "utf-8")
    with rehearsing(make_world(3, named_scenario("calm"), EPOCH)) as atlas:
        url = make_database()
        run = runner(url, atlas, tmp_path)
        keys = set_up(run)
        agree(run, keys, card)
        key = keys[Party.COMMUNICATIONS_SERVICE]
        run("request", "ask", "k-root", "--family", "4", key=key)
        sent = send_everything(url, atlas)
        cancelled = json.loads(run("request", "cancel", "1", "--json", key=key).stdout)

    assert sent == 1
    assert cancelled["runs"][0]["atlas_id"] is not None
    assert (cancelled["state"], cancelled["n_under_way"]) == ("cancelled", 0)
