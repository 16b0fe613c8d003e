"""`rasad status`: one screen, a word for how it is, and an exit code that says the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from app.cli.main import app
from app.cli.output import LEAST_PROSE
from app.store.alerts import begin_alert, change_alert
from app.store.engine import writing
from app.store.vital_signs import EVERYBODYS, Sign, note_signs
from measurements.campaigns.alerts import Alert, Severity
from measurements.results.outcome import Label
from measurements.units import seconds
from tests.agreeing import Parties
from tests.clocks import RunningClock
from tests.ingesting import environment
from tests.running import free_port, serving


def ask(url: str, *more: str, **settings: str) -> Result:
    told = {**environment(url), "RASAD_PORT": str(free_port()), "COLUMNS": "100", **settings}
    return CliRunner().invoke(app, ["status", *more], env=told)


def told(url: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(ask(url, "--json").stdout)
    return answer


def here() -> int:
    return seconds(RunningClock().now())


def test_a_service_that_has_nothing_to_do_is_well(database_url: str) -> None:
    done = ask(database_url)
    assert done.exit_code == 0
    assert "Rasad is well" in done.stdout
    assert "does not answer" in done.stdout
    assert "none is alive" in done.stdout
    assert LEAST_PROSE < max(map(len, done.stdout.splitlines())) <= 100


def test_work_without_a_worker_is_critical(database_url: str, engine: Engine) -> None:
    """And well again as soon as one says that it lives."""
    parties = Parties(engine)
    parties.dispatched(parties.agree())
    done = ask(database_url)
    assert done.exit_code == 1
    assert "none is alive, and there is work: rasad worker" in done.stdout
    with writing(engine) as connection:
        note_signs(connection, Label.REHEARSED, "a", {Sign.ALIVE: 1, Sign.STREAM_CONNECTED: 1}, here())
        note_signs(connection, Label.REHEARSED, EVERYBODYS, {Sign.BALANCE: 9_000, Sign.SPENT_PAST_DAY: 70}, here())

    done, answer = ask(database_url), told(database_url)

    assert (done.exit_code, answer["health"]) == (0, "well")
    for words in ("alive, the stream is open", "9,000;", "1 running", "dispatch 1 ends", "200000001"):
        assert words in done.stdout, words
    [rehearsed] = [one for one in answer["labels"] if one["label"] == "rehearsed"]
    assert [one["n_expected"] is not None for one in rehearsed["followed"]] == [True]
    assert sum(answer["agreements"].values()) == 1
    times = [one["at"] for one in answer["next"]]
    assert times == sorted(times)
    assert min(times) > answer["checked_at"]


@pytest.mark.parametrize(("severity", "code"), [(Severity.WARNING, 3), (Severity.CRITICAL, 1)])
def test_an_alert_is_shown_and_told_by_the_exit_code(
    database_url: str, engine: Engine, severity: Severity, code: int
) -> None:
    with writing(engine) as connection:
        held = begin_alert(connection, Label.MEASURED, Alert("disk", severity, "The disk is full."), 1_800_000_000)
    done = ask(database_url)
    assert (done.exit_code, told(database_url)["health"]) == (code, severity.value)
    assert "The disk is full." in done.stdout
    with writing(engine) as connection:
        change_alert(connection, held.alert_id, ended_at=1_800_000_001)
    assert ask(database_url).exit_code == 0


def test_a_database_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    done = ask(f"sqlite:///{tmp_path}/nowhere.db")
    assert done.exit_code == 1
    assert "Rasad is down" in done.stdout
    assert "rasad db upgrade" in " ".join(done.stdout.split())
    answer = json.loads(ask(f"sqlite:///{tmp_path}/nowhere.db", "--json").stdout)
    assert (answer["health"], answer["service"]["is_up"]) == ("down", False)
    assert not (tmp_path / "nowhere.db").exists()


def test_a_service_that_answers_is_found(make_sqlite_database: Any) -> None:
    url = make_sqlite_database()
    with serving(url) as client:
        done = ask(url, RASAD_PORT=str(client.base_url.port))
    assert f"answers at http://127.0.0.1:{client.base_url.port}" in done.stdout


def test_a_rehearsal_that_is_away_does_not_keep_the_rest_from_being_shown(database_url: str) -> None:
    done = ask(database_url, RASAD_ATLAS_IS_REHEARSAL="1", RASAD_ATLAS_URL=f"http://127.0.0.1:{free_port()}")
    assert done.exit_code == 0, done.stdout
    assert "worker (rehearsed)" in done.stdout
