"""The command line, run as people run it."""

import csv
import io
import json
import re
import subprocess

import pytest
from typer.testing import CliRunner

from app.cli.main import app
from app.specimens import LABORATORY_PROBES, LABORATORY_RESULTS
from tests.databases import MakeDatabase
from tests.ingesting import command, environment, rasad

COMMANDS = (
    "db upgrade", "ingest", "ingest-measurements", "ingest-probes", "reparse", "series", "results", "targets",
    "measurements", "metrics", "sites", "quarantine list", "quarantine show", "quarantine retry", "serve", "worker",
    "up", "run", "follow", "unfollow", "followed", "collect", "backfill", "rehearsal serve",
    "ingest-registry", "registry refresh", "registry show",
)  # fmt: skip


def run(url: str, *arguments: str, exit_code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    done = subprocess.run(command(*arguments), env=environment(url), capture_output=True, text=True, check=False)
    assert done.returncode == exit_code, done.stderr
    return done


def test_recording_in_series_out(database_url: str) -> None:
    """Ingest prints the keys promised; series, as table, CSV and JSON, are the same numbers."""
    report = rasad(database_url, "ingest", LABORATORY_RESULTS)
    run(database_url, "ingest-probes", str(LABORATORY_PROBES), "--label", "laboratory", "--observed", "2026-11-23")
    ask = ("series", "rtt_median_ms", "--target", "k-root", "--label", "laboratory", "--address-family", "4")

    answer = json.loads(run(database_url, *ask, "--format", "json").stdout)
    as_json = answer["rows"]
    as_csv = list(csv.DictReader(io.StringIO(run(database_url, *ask, "--format", "csv").stdout)))
    table = run(database_url, *ask)

    assert list(report) == [
        "read", "kept", "duplicate", "quarantined", "unsupported", "by_type", "by_reason", "files", "seconds",
    ]  # fmt: skip
    assert (report["read"], report["kept"]) == (2249, 2249)
    assert [float(row["value"]) for row in as_csv] == [row["value"] for row in as_json]
    assert f"{as_json[0]['value']:.3f}" in table.stdout
    assert answer["query"].items() >= {"metric": "rtt_median_ms", "bin": "1h", "label": "laboratory"}.items()
    assert "laboratory data: nothing here was measured on the Internet\n" in table.stderr


def test_results_one_line_each(database_url: str) -> None:
    """All of them as NDJSON and CSV; a table shows the newest."""
    rasad(database_url, "ingest", LABORATORY_RESULTS)
    ask = ("results", "--label", "laboratory", "--type", "ping")

    lines = run(database_url, *ask, "--format", "ndjson").stdout.splitlines()
    rows = list(csv.DictReader(io.StringIO(run(database_url, *ask, "--format", "csv").stdout)))

    assert len(lines) == len(rows) == 817
    assert [json.loads(line)["id"] for line in lines] == [int(row["id"]) for row in rows]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name: str) -> None:
    """Every command shows how it is used."""
    assert "Example" in CliRunner().invoke(app, [*name.split(), "--help"]).output


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        (("ingest", "nowhere.json"), 1, "no such file"),
        (("series", "speed"), 2, "rtt_median_ms"),
        (("series", "loss", "--bin", "5q"), 2, "--bin: '5q' is not a known bin"),
        (("results", "--from", "yesterday"), 2, "--from: 'yesterday' is no instant; write 2026-11-23"),
        (("results", "--atlas-id", "9" * 20), 2, "less than or equal to"),
        (("quarantine", "show", "7"), 1, "no quarantined record"),
        (("quarantine", "show", "9" * 20), 2, "less than or equal to"),
    ],
)
def test_errors_say_what_to_do(
    arguments: tuple[str, ...], exit_code: int, says: str, make_sqlite_database: MakeDatabase
) -> None:
    """Words, no traceback; asked wrongly is 2, as typer has it, and what did not work is 1."""
    done = run(make_sqlite_database(), *arguments, exit_code=exit_code)

    assert says in re.sub(r"\s+", " ", done.stderr)
    assert "Traceback" not in done.stderr


def test_database_that_is_behind_is_named(make_sqlite_database: MakeDatabase) -> None:
    """An empty database is not upgraded behind one's back."""
    done = run(make_sqlite_database(is_migrated=False), "targets", exit_code=1)

    assert "rasad db upgrade" in done.stderr
