"""The commands by which what is held is looked after: quarantine, reparse, worker."""

import json
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from app.cli.main import app
from app.cli.output import TABLE_ROWS
from app.operations.list_quarantine import WALK
from app.specimens import LABORATORY_RESULTS
from app.store.engine import transactions
from app.store.followed import follow
from measurements.campaigns.collecting import begin
from measurements.results.outcome import Label
from tests.databases import MakeDatabase
from tests.delivering import ping
from tests.ingesting import command, environment, ingest, rasad, write_lines

BROKEN = [b'{"msm_id":1001,"prb_id":1,"timestamp":1795471600,"type":"ping","fw":5120', b'{"prb_id":7}', b"{}\xff"]


@pytest.fixture
def broken_url(database_url: str, engine: Engine, tmp_path: Path) -> str:
    """A database with the laboratory's recording, and three records that nobody can read."""
    report = ingest(engine, LABORATORY_RESULTS, write_lines(tmp_path / "broken.ndjson", BROKEN))
    assert report.quarantined == len(BROKEN)
    return database_url


def say(url: str, *arguments: str) -> Result:
    """Run a command to its end, in this process: one of its own takes two seconds to start."""
    done = CliRunner().invoke(app, arguments, env=environment(url))
    assert done.exit_code == 0, done.stderr
    return done


def test_quarantine_is_listed_and_shown(broken_url: str) -> None:
    """Each record with its reason and file; one of them whole, and safe to print."""
    listed = [
        json.loads(line) for line in say(broken_url, "quarantine", "list", "--format", "ndjson").stdout.splitlines()
    ]
    table = say(broken_url, "quarantine", "list")
    shown = json.loads(say(broken_url, "quarantine", "show", str(listed[0]["id"])).stdout)

    assert {record["reason"] for record in listed} == {"truncated", "not_a_result", "not_json"}
    assert table.stdout.count("broken.ndjson") == len(BROKEN)
    assert "The record ends in the middle" in table.stderr
    assert shown["id"] == listed[0]["id"]
    assert "\\xff" in {record["text"][2:6] for record in listed}


def test_all_of_a_long_quarantine_can_be_listed(database_url: str, engine: Engine, tmp_path: Path) -> None:
    """As lines or CSV every record, once; a table has the last ones, and says that there are more."""
    n_records = WALK + 500
    bodies = [ping(1.5), *(b'{"prb_id":%d}' % number for number in range(n_records))]
    ingest(engine, write_lines(tmp_path / "broken.ndjson", bodies))

    listed = say(database_url, "quarantine", "list", "--format", "ndjson").stdout.splitlines()
    table = say(database_url, "quarantine", "list")
    asked = say(database_url, "quarantine", "list", "--limit", str(n_records), "--reason", "not_a_result")

    ids = [json.loads(line)["id"] for line in listed]
    assert ids == sorted(set(ids), reverse=True)
    assert len(ids) == n_records
    assert table.stdout.count("broken.ndjson") == TABLE_ROWS
    assert f"only the last {TABLE_ROWS} are shown" in table.stderr
    assert asked.stdout.count("broken.ndjson") == n_records
    assert "are shown" not in asked.stderr


def test_what_cannot_be_read_cannot_be_read_again(broken_url: str) -> None:
    """A retry says so, in words and as JSON."""
    said = say(broken_url, "quarantine", "retry").stderr
    answer = json.loads(say(broken_url, "quarantine", "retry", "--json").stdout)

    assert "read 3 quarantined records again: 0 became results" in said
    assert (answer["read"], answer["by_status"]) == (3, {})


def test_a_reparse_of_what_was_read_well_changes_nothing(broken_url: str) -> None:
    """And says so, number by number."""
    answer = rasad(broken_url, "reparse")

    assert answer["read"] == 2249 + len(BROKEN)
    assert {name: value for name, value in answer.items() if name.startswith("n_") and value} == {}
    assert (answer["by_status"], answer["by_field"]) == ({}, {})
    assert "n_results_added" in say(broken_url, "reparse").stderr


def test_a_worker_that_is_told_twice_to_end_does_not_wait(
    make_sqlite_database: MakeDatabase, open_engine: Callable[[str], Engine]
) -> None:
    """A handshake that hangs is waited for some seconds, and whoever presses Ctrl-C again has none."""
    url = make_sqlite_database()
    with transactions(open_engine(url))() as connection:
        follow(connection, 1001, Label.MEASURED, begin(1_795_000_000, None, (1,), 1_795_000_000), 1_795_000_000)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"https://127.0.0.1:{silent.getsockname()[1]}"
        settings = {**environment(url), "RASAD_STREAM": "0", "RASAD_ATLAS_URL": address}
        with subprocess.Popen(command("worker"), env=settings, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            with silent.accept()[0]:
                process.send_signal(signal.SIGTERM)
                while "ends what is in hand" not in process.stderr.readline():
                    assert process.poll() is None
                process.send_signal(signal.SIGTERM)
                process.stderr.read()
    assert process.returncode == -signal.SIGTERM


def test_a_worker_runs_until_it_is_told_to_stop(database_url: str) -> None:
    """And then ends well."""
    with subprocess.Popen(
        command("worker"), env={**environment(database_url), "RASAD_STREAM": "0"}, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert "the worker is running" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read()

    assert (process.returncode, said) == (0, "the worker ends what is in hand\n")
