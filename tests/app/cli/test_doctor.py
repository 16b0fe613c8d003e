"""`rasad doctor`: each thing that can be wrong is found, with what to do."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from app.cli.main import app
from app.operations.examine import Verdict, examine_surroundings, examine_zones, judge_skew
from app.settings import Settings
from app.signing import load_or_make_key
from app.store.engine import writing
from app.store.migrate import downgrade
from app.store.vital_signs import Sign, note_signs
from measurements.results.outcome import Label
from measurements.units import seconds
from tests.agreeing import Parties
from tests.clocks import RunningClock
from tests.delivering import change
from tests.ingesting import environment
from tests.rehearsing import rehearsing
from tests.running import free_port

Found = dict[str, tuple[str, str]]
"""Name -> verdict, and words with what to do."""


class _Dated(BaseHTTPRequestHandler):
    ahead_s = 0.0

    def do_HEAD(self) -> None:
        self.send_response_only(401)
        self.send_header("Date", formatdate(RunningClock().now().timestamp() + self.ahead_s, usegmt=True))
        self.end_headers()

    def do_GET(self) -> None:
        content = b'{"error": {"status": 403, "code": 104, "title": "Forbidden", "detail": "not with this key"}}'
        self.send_response_only(403)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


@contextmanager
def platform(ahead_s: float = 0) -> Iterator[str]:
    """Something that answers as RIPE Atlas does without a key, by its own clock."""
    handler = type("Handler", (_Dated,), {"ahead_s": ahead_s})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def examined(url: str, folder: Path, *, code: int, **settings: str) -> Found:
    told = {**environment(url), "RASAD_DATA_DIR": str(folder)}
    with platform() as atlas:
        done = CliRunner().invoke(app, ["doctor", "--json"], env={**told, "RASAD_ATLAS_URL": atlas, **settings})
    assert done.exit_code == code, done.output
    findings = json.loads(done.stdout)["findings"]
    return {one["name"]: (one["verdict"], f"{one['words']} → {one['remedy']}") for one in findings}


def test_where_all_is_well_nothing_fails(database_url: str, tmp_path: Path) -> None:
    found = examined(database_url, tmp_path, code=0)
    wrong = {name for name, (verdict, _) in found.items() if verdict != "ok"}
    assert wrong <= {"worker", "backups", "alerts", "disk", "file permissions"}
    assert found["clock (RIPE Atlas)"] == ("ok", "the clocks agree → ")
    assert ("clock (the database)" in found) == database_url.startswith("postgresql")


def test_a_database_that_is_not_there_or_behind(database_url: str, tmp_path: Path) -> None:
    downgrade(database_url, "base")
    verdict, words = examined(database_url, tmp_path, code=1)["database"]
    assert verdict == "fail"
    assert "rasad db upgrade" in words


def test_an_audit_that_was_tampered_with(database_url: str, engine: Engine, tmp_path: Path) -> None:
    Parties(engine).agree()
    assert examined(database_url, tmp_path, code=0)["audit"][0] == "ok"
    if engine.dialect.name == "postgresql":
        change(engine, "ALTER TABLE audit_entries DISABLE TRIGGER ALL")
    else:
        with writing(engine) as connection:
            names = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entries'"
            for name in list(connection.exec_driver_sql(names).scalars()):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
    change(engine, "UPDATE audit_entries SET reason = 'another' WHERE number = (SELECT max(number) FROM audit_entries)")
    verdict, words = examined(database_url, tmp_path, code=1)["audit"]
    assert verdict == "fail"
    assert "rasad audit verify" in words


def test_work_without_a_worker(database_url: str, engine: Engine, tmp_path: Path) -> None:
    parties = Parties(engine)
    parties.dispatched(parties.agree())
    with rehearsing() as atlas:
        practice = {"RASAD_ATLAS_IS_REHEARSAL": "1", "RASAD_ATLAS_URL": atlas.http}
        found = examined(database_url, tmp_path, code=1, **practice)
        assert found["worker"][0] == "fail"
        assert found["stream"][0] == "warn"
        with writing(engine) as connection:
            signs = {Sign.ALIVE: 1, Sign.STREAM_CONNECTED: 1}
            note_signs(connection, Label.REHEARSED, "a", signs, seconds(RunningClock().now()))
        found = examined(database_url, tmp_path, code=0, **practice)
    assert (found["worker"][0], found["stream"][0], found["RIPE Atlas"][0]) == ("ok", "ok", "ok")


def test_an_atlas_that_is_away_or_lives_at_another_time(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/none.db"
    away = examined(url, tmp_path, code=1, RASAD_ATLAS_URL=f"http://127.0.0.1:{free_port()}")
    assert away["RIPE Atlas"][0] == "fail"
    for ahead_s, verdict in ((-3600, "fail"), (20, "warn")):
        with platform(ahead_s) as address:
            found = examined(url, tmp_path, code=1, RASAD_ATLAS_URL=address)
        assert found["clock (RIPE Atlas)"][0] == verdict
        assert "NTP" in found["clock (RIPE Atlas)"][1]


def test_a_key_that_may_not_read_credits(database_url: str, tmp_path: Path) -> None:
    """It is told which grant it lacks, and never what it is."""
    key = "9d3b7a52-8c41-4e6f-a1d0-5b72c9e48f16"
    found = examined(database_url, tmp_path, code=1, RASAD_ATLAS_READ_KEY=key)
    assert found["key that reads"][0] == "fail"
    assert "credits" in found["key that reads"][1]
    assert found["keys"][0] == "warn"
    assert "RASAD_ATLAS_STOP_KEY" in found["keys"][1]
    assert key not in str(found)


def test_alerts_that_could_reach_nobody(database_url: str, tmp_path: Path) -> None:
    address = "nonsense://secret-token"
    found = examined(database_url, tmp_path, code=1, RASAD_ALERT_URLS=address)
    assert found["alerts"][0] == "fail"
    assert "secret-token" not in str(found)
    assert examined(database_url, tmp_path, code=0, RASAD_ALERT_URLS="json://127.0.0.1/")["alerts"][0] == "ok"


def test_surroundings_that_are_not_as_they_should_be(tmp_path: Path) -> None:
    """Python, a key that others may read, a folder that is not there, backups that are overdue, one key for all."""
    folder = tmp_path / "data"
    settings = Settings(
        data_dir=folder, audit_key_file=tmp_path / "key.pem", backup_folder=tmp_path,
        atlas_key="9d3b7a52-8c41-4e6f-a1d0-5b72c9e48f16",
    )  # fmt: skip
    load_or_make_key(settings.audit_key_file)
    settings.audit_key_file.chmod(0o644)
    found = {one.name: one for one in examine_surroundings(settings, 1_800_000_000, (3, 10, 2))}
    assert {name: one.verdict.value for name, one in found.items()} == {
        "Python": "fail", "time zones": "ok", "secrets": "fail", "keys": "warn", "data folder": "fail",
        "file permissions": "fail", "disk": "warn", "backups": "fail",
    }  # fmt: skip
    assert all(one.remedy for one in found.values() if one.verdict is not Verdict.OK)


def test_zones_that_nobody_knows() -> None:
    assert examine_zones(("Asia/Dushanbe", "Mars/Olympus"))[1] is Verdict.FAIL


@pytest.mark.parametrize(("skew_s", "verdict"), [(0, "ok"), (-2, "ok"), (3, "warn"), (-60, "warn"), (61, "fail")])
def test_a_clock_that_is_off(skew_s: float, verdict: str) -> None:
    found = judge_skew("the database", skew_s)
    assert found.verdict == verdict
    assert verdict == "ok" or ("behind" in found.words) == (skew_s < 0)


def test_people_are_told_line_by_line(database_url: str, tmp_path: Path) -> None:
    with platform() as atlas:
        told = {**environment(database_url), "RASAD_DATA_DIR": str(tmp_path), "RASAD_ATLAS_URL": atlas}
        done = CliRunner().invoke(app, ["doctor"], env=told)
    assert "ok    Python: " in done.stderr
    assert "warn  worker: none is alive; there is nothing to do yet → start `rasad worker`" in done.stderr
    assert done.stdout == ""
