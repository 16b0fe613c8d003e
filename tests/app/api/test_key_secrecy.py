"""Keys are told to nobody: not in logs, errors, answers or rows; and what a client says of itself is not believed."""

import io
import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select, text
from structlog.testing import capture_logs

from app.logs import set_up_logs
from app.operations import key_secrets
from app.operations.key_secrets import make_key
from app.operations.recognise_key import LIMITS
from app.settings import LogFormat, LogLevel, Settings
from app.store.engine import reading, writing
from app.store.tables import metadata
from app.store.wrong_tries import Kind
from tests.app.people import Member, bearer, wrong
from tests.clocks import ManualClock
from tests.running import serving

ME = "/api/v1/me"
FORGED = {"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.8", "X-Real-IP": "203.0.113.9"}


@pytest.mark.acceptance("agreement.7")
def test_no_key_is_in_any_log_error_answer_or_row(
    keyed_service: FastAPI, engine: Engine, people: dict[str, Member], clock: ManualClock
) -> None:
    """At the loudest level, with every statement and the traceback of a bug; however a key was sent."""
    told = io.StringIO()
    set_up_logs(LogLevel.DEBUG, LogFormat.JSON, told)
    key, lost = people["representative"].key, make_key(77).key
    answers = []
    with TestClient(keyed_service, raise_server_exceptions=False) as keyed_client:
        headers = {**bearer(key), "Idempotency-Key": "1"}
        content = {"name": "laptop", "scopes": ["read"]}
        issued = keyed_client.post("/api/v1/people/2/keys", json=content, headers=headers).json()["key"]
        for sent in (key, issued, lost, key[:-1] + "~"):
            answers += [
                keyed_client.get(path, headers=bearer(sent)) for path in (ME, "/api/v1/people", "/api/v1/targets")
            ]
            answers.append(keyed_client.get("/api/v1/targets", params={"key": sent}))
            answers.append(keyed_client.post("/api/v1/people", json={"name": sent, "key": sent}, headers=headers))
            answers.append(keyed_client.get(ME, headers={"Authorization": f"Basic {sent}"}))
        clock.advance(3600)
        with writing(engine) as connection:
            connection.execute(text("ALTER TABLE designations RENAME TO gone"))
        broken = keyed_client.get(ME, headers=bearer(key))
        with writing(engine) as connection:
            connection.execute(text("ALTER TABLE gone RENAME TO designations"))

    assert broken.status_code == 500
    assert "request failed" in told.getvalue()
    with reading(engine) as connection:
        rows = [str(list(connection.execute(select(table)))) for table in metadata.sorted_tables]
    places = [told.getvalue(), *rows, *(answer.text + str(answer.headers) for answer in [*answers, broken])]
    for secret in (key, issued, lost):
        random_part = re.sub(r"^rsd_\d+_", "", secret)[key_secrets.SHOWN_CHARACTERS :]
        assert not any(random_part in place for place in places)
    made = make_key(1)
    assert made.key not in repr(made)


@pytest.mark.acceptance("agreement.7")
def test_a_forged_header_of_a_proxy_is_not_looked_at(database_url: str, open_engine: Callable[[str], Engine]) -> None:
    """Of the real service: whatever a client says of where it is, it is counted where it is."""
    with serving(database_url) as keyed_client:
        statuses = [
            keyed_client.get(ME, headers={**wrong(1000 + number), **FORGED, "X-Forwarded-For": f"203.0.113.{number}"})
            for number in range(LIMITS[Kind.ADDRESS].n_tries + 1)
        ]
    with reading(open_engine(database_url)) as connection:
        found = connection.execute(text("SELECT DISTINCT subject FROM wrong_tries WHERE kind = 'address'")).scalars()
        assert list(found) == ["127.0.0.1"]
    assert [answer.status_code for answer in statuses] == [401] * LIMITS[Kind.ADDRESS].n_tries + [429]


@pytest.mark.acceptance("agreement.7")
def test_there_is_no_secret_that_could_be_short_or_a_default() -> None:
    """Every secret that can be set belongs to somebody else and is unset; the service needs none of its own."""
    secrets = [name for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)]

    assert {Settings.model_fields[name].default for name in secrets} == {None}
    others = {"key", "alert_urls", "reminder_urls"}
    assert all(name in others or name.startswith("atlas_") for name in secrets)


def test_a_lock_out_is_logged_for_whoever_runs_the_service(keyed_client: TestClient, people: dict[str, Member]) -> None:
    """Once, with what was locked out."""
    with capture_logs() as lines:
        for _ in range(LIMITS[Kind.KEY].n_tries + 3):
            keyed_client.get(ME, headers=wrong(people["reader"].key_id))

    told = [(line["by"], line["who"]) for line in lines if line["log_level"] == "warning"]
    assert told == [("key", str(people["reader"].key_id))]
