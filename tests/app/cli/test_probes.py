"""Probes on the command line: asked about, listed, chosen with reasons, and left out."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import app
from app.dependencies import make_clock
from app.store.engine import create_engine_for, writing
from app.store.probes import note_last_words
from measurements.probes import Probe
from measurements.results.outcome import Label
from measurements.units import seconds
from tests.databases import MakeDatabase

COMMANDS = ("list", "choose", "exclude", "include", "excluded", "refresh")


@pytest.fixture
def url(make_sqlite_database: MakeDatabase) -> str:
    """Three of two networks in Tajikistan, one of them an anchor, and one in China."""
    made = make_sqlite_database()
    engine, now_at = create_engine_for(made), seconds(make_clock().now())
    one = Probe(1, now_at, 24722, None, "TJ", None, None, True, True, "Connected", ("home",), now_at - 100, now_at)
    probes = one, one._replace(probe_id=2, is_anchor=False), one._replace(probe_id=3, asn_v4=43197, is_anchor=False)
    with writing(engine) as connection:
        for each in (*probes, one._replace(probe_id=4, country_code="CN")):
            note_last_words(connection, [(Label.MEASURED, each)])
    engine.dispose()
    return made


def run(url: str, *arguments: str, exit_code: int = 0) -> Result:
    """Run a command in this process."""
    environment = {"RASAD_DATABASE_URL": url, "RASAD_KEY": None, "RASAD_LOG_LEVEL": "error"}
    done = CliRunner().invoke(app, ["probes", *arguments], env=environment)
    assert done.exit_code == exit_code, done.output
    return done


def choice(url: str, *options: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(url, "choose", *options, "--json").stdout)
    return told


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name: str) -> None:
    assert "Example" in CliRunner().invoke(app, ["probes", name, "--help"]).output


def test_a_choice_is_explained(url: str) -> None:
    """Who is chosen and why; and who is left out, where that is asked for."""
    done = run(url, "choose", "--country", "TJ", "--n", "2", "--explain")

    chosen, _, left_out = done.stdout.partition("left out")
    assert [part.count("first_of_network") for part in (chosen, left_out)] == [2, 0]
    assert "no_room" in left_out
    assert "2 probes of 2 operators, 1 left out" in done.stderr
    assert "left out" not in run(url, "choose", "--country", "TJ", "--n", "2").stdout
    assert [one["probe_id"] for one in choice(url, "--neighbours")["chosen"]] == [4]
    assert [one["probe_id"] for one in choice(url, "--country", "tj", "--anchors")["chosen"]] == [1]
    assert [one["probe_id"] for one in choice(url, "--asn", "AS43197", "--purpose", "x")["chosen"]] == [3]
    assert choice(url, "--country", "TJ", "--family", "6")["left_out"][0]["reason"] == "no_network"


def test_who_is_excluded_is_not_chosen(url: str) -> None:
    run(url, "exclude", "3", "--reason", "answers for 192.0.2.0/24")
    assert [one["probe_id"] for one in choice(url, "--country", "TJ")["chosen"]] == [1, 2]
    assert "answers for 192.0.2.0/24" in run(url, "excluded").stdout
    assert json.loads(run(url, "excluded", "--json").stdout)["exclusions"][0]["probe_id"] == 3
    assert "answers for 192.0.2.0/24" in run(url, "list").stdout

    run(url, "include", "3")
    assert "none is excluded" in run(url, "excluded").stderr
    assert len(choice(url, "--country", "TJ")["chosen"]) == 3
    assert "was not excluded" in run(url, "include", "1", exit_code=1).stderr


def test_known_probes_are_listed(url: str) -> None:
    rows = [json.loads(line) for line in run(url, "list", "--format", "ndjson", "--limit", "3").stdout.splitlines()]
    assert [one["probe_id"] for one in rows] == [1, 2, 3]
    assert run(url, "list", "--country", "CN", "--format", "csv").stdout.splitlines()[1].startswith("4,CN,24722")
    assert "rasad probes refresh" in run(url, "list", "--label", "rehearsed").stderr


@pytest.mark.parametrize(
    ("options", "field"),
    [(("--family", "5"), "--address-family"), (("--asn", "x"), "--asn"), (("--country", "T"), "--country")],
)
def test_what_makes_no_sense_is_named(url: str, options: tuple[str, str], field: str) -> None:
    assert field in run(url, "choose", *options, exit_code=2).stderr
