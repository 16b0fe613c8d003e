"""`rasad alerts` and `rasad backup`: what is wrong is listed, who would be told is tried, and all of it comes back."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from app.cli.main import app
from app.store.alerts import add_messages, begin_alert, change_alert, note_message
from app.store.engine import writing
from measurements.campaigns.alerts import Alert, Severity
from measurements.results.outcome import Label
from tests.agreeing import Parties
from tests.databases import MakeDatabase
from tests.ingesting import environment
from tests.receiving import TOKEN, webhook

AT = 1_800_000_000


def run(url: str, *arguments: str, **settings: str) -> Result:
    return CliRunner().invoke(app, arguments, env={**environment(url), **settings})


def test_alerts_are_listed_with_what_could_not_be_told(database_url: str, engine: Engine) -> None:
    assert "nothing is wrong" in run(database_url, "alerts", "list").stderr
    with writing(engine) as connection:
        for key in ("disk", "credits"):
            held = begin_alert(connection, Label.MEASURED, Alert(key, Severity.WARNING, f"About {key}."), AT)
            add_messages(connection, Label.MEASURED, [("x", None), ("y", None)], "-", "-", AT, alert_id=held.alert_id)
        change_alert(connection, 1, ended_at=AT + 60)
        note_message(connection, 3, failure="json: it answered 503", n_tries=1)
        note_message(connection, 4, sent_at=AT)

    [now] = json.loads(run(database_url, "alerts", "list", "--json").stdout)["alerts"]
    ever = json.loads(run(database_url, "alerts", "list", "--all", "--json").stdout)["alerts"]

    assert (now["key"], now["n_told"], now["n_undelivered"]) == ("credits", 1, 1)
    assert now["failure"] == "json: it answered 503"
    assert [(one["key"], one["is_open"]) for one in ever] == [("credits", True), ("disk", False)]
    assert "About" not in run(database_url, "alerts", "list").stderr


@pytest.mark.parametrize(("is_away", "words", "code"), [(False, "delivered", 0), (True, "json: it answered 503", 1)])
def test_whoever_would_be_told_is_tried(
    make_sqlite_database: MakeDatabase, *, is_away: bool, words: str, code: int
) -> None:
    with webhook() as hook:
        hook.is_away = is_away
        done = run(make_sqlite_database(), "alerts", "test", RASAD_ALERT_URLS=hook.address)
        assert hook.n_asked == 1
    assert done.exit_code == code
    assert f"RASAD_ALERT_URLS, address 1: {words}" in done.stderr
    assert TOKEN not in done.output


def test_that_nobody_would_be_told_is_said(make_sqlite_database: MakeDatabase) -> None:
    done = run(make_sqlite_database(), "alerts", "test")
    assert (done.exit_code, "RASAD_ALERT_URLS" in done.stderr) == (1, True)


def test_a_backup_comes_back_by_commands(
    database_url: str, engine: Engine, make_database: MakeDatabase, tmp_path: Path
) -> None:
    Parties(engine).agree()
    file, other = tmp_path / "one.backup", make_database()
    first = run(database_url, "backup", str(file), "--json", RASAD_DATA_DIR=str(tmp_path / "first"))
    assert first.exit_code == 0, first.output
    back = run(other, "restore", str(file), "--json", RASAD_DATA_DIR=str(tmp_path / "second"))
    assert back.exit_code == 0, back.output
    assert json.loads(back.stdout) == {"manifest": json.loads(first.stdout), "n_erased": 0, "missing": []}
    again = run(other, "restore", str(file), RASAD_DATA_DIR=str(tmp_path / "second"))
    assert again.exit_code == 1
    assert "--replace" in again.stderr
