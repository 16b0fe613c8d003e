"""The commands that tell what can be asked for, and what is known about it."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from app.cli.main import app
from app.main import create_app
from app.settings import Settings
from app.specimens import LABORATORY_MEASUREMENTS, LABORATORY_RESULTS
from measurements.results.instances import k_root_sites
from tests.ingesting import StillClock, environment, write_lines

COMMANDS = {
    "targets": ("targets", "/api/v1/targets", {}),
    "measurements": ("measurements", "/api/v1/measurements", {"label": "laboratory"}),
    "metrics": ("metrics", "/api/v1/metrics", {}),
    "sites": ("sites", "/api/v1/sites", {"country": "nl"}),
}
"""Each with the list in its answer, its address over HTTP, and something to ask for."""


def say(url: str, *arguments: str) -> Result:
    """Run a command to its end, in this process."""
    done = CliRunner().invoke(app, arguments, env=environment(url))
    assert done.exit_code == 0, done.stderr
    return done


@pytest.fixture
def laboratory_url(database_url: str) -> str:
    """A database with the laboratory's recording."""
    say(database_url, "ingest", str(LABORATORY_RESULTS), "--workers", "1")
    say(database_url, "ingest-measurements", str(LABORATORY_MEASUREMENTS), "--label", "laboratory")
    return database_url


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_line_lists_what_the_api_lists(name: str, laboratory_url: str) -> None:
    """As JSON under the same names; as CSV and as a table the same entries."""
    key, path, ask = COMMANDS[name]
    options = [part for option, value in ask.items() for part in (f"--{option}", value)]
    with TestClient(create_app(Settings(database_url=laboratory_url), StillClock())) as client:
        over_http: dict[str, Any] = client.get(path, params=ask).json()

    as_json = json.loads(say(laboratory_url, name, *options, "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(say(laboratory_url, name, *options, "--format", "csv").stdout)))
    table = say(laboratory_url, name, *options).stdout

    assert over_http.pop("next_cursor", None) is None
    assert as_json == over_http
    named = {str(next(iter(entry.values()))) for entry in as_json[key]}
    assert named
    assert {next(iter(row.values())) for row in rows} == named
    assert [word for word in named if word not in table] == []


def test_all_sites_of_the_table_are_shown(database_url: str) -> None:
    """With where each is, how far it is announced, and of when this is known."""
    done = say(database_url, "sites")

    assert [code for code in k_root_sites() if code not in done.stdout] == []
    assert "tj-dyu  TJ       Dushanbe" in done.stdout
    assert done.stdout.startswith("sites of k-root · 2025-07-03 · root-servers.org")


def test_a_list_goes_on_behind_its_first_page(database_url: str, tmp_path: Path) -> None:
    """However many measurements are known."""
    objects = [{"id": number, "type": "ping", "af": 4, "target": "k.root-servers.net"} for number in range(1, 1502)]
    path = write_lines(tmp_path / "objects", [json.dumps(one).encode() for one in objects])
    say(database_url, "ingest-measurements", str(path))

    listed = json.loads(say(database_url, "measurements", "--format", "json").stdout)["measurements"]

    assert [one["atlas_id"] for one in listed] == list(range(1, 1502))


def test_nothing_held_is_said(database_url: str) -> None:
    """With what to do about it; and no empty table."""
    done = say(database_url, "measurements", "--label", "rehearsed")

    assert done.stdout == ""
    assert "none is held as rehearsed; rasad ingest-measurements FILE" in done.stderr
